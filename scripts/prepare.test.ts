// Prepares a small repository of its own, in which the basemap is one file and nothing needs to be installed.
import { afterAll, beforeEach, expect, test } from 'bun:test';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const base = mkdtempSync(join(tmpdir(), 'lovely-prepare-'));
const output = 'packages/ui/dist-basemap/world';
let root = '';

afterAll(() => rmSync(base, { recursive: true, force: true }));

beforeEach(() => {
  root = mkdtempSync(join(base, 'clone-'));
  for (const folder of ['scripts', 'node_modules/.bin', 'packages/ui/basemap'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const name of ['prepare.mjs', 'prepare-lock.mjs'])
    cpSync(join(import.meta.dir, name), join(root, 'scripts', name));
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/bun'));
  write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } }));
  write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  write('packages/ui/basemap/source', 'one');
  write(
    'packages/ui/basemap/build.ts',
    `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
     const root = ${JSON.stringify(root)};
     appendFileSync(root + '/builds', '.');
     while (existsSync(root + '/hold')) await Bun.sleep(10);
     await Bun.write(process.argv[3] + '/world', readFileSync(root + '/packages/ui/basemap/source'));`,
  );
});

test('what is generated is built once, and again when a source changes', async () => {
  expect(await prepare()).toContain('prepare: basemap built in');
  expect(read(output)).toBe('one');
  expect(await prepare()).toBe('');
  write('packages/ui/basemap/source', 'two');
  await prepare();
  expect(read(output)).toBe('two');
  expect(read('builds')).toBe('..');
});

test('an interrupted build leaves no output and is done again', async () => {
  write('hold', '');
  const first = start();
  await waitUntil(() => existsSync(join(root, 'builds')));
  first.kill('SIGTERM');
  expect(await first.exited).toBe(1);
  expect(existsSync(join(root, output))).toBeFalse();
  rmSync(join(root, 'hold'));
  await prepare();
  expect(read(output)).toBe('one');
});

test('the lock of a prepare that was killed is not in the way', async () => {
  write('hold', '');
  const first = start();
  await waitUntil(() => existsSync(join(root, 'builds')));
  first.kill('SIGKILL');
  await first.exited;
  rmSync(join(root, 'hold'));
  await prepare();
  expect(read(output)).toBe('one');
});

test('of two prepares at once one builds and the other waits', async () => {
  write('hold', '');
  const first = start();
  await waitUntil(() => existsSync(join(root, 'builds')));
  const second = start();
  const text = second.stdout.getReader();
  expect(new TextDecoder().decode((await text.read()).value)).toContain('waiting for the prepare of process');
  rmSync(join(root, 'hold'));
  expect(await first.exited).toBe(0);
  expect(await second.exited).toBe(0);
  expect(read('builds')).toBe('.');
});

test('a failed build says why and is tried again', async () => {
  write('packages/ui/basemap/build.ts', 'throw new Error("no land in sight");');
  const child = start();
  expect(await child.stderr.text()).toContain('no land in sight');
  expect(await child.exited).toBe(1);
  expect(existsSync(join(root, 'packages/ui/dist-basemap'))).toBeFalse();
});

test('an installation that does not fit the lockfile is done again', async () => {
  write(
    'npm.mjs',
    "import { writeFileSync } from 'node:fs'; writeFileSync('npm-ran', process.argv.slice(2).join(' '));",
  );
  write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '0.9.0' } } }));
  await prepare();
  expect(read('npm-ran')).toStartWith('ci ');
});

function start() {
  const env = { ...process.env, npm_execpath: join(root, 'npm.mjs') };
  return Bun.spawn(['node', join(root, 'scripts/prepare.mjs')], { env, stdout: 'pipe', stderr: 'pipe' });
}

async function prepare(): Promise<string> {
  const child = start();
  const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(errors).toBe('');
  expect(await child.exited).toBe(0);
  return text;
}

async function waitUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(10);
}

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
