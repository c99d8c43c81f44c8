/** Copies on this machine of blobs that are elsewhere: fetched when they are wanted, those not wanted for longest go. */
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_COPIES_BYTES_MAX, LOCAL_COPY_KEPT_MS } from '../software-limits.ts';
import { isSha256 } from './blobs.ts';
import { prepareSpool, spool } from './spool.ts';

export interface LocalCopies {
  /** The path of the copy. @param open the content, where there is no copy yet; undefined where there is none at all */
  path(sha256: string, open: () => Promise<ReadableStream<Uint8Array> | undefined>): Promise<string | undefined>;
}

export async function openLocalCopies(folder: string, bytesMax = LOCAL_COPIES_BYTES_MAX): Promise<LocalCopies> {
  const incoming = join(folder, 'new');
  await prepareSpool(incoming);
  const fetching = new Map<string, Promise<string | undefined>>();

  async function fetch(
    sha256: string,
    open: () => Promise<ReadableStream<Uint8Array> | undefined>,
  ): Promise<string | undefined> {
    const path = join(folder, sha256);
    const now = new Date();
    const isThere = await utimes(path, now, now).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
    const content = await open();
    if (!content) return undefined;
    const arriving = join(incoming, randomUUID());
    await spool(content, arriving, { sha256 });
    await rename(arriving, path);
    await makeRoom();
    return path;
  }

  /** Who reads a copy goes on when it is deleted; one that was asked for just now may not be open yet. */
  async function makeRoom(): Promise<void> {
    const names = (await readdir(folder)).filter(isSha256);
    const copies = await Promise.all(names.map(async (name) => ({ name, ...(await sizeAndTime(join(folder, name))) })));
    let bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0);
    for (const { name, ...copy } of copies.toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (bytes <= bytesMax || copy.usedMs > Date.now() - LOCAL_COPY_KEPT_MS) return;
      await rm(join(folder, name), { force: true });
      bytes -= copy.bytes;
    }
  }

  return {
    path(sha256, open) {
      let one = fetching.get(sha256);
      if (!one) {
        one = fetch(sha256, open).finally(() => fetching.delete(sha256));
        fetching.set(sha256, one);
      }
      return one;
    },
  };
}

async function sizeAndTime(path: string): Promise<{ bytes: number; usedMs: number }> {
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, usedMs: mtimeMs };
}
