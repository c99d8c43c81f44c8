import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from './log.ts';
import { makePrivate } from './private-files.ts';

const log = createLog('silent');
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lovely-private-'));
});
afterEach(async () => await rm(dataDir, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(join(dataDir, path))).mode & 0o777).toString(8);

test('what was loosened is tightened at the start, and what is tighter stays', async () => {
  await mkdir(join(dataDir, 'tls'), { mode: 0o755 });
  await mkdir(join(dataDir, 'postgres'), { mode: 0o700 });
  await mkdir(join(dataDir, 'blobs'));
  for (const path of ['tls/ca.pem', 'tls/server.pem', 'postgres/password']) {
    await writeFile(join(dataDir, path), 'secret');
    await chmod(join(dataDir, path), 0o644);
  }
  await chmod(join(dataDir, 'tls/server.pem'), 0o400);
  await chmod(join(dataDir, 'blobs'), 0o777);
  await chmod(dataDir, 0o777);
  await makePrivate(dataDir, log);
  expect(await modeOf('.')).toBe('711');
  expect(await modeOf('tls')).toBe('700');
  expect(await modeOf('tls/ca.pem')).toBe('600');
  expect(await modeOf('tls/server.pem')).toBe('400');
  expect(await modeOf('postgres')).toBe('700');
  expect(await modeOf('postgres/password')).toBe('600');
  expect(await modeOf('blobs')).toBe('700');
});

test('a data folder that is not there is made, and a key that is a link is refused', async () => {
  dataDir = join(dataDir, 'new');
  await makePrivate(dataDir, log);
  expect(await modeOf('.')).toBe('711');
  await mkdir(join(dataDir, 'tls'));
  await symlink('/etc/hostname', join(dataDir, 'tls/ca.pem'));
  expect(await makePrivate(dataDir, log).catch((error: Error) => error.message)).toContain('is a symbolic link');
});
