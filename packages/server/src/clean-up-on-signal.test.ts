import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = `
  import { rmSync } from 'node:fs';
  import { cleanUpOnSignal } from '${join(import.meta.dir, 'clean-up-on-signal.ts')}';
  const [, folder, forgotten] = process.argv;
  cleanUpOnSignal(async () => {
    await Bun.sleep(100);
    rmSync(folder, { recursive: true });
  });
  cleanUpOnSignal(async () => rmSync(forgotten, { recursive: true }))();
  console.log('ready');
  setInterval(() => undefined, 1000);
`;

test('a process that is told twice to end cleans up first, but not what was cleaned up before', async () => {
  const folders = [await mkdtemp(join(tmpdir(), 'lovely-held-')), await mkdtemp(join(tmpdir(), 'lovely-forgotten-'))];
  const child = Bun.spawn([process.execPath, '-e', PROGRAM, ...folders], { stdout: 'pipe', stderr: 'inherit' });
  for await (const _ of child.stdout) break;
  child.kill('SIGTERM');
  child.kill('SIGTERM');
  expect(await child.exited).toBe(143);
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, true]);
  await Bun.$`rmdir ${folders[1]}`;
}, 30_000);
