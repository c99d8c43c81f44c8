import { afterAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../test/folder.ts';
import { readCommandLine, type Config } from './config.ts';

afterAll(removeTemporaryFolders);

const SERVER = ['--server', 'https://localhost:8443'];

function configOf(args: string[], environment: { [name: string]: string } = {}): Config {
  const commandLine = readCommandLine(args, environment);
  if (commandLine.kind !== 'run') throw new Error('expected a configuration');
  return commandLine.config;
}

function fileWith(content: unknown): string {
  const path = join(temporaryFolder(), 'client.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('a flag wins over a variable, a variable over the file, the file over the default', () => {
  const config = fileWith({ name: 'file', serial: 'file', deviceType: 'file', disks: ['/a', '/b'] });
  const variables = { LOVELY_CLIENT_CONFIG: config, LOVELY_CLIENT_NAME: 'variable', LOVELY_CLIENT_SERIAL: 'variable' };
  expect(configOf([...SERVER, '--name=flag'], variables)).toMatchObject({
    name: 'flag',
    serial: 'variable',
    deviceType: 'file',
    disks: ['/a', '/b'],
    sampleIntervalMs: 5000,
  });
});

test('the configuration is frozen', () => {
  expect(Object.isFrozen(configOf(SERVER))).toBe(true);
});

test.each([
  [['--sever', 'https://a'], {}, 'unknown flag --sever; did you mean --server?'],
  [
    SERVER,
    { LOVELY_CLIENT_DATADIR: '/x' },
    'unknown variable LOVELY_CLIENT_DATADIR; did you mean LOVELY_CLIENT_DATA_DIR?',
  ],
  [[...SERVER, '--zzzzzzzzzz', '1'], {}, 'unknown flag --zzzzzzzzzz'],
  [[], {}, '--server is missing'],
  [['--server', 'http://localhost'], {}, '--server: expected a URL that begins with https://'],
  [['--server'], {}, '--server needs a value'],
  [[...SERVER, ...SERVER], {}, '--server stands twice'],
  [SERVER, { LOVELY_CLIENT_SHELLS_MAX: 'many' }, 'LOVELY_CLIENT_SHELLS_MAX: expected an integer from 0 to 256'],
  [[...SERVER, '--config', '/nonexistent.json'], {}, '/nonexistent.json'],
] as [string[], { [name: string]: string }, string][])('%p with %p is refused', (args, environment, message) => {
  expect(() => readCommandLine(args, environment)).toThrow(message);
});

test('an unknown key of the file is refused with the nearest known one', () => {
  expect(() => configOf([...SERVER, '--config', fileWith({ logformat: 'json' })])).toThrow('did you mean logFormat?');
});

test('a bad value is not repeated, as it may be a secret', () => {
  expect(() => configOf([...SERVER, '--proxy', 'https://user:secret@proxy'])).toThrow(/^(?!.*secret)/);
});

test('the proxy that every program knows is used, unless NO_PROXY names the server', () => {
  const proxy = { HTTPS_PROXY: 'http://proxy:3128' };
  expect(configOf(SERVER, proxy).proxy).toBe('http://proxy:3128');
  expect(configOf(SERVER, { ...proxy, NO_PROXY: 'example.com, localhost' }).proxy).toBeUndefined();
  expect(configOf(SERVER, { ...proxy, LOVELY_CLIENT_PROXY: 'http://own:1' }).proxy).toBe('http://own:1');
  expect(configOf(['--server', 'https://a.example.com'], { ...proxy, NO_PROXY: '.example.com' }).proxy).toBeUndefined();
});

test('help names every setting with its default', () => {
  const help = readCommandLine(['--help'], {});
  if (help.kind !== 'help') throw new Error('expected help');
  for (const line of ['--data-dir DIR', '--sample-interval-ms MS', '(default 5000)', '--server URL'])
    expect(help.text).toContain(line);
});
