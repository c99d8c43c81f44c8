/** The four ways in which members of an artifact are compressed, by the end of their name. */
import { spawn } from 'node:child_process';
import { Duplex, PassThrough, Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Bytes } from './bytes.ts';
import { ArtifactError } from './error.ts';
import { XZ_MEMORY_BYTES_MAX, ZSTD_WINDOW_BYTES_MAX } from './limits.ts';

export const COMPRESSIONS = ['none', 'gzip', 'xz', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export const SUFFIXES: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', xz: '.xz', zstd: '.zst' };

/** How the member `<stem><suffix>` is compressed; undefined for a name that is none of these. */
export function compressionOf(name: string, stem: string): Compression | undefined {
  return COMPRESSIONS.find((compression) => name === stem + SUFFIXES[compression]);
}

/** Throws 'bad-compression'. Closing the result early ends what unpacks it. */
export async function* decompress(bytes: Bytes, compression: Compression): AsyncGenerator<Uint8Array> {
  if (compression === 'none') return yield* bytes;
  try {
    yield* through(bytes, openDecompressor(compression));
  } catch (cause) {
    if (cause instanceof ArtifactError) throw cause;
    throw new ArtifactError('bad-compression', `it can't be unpacked as ${compression}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

export async function* compress(bytes: Bytes, compression: Compression): AsyncGenerator<Uint8Array> {
  if (compression === 'none') return yield* bytes;
  yield* through(bytes, openCompressor(compression));
}

/** How much memory it takes the packed bytes say: what asks for more than the limit is refused before it gets any. */
function openDecompressor(compression: Exclude<Compression, 'none'>): Duplex {
  if (compression === 'gzip') return zlib.createGunzip();
  // As an option the xz of BusyBox would refuse it.
  if (compression === 'xz') return program('env', [`XZ_OPT=--memlimit-decompress=${XZ_MEMORY_BYTES_MAX}`, 'xz', '-dc']);
  if ('createZstdDecompress' in zlib)
    return zlib.createZstdDecompress({
      params: { [zlib.constants.ZSTD_d_windowLogMax]: Math.log2(ZSTD_WINDOW_BYTES_MAX) },
    });
  return program('zstd', ['-dc', `--memory=${ZSTD_WINDOW_BYTES_MAX}`]);
}

function openCompressor(compression: Exclude<Compression, 'none'>): Duplex {
  if (compression === 'gzip') return zlib.createGzip();
  if (compression === 'zstd' && 'createZstdCompress' in zlib) return zlib.createZstdCompress();
  return program(compression, ['-c']);
}

/** What is written comes out changed. An error on either side, or an end too early, ends both. */
async function* through(bytes: Bytes, stream: Duplex): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  source.on('error', (error) => stream.destroy(error));
  source.pipe(stream);
  try {
    yield* stream as AsyncIterable<Uint8Array>;
    source.unpipe(stream);
    // Something may follow what is packed: whoever takes a checksum of it must have seen all, and nobody may read on
    // where it comes from while it is still read here.
    for await (const _ of source);
  } finally {
    source.unpipe(stream);
    source.destroy();
    stream.destroy();
  }
}

/** A program that everybody's system has, where the runtime can't do it by itself. */
function program(name: 'env' | 'xz' | 'zstd', args: string[]): Duplex {
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(0, 500)));
  const output = new PassThrough();
  child.stdout.pipe(output, { end: false });
  child.once('error', (error) => output.destroy(error));
  child.stdin.on('error', () => undefined);
  child.once('close', (status) => {
    if (status === 0) output.end();
    else output.destroy(new Error(complaint.trim() || `${name} ended with ${status}`));
  });
  return Duplex.from({ writable: child.stdin, readable: output }).once('close', () => child.kill());
}
