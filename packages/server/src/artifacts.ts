/** Takes artifacts in: checked while they arrive, stored under their SHA-256, and made rows of their tenant. */
import type { Artifact } from '@lovely/api';
import type { Blobs } from './blobs/blobs.ts';
import type { StartedBy } from './store/schema/fixes.ts';
import type { Database } from './store/store.ts';

export interface ArtifactParts {
  readonly database: Database;
  readonly blobs: Blobs;
}

export interface NewArtifactContent {
  readonly tenantId: string;
  readonly createdBy: StartedBy;
  readonly description: string;
  readonly content: AsyncIterable<Uint8Array>;
  /** How large it is, where that was said: it must be so, and is refused before it has come where there is no room. */
  readonly bytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stores an artifact while it streams in. It reads no further than the first wrong byte, and keeps nothing then.
 * @throws LovelyError 'bad-artifact', 'artifact-exists', 'artifact-not-trusted', 'storage-limit', 'storage-full' or
 *   'uploads-busy', and what the stream throws
 */
export type StoreArtifact = (parts: ArtifactParts, artifact: NewArtifactContent) => Promise<Artifact>;
