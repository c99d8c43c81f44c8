/** What an artifact is to be made of, as a person asked for it. */
import type { Body, makeArtifact } from '@lovely/api';

export type ArtifactWish = Body<typeof makeArtifact>;
