/** Deletes uploads that nobody has gone on with, and blobs that no row of any tenant names any more. */
import type { ArtifactParts } from './artifacts.ts';
import { BLOBS_SWEPT_MAX } from '../software-limits.ts';
import { deleteUnusedBlob } from '../store/stored-blobs.ts';
import { deleteExpiredUploads } from '../store/uploads.ts';

export function createUploadSweeper({ database, blobs }: ArtifactParts): () => Promise<void> {
  return async () => {
    await deleteExpiredUploads(database);
    for (
      let swept = 0;
      swept < BLOBS_SWEPT_MAX && (await deleteUnusedBlob(database, (sha256) => blobs.delete(sha256)));
      swept++
    );
  };
}
