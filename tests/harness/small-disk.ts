/** A file system of 8 MB that a test may fill. Needs root. */
import { mkdtemp, rm } from 'node:fs/promises';

const BYTES = 8 * 1024 * 1024;

export async function smallDisk(): Promise<{ readonly path: string; readonly bytes: number } & AsyncDisposable> {
  // Not where tests are in memory: what is mounted below /dev is no disk to a gateway.
  const path = await mkdtemp('/tmp/lovely-disk-');
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
