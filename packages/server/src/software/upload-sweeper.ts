/** Deletes uploads that nobody has gone on with, blobs that no row of any tenant names any more, and what was left half-written. */
import type { UploadEngineParts } from './upload-engine.ts';
import { prepareSpool } from '../blobs/spool.ts';
import { BLOBS_SWEPT_MAX } from '../software-limits.ts';
import { deleteUnusedBlob } from '../store/stored-blobs.ts';
import { deleteExpiredUploads } from '../store/uploads.ts';

export function createUploadSweeper({
  database,
  blobs,
  spoolDir,
}: Omit<UploadEngineParts, 'log'>): () => Promise<void> {
  return async () => {
    await deleteExpiredUploads(database);
    for (
      let swept = 0;
      swept < BLOBS_SWEPT_MAX && (await deleteUnusedBlob(database, (sha256) => blobs.delete(sha256)));
      swept++
    );
    await blobs.tidy();
    await prepareSpool(spoolDir);
  };
}
