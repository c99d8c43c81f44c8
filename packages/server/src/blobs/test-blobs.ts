/** Blobs in a folder of their own, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './folder.ts';

export interface TestBlobs extends AsyncDisposable {
  readonly blobs: Blobs;
  readonly folder: string;
}

export async function openTestBlobs(): Promise<TestBlobs> {
  const folder = await mkdtemp(join(tmpdir(), 'lovely-blobs-'));
  const blobs = await openFolderBlobs(folder);
  return { blobs, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
