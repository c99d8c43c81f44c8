/**
 * Takes parts of uploads in. What arrives is stored in blobs of at most UPLOAD_PART_BYTES, and what came before an
 * interruption too; an artifact is looked at meanwhile. Any process may take any part: what another one stored is looked at
 * first, so that each reads every byte once.
 */
import { UPLOAD_PART_BYTES } from '@lovely/api';
import { ArtifactCheck } from './artifact-check.ts';
import type { ArtifactParts } from './artifacts.ts';
import { LovelyError } from '../errors.ts';
import { UPLOAD_CHECKS_MAX } from '../software-limits.ts';
import { addPart, listParts, refuseUpload, takeUpload, type UploadRow } from '../store/uploads.ts';
import { storeBlob } from './kept-blobs.ts';
import type { UploadSlots } from './upload-slots.ts';

export interface Uploads {
  /**
   * Takes bytes that begin at `offset`. Resolves when all of them are stored, also where the stream broke off.
   * @throws LovelyError 'not-found', 'upload-over', 'upload-offset', 'upload-busy', 'uploads-busy', 'bad-artifact' (the
   *   upload is refused then) or 'storage-full'
   */
  receive(tenantId: string, id: string, offset: number, body: AsyncIterable<Uint8Array>): Promise<void>;
  /** Forgets the checks it keeps between parts. */
  close(): void;
}

export function createUploads(parts: ArtifactParts, slots: UploadSlots): Uploads {
  const { database } = parts;
  /** Between the parts of an upload, the one used last at the end. */
  const checks = new Map<string, ArtifactCheck>();

  /** A check that has seen just what is stored. */
  async function checkOf({ id, stored }: UploadRow): Promise<ArtifactCheck> {
    const known = checks.get(id);
    checks.delete(id);
    const isUsable = known !== undefined && known.position <= stored;
    if (known && !isUsable) known.close();
    const check = isUsable ? known : new ArtifactCheck();
    try {
      for await (const piece of storedPieces(parts, id, check.position)) await check.feed(piece);
    } catch (error) {
      check.close();
      throw error;
    }
    return check;
  }

  function keep(id: string, check: ArtifactCheck): void {
    checks.set(id, check);
    if (checks.size <= UPLOAD_CHECKS_MAX) return;
    const [oldest, forgotten] = [...checks][0]!;
    checks.delete(oldest);
    forgotten.close();
  }

  async function write(upload: UploadRow, body: Arriving, check: ArtifactCheck | undefined): Promise<void> {
    let begin = upload.stored;
    while (begin < upload.bytes && (await body.hasMore())) {
      async function* piecesOfPart(): AsyncGenerator<Uint8Array> {
        const end = Math.min(upload.bytes, begin + UPLOAD_PART_BYTES);
        for await (const piece of body.upTo(end - begin)) {
          await check?.feed(piece);
          yield piece;
        }
        if (check && check.position === upload.bytes) await check.end();
      }
      const stored = await storeBlob(parts, piecesOfPart());
      await addPart(database, upload, begin, stored);
      begin += stored.bytes;
    }
    if (await body.hasMore())
      throw new LovelyError('bad-request', `More arrived than the ${upload.bytes} bytes announced.`);
  }

  return {
    receive: (tenantId, id, offset, content) =>
      slots.run(tenantId, async () => {
        const upload = await takeUpload(database, tenantId, id, offset);
        const body = new Arriving(content);
        let check: ArtifactCheck | undefined;
        try {
          check = upload.kind === 'artifact' ? await checkOf(upload) : undefined;
          await write(upload, body, check);
          if (check && check.position < upload.bytes) keep(id, check);
        } catch (error) {
          check?.close();
          if (error instanceof LovelyError && error.code === 'bad-artifact')
            await refuseUpload(database, id, error, upload.writer);
          throw error;
        } finally {
          await body.close();
        }
      }),
    close() {
      for (const check of checks.values()) check.close();
      checks.clear();
    },
  };
}

/** What is stored of an upload from a position on. */
export async function* storedPieces(
  { database, blobs }: ArtifactParts,
  uploadId: string,
  from = 0,
): AsyncGenerator<Uint8Array> {
  for (const { begin, bytes, sha256 } of await listParts(database, uploadId)) {
    if (begin + bytes <= from) continue;
    const content = await blobs.get(sha256, { start: Math.max(0, from - begin) });
    if (!content) throw new Error(`The blob ${sha256} of the upload ${uploadId} is gone.`);
    yield* content;
  }
}

/** A body in pieces of our own sizes; one that breaks off ends there. */
class Arriving {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #isOver = false;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#source = body[Symbol.asyncIterator]();
  }

  async *upTo(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0 && (await this.hasMore());) {
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async hasMore(): Promise<boolean> {
    while (this.#rest.length === 0 && !this.#isOver) {
      try {
        const { done, value } = await this.#source.next();
        if (done) this.#isOver = true;
        else this.#rest = value;
      } catch {
        // Whoever sends it hung up, or stood still for too long: they go on from what is stored.
        this.#isOver = true;
      }
    }
    return this.#rest.length > 0;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
