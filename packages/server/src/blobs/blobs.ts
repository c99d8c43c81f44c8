/** The seam to where artifacts are kept, each under the SHA-256 of its content: in a folder (folder.ts) or in S3 (s3.ts). */

/** 64 hexadecimal digits in lower case. */
export type Sha256 = string;

export interface StoredBlob {
  readonly sha256: Sha256;
  readonly bytes: number;
}

export interface PutOptions {
  /** What the content must hash to. */
  readonly sha256?: Sha256;
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
  /** Called when the hash is known, and before the content is there under it. When it rejects, nothing is kept. */
  readonly known?: (blob: StoredBlob) => Promise<void>;
}

export interface Blobs {
  /**
   * Stores content while it streams in; when this resolves it is there for good, and until then it isn't there at all.
   * Storing it again is harmless.
   * @throws BlobError 'mismatch' or 'too-large', the signal's reason, or what the stream or `known` throws; then nothing is
   *   kept
   */
  put(content: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredBlob>;
  /**
   * The content, or the bytes from `start` up to but not including `end`; undefined where there is no such blob.
   * @throws BlobError 'bad-hash'
   */
  get(sha256: Sha256, range?: { start?: number; end?: number }): Promise<ReadableStream<Uint8Array> | undefined>;
  /**
   * A file of this machine with the content, to be opened at once; fetched where it is elsewhere, which takes its time.
   * Undefined where there is no such blob. @throws BlobError 'bad-hash'
   */
  localPath(sha256: Sha256): Promise<string | undefined>;
  /** Undefined where there is no such blob. @throws BlobError 'bad-hash' */
  find(sha256: Sha256): Promise<StoredBlob | undefined>;
  /** Without effect where there is no such blob. @throws BlobError 'bad-hash' */
  delete(sha256: Sha256): Promise<void>;
  /** Every blob once, in no particular order. */
  list(): AsyncIterable<StoredBlob>;
  /** Removes what killed processes left half-written a long time ago. */
  tidy(): Promise<void>;
}

export type BlobErrorCode = 'bad-hash' | 'mismatch' | 'too-large';

export class BlobError extends Error {
  readonly code: BlobErrorCode;

  constructor(code: BlobErrorCode, message: string) {
    super(message);
    this.name = 'BlobError';
    this.code = code;
  }
}

export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Keeps anything else out of paths and keys. */
export function checkSha256(text: string): void {
  if (!isSha256(text))
    throw new BlobError('bad-hash', `"${text.slice(0, 80)}" is not a SHA-256 in 64 hexadecimal digits`);
}
