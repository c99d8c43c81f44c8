/** Writes content to a file while it streams in, and tells its hash: only then is it known where it belongs. */
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOB_LEFTOVER_MS } from '../limits.ts';
import { BlobError, checkSha256, type PutOptions, type StoredBlob } from './blobs.ts';

/** Makes the folder for spooling, and removes from it what nobody writes any more. */
export async function prepareSpool(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(join(folder, name));
    if (mtimeMs < Date.now() - BLOB_LEFTOVER_MS) await rm(join(folder, name), { force: true, recursive: true });
  }
}

/**
 * When it resolves the content is on the disk, also after a power cut; when it rejects there is no file.
 * @param path must not exist yet
 */
export async function spool(
  content: AsyncIterable<Uint8Array>,
  path: string,
  options: PutOptions,
): Promise<StoredBlob> {
  const { bytesMax = Infinity, signal } = options;
  if (options.sha256 !== undefined) checkSha256(options.sha256);
  signal?.throwIfAborted();
  const hasher = new Bun.CryptoHasher('sha256');
  let bytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content) {
      signal?.throwIfAborted();
      bytes += chunk.length;
      if (bytes > bytesMax) throw new BlobError('too-large', `more than ${bytesMax} bytes`);
      hasher.update(chunk);
      await file.writeFile(chunk);
    }
    const sha256 = hasher.digest('hex');
    if (options.sha256 !== undefined && options.sha256 !== sha256)
      throw new BlobError('mismatch', `the content has the SHA-256 ${sha256}, expected was ${options.sha256}`);
    await file.sync();
    await options.known?.({ sha256, bytes });
    await file.close();
    return { sha256, bytes };
  } catch (error) {
    await file.close();
    await rm(path);
    throw error;
  }
}
