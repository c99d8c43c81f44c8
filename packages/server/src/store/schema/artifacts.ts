/** Artifacts and their releases, the keys that sign them, and uploads. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Artifact, Payload, TrustedKey, Upload } from '@lovely/api';
import type { ArtifactWish } from '../../domain/artifact-wish.ts';
import type { StartedBy } from './fixes.ts';
import type { Time, Version } from './columns.ts';

/** bigint, which the driver reads as a number (store.ts). */
type Bytes = ColumnType<number, number, number>;

export interface ArtifactTables {
  stored_blobs: { sha256: string; bytes: number; kept_until: Time };
  trusted_keys: {
    id: string;
    tenant_id: string;
    name: string;
    public_key_pem: string;
    algorithm: TrustedKey['algorithm'];
    fingerprint: string;
    version: Version;
    created_at: Time;
  };
  releases: {
    id: string;
    tenant_id: string;
    name: string;
    notes: Generated<string>;
    tags: Generated<string[]>;
    version: Version;
    created_at: Time;
    updated_at: Time;
  };
  artifacts: {
    id: string;
    tenant_id: string;
    release_id: string;
    name: string;
    description: string;
    device_types: string[];
    payloads: JSONColumnType<Payload[]>;
    provides: JSONColumnType<Artifact['provides']>;
    depends: JSONColumnType<Artifact['depends']>;
    clears: string[];
    scripts: string[];
    compression: Artifact['compression'];
    format: Artifact['format'];
    manifest: Buffer | null;
    signature: string | null;
    signed_by: string | null;
    bytes: Bytes;
    sha256: string;
    version: Version;
    created_by: JSONColumnType<StartedBy>;
    created_at: Time;
  };
  uploads: {
    id: string;
    tenant_id: string;
    kind: Upload['kind'];
    name: string;
    description: string;
    bytes: Bytes;
    stored: ColumnType<number, number | undefined, number>;
    state: Generated<Upload['state']>;
    reason: string | null;
    code: string | null;
    wish: JSONColumnType<ArtifactWish> | null;
    artifact_id: string | null;
    writer: string | null;
    claimed_until: Time | null;
    created_by: JSONColumnType<StartedBy>;
    created_at: Time;
    expires_at: Time;
  };
  upload_parts: { upload_id: string; begins_at: number; tenant_id: string; bytes: number; sha256: string };
}
