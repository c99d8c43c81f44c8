/**
 * Blobs in S3 or what speaks its protocol, one object `<prefix>/<sha256>` each. S3 can't rename, so content is spooled
 * to the local disk until its hash is known.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from 'bun';
import { BLOB_PAGE_MAX } from '../limits.ts';
import { checkSha256, isSha256, type Blobs, type PutOptions, type StoredBlob } from './blobs.ts';
import { openLocalCopies, type LocalCopies } from './local-copies.ts';
import { prepareSpool, spool } from './spool.ts';

/**
 * @param url s3://key:secret@bucket/prefix?endpoint=https://host&region=name; without key and secret the usual variables
 *   (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) count
 * @param spoolDir where content is kept until its hash is known
 * @param copiesDir where what is sent to others is kept
 */
export async function openS3Blobs(url: string, spoolDir: string, copiesDir: string): Promise<Blobs> {
  await prepareSpool(spoolDir);
  const { hostname, pathname, username, password, searchParams } = new URL(url);
  const endpoint = searchParams.get('endpoint');
  const region = searchParams.get('region');
  const client = new S3Client({
    bucket: hostname,
    ...(username ? { accessKeyId: decodeURIComponent(username), secretAccessKey: decodeURIComponent(password) } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(region ? { region } : {}),
  });
  const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  const copies = await openLocalCopies(copiesDir);
  return new S3Blobs(client, prefix === '' ? '' : `${prefix}/`, spoolDir, copies);
}

class S3Blobs implements Blobs {
  readonly #client: S3Client;
  readonly #prefix: string;
  readonly #spoolDir: string;
  readonly #copies: LocalCopies;

  constructor(client: S3Client, prefix: string, spoolDir: string, copies: LocalCopies) {
    this.#copies = copies;
    this.#client = client;
    this.#prefix = prefix;
    this.#spoolDir = spoolDir;
  }

  async put(content: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<StoredBlob> {
    const path = join(this.#spoolDir, randomUUID());
    const blob = await spool(content, path, options);
    try {
      if (!(await this.find(blob.sha256))) await this.#client.write(this.#key(blob.sha256), Bun.file(path));
    } finally {
      await rm(path);
    }
    return blob;
  }

  async get(
    sha256: string,
    range: { start?: number; end?: number } = {},
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const blob = await this.find(sha256);
    if (blob === undefined) return undefined;
    const start = Math.min(range.start ?? 0, blob.bytes);
    const end = Math.min(range.end ?? blob.bytes, blob.bytes);
    // S3 has no empty range.
    if (start >= end) return new Blob().stream();
    return this.#client.file(this.#key(sha256)).slice(start, end).stream();
  }

  async localPath(sha256: string): Promise<string | undefined> {
    checkSha256(sha256);
    return await this.#copies.path(sha256, () => this.get(sha256));
  }

  async find(sha256: string): Promise<StoredBlob | undefined> {
    try {
      const { size } = await this.#client.stat(this.#key(sha256));
      return { sha256, bytes: size };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async delete(sha256: string): Promise<void> {
    try {
      await this.#client.delete(this.#key(sha256));
    } catch (error) {
      // S3 itself doesn't mind, others do.
      if (!isMissing(error)) throw error;
    }
  }

  async tidy(): Promise<void> {
    await prepareSpool(this.#spoolDir);
  }

  async *list(): AsyncIterable<StoredBlob> {
    let continuationToken: string | undefined;
    do {
      const page = await this.#client.list({
        prefix: this.#prefix,
        maxKeys: BLOB_PAGE_MAX,
        ...(continuationToken === undefined ? {} : { continuationToken }),
      });
      for (const { key, size } of page.contents ?? []) {
        const sha256 = key.slice(this.#prefix.length);
        if (isSha256(sha256)) yield { sha256, bytes: size ?? 0 };
      }
      continuationToken = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (continuationToken !== undefined);
  }

  #key(sha256: string): string {
    checkSha256(sha256);
    return this.#prefix + sha256;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NoSuchKey';
}
