import type { Blobs, StoredBlob } from '../blobs/blobs.ts';
import { LovelyError } from '../errors.ts';
import { recordBlob } from '../store/stored-blobs.ts';
import type { Database } from '../store/store.ts';

/**
 * Keeps content that was stored and that a row is going to name. @param database of the system
 * @throws LovelyError 'unavailable' where it was deleted at that very moment: it must be stored again
 */
export async function keepBlob(database: Database, blobs: Blobs, blob: StoredBlob): Promise<void> {
  await recordBlob(database, blob);
  if (!(await blobs.find(blob.sha256))) throw new LovelyError('unavailable', 'The content went away; send it again.');
}
