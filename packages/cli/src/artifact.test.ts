import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifactCommand } from './artifact.ts';

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-cli-test-'));
  await writeFile(path('app.bin'), 'the application');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...words: string[]) => artifactCommand(words, false);
const base = () => ['name=release-7', 'device-type=house-gateway', 'type=single-file', `file=${path('app.bin')}`];

test('an artifact is made of a file, told and found whole', async () => {
  const output = path('a.mender');
  await run('write', `output=${output}`, ...base(), 'provides=app:7', 'depends=os:12', 'device-type=other');
  const told = await run('read', output);
  for (const words of ['release-7 for house-gateway, other', 'provides app = 7', 'needs os = 12', 'app.bin, 15 bytes'])
    expect(told).toContain(words);
  expect(JSON.parse(await artifactCommand(['read', output], true))).toMatchObject({ header: { name: 'release-7' } });
  expect(await run('validate', output)).toContain('is whole');
});

test('a signature is looked at with the key that is given', async () => {
  const keys = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  await writeFile(path('private.pem'), keys[0]!.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  for (const [at, { publicKey }] of keys.entries())
    await writeFile(path(`${at}.pem`), publicKey.export({ type: 'spki', format: 'pem' }));
  const output = path('signed.mender');
  await run('write', `output=${output}`, ...base(), `key=${path('private.pem')}`);
  expect(await run('validate', output, `key=${path('0.pem')}`)).toContain('signed with this key');
  expect(run('validate', output, `key=${path('1.pem')}`)).rejects.toThrow('not signed with the key');
  await run('write', `output=${output}`, ...base());
  expect(run('validate', output, `key=${path('0.pem')}`)).rejects.toThrow('is not signed');
});

test('what is missing or mistyped is told, and nothing half made is left', async () => {
  const output = `output=${path('never.mender')}`;
  expect(run()).rejects.toThrow('lovely artifact write');
  expect(run('write', output, 'name=x')).rejects.toThrow('type=… is missing');
  expect(run('write', output, ...base(), 'colour=red')).rejects.toThrow('"colour=red" is none of');
  expect(run('write', output, ...base(), 'compression=zip')).rejects.toThrow('compression is one of');
  await writeFile(path('no good name'), '');
  const refusals = [run('write', output, ...base(), `file=${path('no good name')}`), run('read', path('app.bin'))];
  const [writing, reading] = await Promise.allSettled(refusals);
  expect(String((writing as PromiseRejectedResult).reason)).toContain('file names have');
  expect(reading).toMatchObject({ status: 'rejected' });
  expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
});
