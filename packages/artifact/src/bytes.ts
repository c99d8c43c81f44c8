/** Reads a stream of chunks in pieces of the sizes that a format asks for. */
import { ArtifactError } from './error.ts';

export type Bytes = AsyncIterable<Uint8Array>;

export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(bytes: Bytes) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** How many bytes have been read. */
  get offset(): number {
    return this.#offset;
  }

  /** At most `max` bytes and at least one; undefined at the end. The bytes are valid until the next read. */
  async some(max: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(piece.length);
    this.#offset += piece.length;
    return piece;
  }

  /** Exactly `length` bytes, of their own; undefined where the stream ends before the first. Throws 'truncated'. */
  async exactly(length: number): Promise<Uint8Array | undefined> {
    const result = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const piece = await this.some(length - filled);
      if (piece === undefined) {
        if (filled === 0) return undefined;
        throw new ArtifactError('truncated', `it ends after ${this.#offset} bytes, in the middle of something`);
      }
      result.set(piece, filled);
      filled += piece.length;
    }
    return result;
  }

  /** The next `length` bytes as they come. Throws 'truncated'. */
  async *upTo(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      const piece = await this.some(left);
      if (piece === undefined)
        throw new ArtifactError('truncated', `it ends after ${this.#offset} bytes, ${left} bytes too early`);
      left -= piece.length;
      yield piece;
    }
  }

  /** Lets go of where the bytes come from. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** All of it, as long as it is no more than `bytesMax`. Throws 'too-large'. */
export async function collect(bytes: Bytes, bytesMax: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > bytesMax) throw new ArtifactError('too-large', `${what} is larger than ${bytesMax} bytes`);
    chunks.push(chunk.slice());
  }
  const result = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}
