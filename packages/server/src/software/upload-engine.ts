/**
 * Ends uploads: what has arrived whole is checked once more while it is stored in one piece, and what is to be made of files
 * is made. Several workers may do so at once; what one leaves behind another takes up when its claim has run out.
 */
import { randomUUID } from 'node:crypto';
import { makeArtifact } from './artifact-making.ts';
import { receiveArtifact, type ArtifactParts } from './artifacts.ts';
import { startTask, type Task } from '../background-task.ts';
import { uploadsOf } from '../domain/made-artifact.ts';
import { LovelyError } from '../errors.ts';
import { UPLOAD_CLAIM_MS, UPLOAD_TICK_MS, UPLOADS_STORED_AT_ONCE } from '../software-limits.ts';
import type { Log } from '../log.ts';
import { insertArtifact, type ReceivedArtifact } from '../store/artifacts.ts';
import { appendAudit } from '../store/audit.ts';
import type { Database } from '../store/store.ts';
import * as store from '../store/uploads.ts';
import { storedPieces } from './uploads.ts';

export interface UploadEngineParts extends ArtifactParts {
  readonly log: Log;
  /** The folder in which compressed payloads wait. */
  readonly spoolDir: string;
}

export function startUploadEngine(parts: UploadEngineParts): Task {
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const task = startTask('ends of uploads', UPLOAD_TICK_MS, parts.log, async () => {
    while (running.size < UPLOADS_STORED_AT_ONCE && !stopping.signal.aborted) {
      const upload = await store.claimUpload(parts.database);
      if (!upload) return;
      const ending = endUpload(parts, upload, stopping.signal)
        .catch((error: unknown) => parts.log.error({ error, upload: upload.id }, 'an upload could not be ended yet'))
        .finally(() => running.delete(ending));
      running.add(ending);
    }
  });
  return {
    async close() {
      stopping.abort();
      await task.close();
      await Promise.all(running);
    },
  };
}

async function endUpload(parts: UploadEngineParts, upload: store.UploadRow, signal: AbortSignal): Promise<void> {
  const { database, spoolDir } = parts;
  const { id, tenant_id: tenantId, wish } = upload;
  const gone = new AbortController();
  const renewal = setInterval(() => {
    store
      .renewClaim(database, id)
      .then((isThere) => !isThere && gone.abort(new LovelyError('not-found')))
      .catch((error: unknown) => parts.log.warn({ error, upload: id }, 'the claim of an upload could not be renewed'));
  }, UPLOAD_CLAIM_MS / 3);
  try {
    const received = await receiveArtifact(parts, {
      tenantId,
      content: wish ? makeArtifact(parts, tenantId, wish, spoolDir) : storedPieces(parts, id),
      reservedBytes: upload.bytes,
      signal: AbortSignal.any([signal, gone.signal]),
    });
    await database.transaction().execute((transaction) => finish(transaction, upload, received));
  } catch (error) {
    // Whoever is next takes it up at once.
    if (signal.aborted) return await store.releaseClaim(database, id);
    if (gone.signal.aborted) return;
    if (!(error instanceof LovelyError) || PASSING.has(error.code)) throw error;
    await store.refuseUpload(database, id, error);
    await appendAudit(database, tenantId, entryOf(upload, { id, name: upload.name }, error.code));
  } finally {
    clearInterval(renewal);
  }
}

/** No fault of the upload: it is tried again. */
const PASSING: ReadonlySet<string> = new Set(['unavailable', 'storage-full']);

async function finish(transaction: Database, upload: store.UploadRow, received: ReceivedArtifact): Promise<void> {
  const { id, tenant_id: tenantId, wish, description, created_by: createdBy } = upload;
  // Its storage is free first, for the artifact.
  if (!(await store.finishUpload(transaction, id))) return;
  if (wish) await store.deleteUploads(transaction, tenantId, uploadsOf(wish));
  const artifact = await insertArtifact(transaction, tenantId, received, { createdBy, description });
  await store.setArtifact(transaction, id, artifact.id, artifact.bytes);
  await appendAudit(transaction, tenantId, entryOf(upload, artifact, 'success'));
}

function entryOf(upload: store.UploadRow, { id, name }: { id: string; name: string }, result: string) {
  const { type, id: userId, name: userName } = upload.created_by;
  return {
    id: randomUUID(),
    at: new Date(),
    actor: { type, id: userId, name: userName },
    action: upload.wish ? 'artifact.make' : 'artifact.upload',
    object: { type: 'artifact', id, name },
    result,
    address: '',
    change: null,
    details: { bytes: upload.bytes, ...(upload.name === '' ? {} : { file: upload.name }) },
  };
}
