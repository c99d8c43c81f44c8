import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './folder.ts';
import { openS3Blobs } from './s3.ts';

/**
 * Opens the place that LOVELY_BLOBS_URL names.
 * @param dataDir where what is on its way to S3 waits
 */
export async function openBlobs(url: string, dataDir: string): Promise<Blobs> {
  return url.startsWith('s3:')
    ? await openS3Blobs(url, join(dataDir, 'spool'), join(dataDir, 'blob-copies'))
    : await openFolderBlobs(fileURLToPath(url));
}
