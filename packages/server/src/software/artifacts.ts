/** Takes artifacts in: checked while they arrive, stored under their SHA-256, and made rows of their tenant. */
import type { ArtifactStart } from '@lovely/artifact';
import { ArtifactCheck } from './artifact-check.ts';
import type { Blobs } from '../blobs/blobs.ts';
import { dependsOf, recordOf } from '../domain/artifact-record.ts';
import { requireNoOther, type ReceivedArtifact } from '../store/artifacts.ts';
import { getStorage } from '../store/storage.ts';
import { storeBlob } from './kept-blobs.ts';
import type { Database } from '../store/store.ts';

export interface ArtifactParts {
  /** With the rows of all tenants. */
  readonly database: Database;
  readonly blobs: Blobs;
}

export interface ArrivingArtifact {
  readonly tenantId: string;
  readonly content: AsyncIterable<Uint8Array>;
  /** Storage that is set aside for it already: it is of an upload. */
  readonly reservedBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stores the content of an artifact while it streams in, for `insertArtifact` in a transaction of the caller's, together with
 * its entry in the audit log. It reads no further than the first wrong byte, and keeps nothing then.
 * @throws LovelyError 'bad-artifact', 'artifact-exists', 'artifact-not-trusted', 'storage-limit' or 'storage-full', and
 *   what the stream throws
 */
export async function receiveArtifact(
  { database, blobs }: ArtifactParts,
  { tenantId, content, reservedBytes = 0, signal }: ArrivingArtifact,
): Promise<ReceivedArtifact> {
  const { usedBytes, limitBytes } = await getStorage(database, tenantId);
  const bytesMax = limitBytes === null ? undefined : Math.max(0, limitBytes - usedBytes) + reservedBytes;
  let record: ReceivedArtifact['record'] | undefined;
  let start: ArtifactStart | undefined;
  const check = new ArtifactCheck({
    onStart: async (found) => {
      start = found;
      // Known from the header on: no need to wait for the payloads.
      await requireNoOther(database, tenantId, { name: found.header.name, depends: dependsOf(found.header) });
    },
  });
  /** What is stored is what was read: the reader has each piece before it is passed on. */
  async function* checked(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of content) {
        await check.feed(piece);
        yield piece;
      }
      record = recordOf(await check.end(), start!);
    } finally {
      check.close();
    }
  }
  const stored = await storeBlob({ database, blobs }, checked(), {
    ...(bytesMax === undefined ? {} : { bytesMax }),
    ...(signal ? { signal } : {}),
  });
  return { record: record!, ...stored };
}
