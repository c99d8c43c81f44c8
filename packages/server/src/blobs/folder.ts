/**
 * Blobs in a folder that several processes may share:
 *
 *     <folder>/3f/3fa9…     content, 256 folders by the first two digits
 *     <folder>/new/<uuid>   content that is still streaming in
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSha256, isSha256, type Blobs, type PutOptions, type StoredBlob } from './blobs.ts';
import { prepareSpool, spool } from './spool.ts';

/** Makes the folder if it isn't there. */
export async function openFolderBlobs(folder: string): Promise<Blobs> {
  const incoming = join(folder, 'new');
  await prepareSpool(incoming);
  return new FolderBlobs(folder, incoming);
}

class FolderBlobs implements Blobs {
  readonly #folder: string;
  readonly #incoming: string;

  constructor(folder: string, incoming: string) {
    this.#folder = folder;
    this.#incoming = incoming;
  }

  async put(content: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<StoredBlob> {
    const path = join(this.#incoming, randomUUID());
    const blob = await spool(content, path, options);
    const shard = this.#shard(blob.sha256);
    const isNew = (await mkdir(shard, { recursive: true, mode: 0o700 })) !== undefined;
    await rename(path, join(shard, blob.sha256));
    await syncFolder(shard);
    if (isNew) await syncFolder(this.#folder);
    return blob;
  }

  async get(
    sha256: string,
    range: { start?: number; end?: number } = {},
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const file = Bun.file(this.#path(sha256));
    return (await file.exists()) ? file.slice(range.start ?? 0, range.end ?? file.size).stream() : undefined;
  }

  async localPath(sha256: string): Promise<string | undefined> {
    const path = this.#path(sha256);
    return (await sizeOf(path)) === undefined ? undefined : path;
  }

  async find(sha256: string): Promise<StoredBlob | undefined> {
    const bytes = await sizeOf(this.#path(sha256));
    return bytes === undefined ? undefined : { sha256, bytes };
  }

  async delete(sha256: string): Promise<void> {
    await rm(this.#path(sha256), { force: true });
  }

  async *list(): AsyncIterable<StoredBlob> {
    for (const shard of await readdir(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      for (const sha256 of await readdir(join(this.#folder, shard))) {
        const bytes = isSha256(sha256) ? await sizeOf(join(this.#folder, shard, sha256)) : undefined;
        if (bytes !== undefined) yield { sha256, bytes };
      }
    }
  }

  async tidy(): Promise<void> {
    await prepareSpool(this.#incoming);
  }

  #path(sha256: string): string {
    checkSha256(sha256);
    return join(this.#shard(sha256), sha256);
  }

  #shard(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2));
  }
}

/** Undefined where there is no such file, or no longer. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a new name in the folder last, also after a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
