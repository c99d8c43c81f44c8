import type { Blobs, PutOptions, StoredBlob } from '../blobs/blobs.ts';
import { LovelyError } from '../errors.ts';
import { recordBlob } from '../store/stored-blobs.ts';
import type { Database } from '../store/store.ts';
import { refuseToStore } from './refuse-to-store.ts';

/**
 * Stores content that a row is going to name. It is written down before it is there, so that what a killed process leaves is
 * found and deleted, and once more afterwards, as it may have taken long. @param database of the system
 * @throws LovelyError 'storage-limit' or 'storage-full', 'unavailable' where it was deleted at that very moment: it must be
 *   stored again; and what the content throws
 */
export async function storeBlob(
  { database, blobs }: { readonly database: Database; readonly blobs: Blobs },
  content: AsyncIterable<Uint8Array>,
  options: PutOptions = {},
): Promise<StoredBlob> {
  const stored = await blobs
    .put(content, { ...options, known: (blob) => recordBlob(database, blob) })
    .catch(refuseToStore);
  await recordBlob(database, stored);
  if (!(await blobs.find(stored.sha256))) throw new LovelyError('unavailable', 'The content went away; send it again.');
  return stored;
}
