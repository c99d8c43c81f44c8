/** A file system of 8 MB that a test may fill. Needs root. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BYTES = 8 * 1024 * 1024;

export async function smallDisk(): Promise<{ readonly path: string; readonly bytes: number } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'lovely-disk-'));
  await Bun.$`mount -t tmpfs -o size=${BYTES} tmpfs ${path}`.quiet();
  return {
    path,
    bytes: BYTES,
    async [Symbol.asyncDispose]() {
      await Bun.$`umount -l ${path}`.quiet().nothrow();
      await rm(path, { recursive: true, force: true });
    },
  };
}
