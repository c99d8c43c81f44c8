/** Writes an image onto a partition, and reads it back. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { IMAGE_BLOCK_BYTES, IMAGE_SYNC_BYTES } from '../../limits.ts';

export interface Image {
  readonly bytes: number;
  /** Small hex digits. */
  readonly sha256: string;
}

export interface ImageOptions {
  readonly signal: AbortSignal;
  /** Called now and then with how much is done. */
  progress(bytes: number): void;
}

/**
 * Resolves when all of it is on the medium. Blocks that are there already are not written again, which spares flash; a
 * partition that is in use the kernel refuses to open (EBUSY).
 */
export async function writeImage(
  path: string,
  content: AsyncIterable<Uint8Array>,
  { signal, progress }: ImageOptions,
): Promise<Image> {
  const file = await open(path, constants.O_RDWR | constants.O_EXCL);
  try {
    const hash = createHash('sha256');
    const present = Buffer.alloc(IMAGE_BLOCK_BYTES);
    let bytes = 0;
    let unsynchronised = 0;
    for await (const block of blocksOf(content)) {
      signal.throwIfAborted();
      hash.update(block);
      // A sector that can't be read, as a power cut may leave one, can be written all the same.
      const read = await readFully(file, present.subarray(0, block.length), bytes).catch(() => 0);
      if (read < block.length || !block.equals(present.subarray(0, block.length))) {
        await writeFully(file, block, bytes);
        unsynchronised += block.length;
      }
      bytes += block.length;
      if (unsynchronised >= IMAGE_SYNC_BYTES) {
        await file.datasync();
        unsynchronised = 0;
      }
      progress(bytes);
    }
    await file.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** Of so many bytes from the beginning, read from the medium: when nobody has a partition open, the kernel forgets what it read. */
export async function readImage(path: string, bytes: number, { signal, progress }: ImageOptions): Promise<Image> {
  const file = await open(path, constants.O_RDONLY | constants.O_EXCL);
  try {
    const hash = createHash('sha256');
    const block = Buffer.alloc(IMAGE_BLOCK_BYTES);
    let at = 0;
    while (at < bytes) {
      signal.throwIfAborted();
      const read = await readFully(file, block.subarray(0, Math.min(block.length, bytes - at)), at);
      if (read === 0) break;
      hash.update(block.subarray(0, read));
      at += read;
      progress(at);
    }
    return { bytes: at, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** Full blocks, and what is left at the end; each is good until the next is asked for. */
async function* blocksOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const block = Buffer.alloc(IMAGE_BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of content)
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < block.length) continue;
      yield block;
      filled = 0;
    }
  if (filled > 0) yield block.subarray(0, filled);
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function writeFully(file: FileHandle, block: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < block.length) {
    const { bytesWritten } = await file.write(block, written, block.length - written, position + written);
    written += bytesWritten;
  }
}
