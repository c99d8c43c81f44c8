/** Artifacts: software in Mender's format. Those of one name are a release; each is for some types of devices. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  CURSOR_LENGTH_MAX,
  DESCRIPTION_LENGTH_MAX,
  NAME_LENGTH_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
  RELEASE_NOTES_LENGTH_MAX,
  TAG_LENGTH_MAX,
  TAGS_MAX,
} from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const bytes = z.number().int().nonnegative();
const page = {
  cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
};

/** What a device has once it is installed, as `rootfs-image.version`. */
const provides = z.record(z.string(), z.string());
/** What a device must have before; any one of the values. */
const depends = z.record(z.string(), z.array(z.string()));

export const payloadFile = z.object({ name: z.string(), bytes, sha256: z.string(), mtime: time });
export type PayloadFile = z.infer<typeof payloadFile>;

export const payload = z.object({
  /** The update module that installs it; null: it only changes what the device provides. */
  type: z.string().nullable(),
  files: z.array(payloadFile),
  provides,
  depends,
  /** Globs of what the device no longer provides; null: nothing of before. */
  clears: z.array(z.string()).nullable(),
  metaData: z.record(z.string(), z.unknown()),
});
export type Payload = z.infer<typeof payload>;

export const artifact = z.object({
  id,
  releaseId: id,
  /** Of the release, which several artifacts for different devices may share. */
  name: z.string(),
  description: z.string(),
  deviceTypes: z.array(z.string()),
  payloads: z.array(payload),
  /** Of all payloads together, with artifact_name and artifact_group. */
  provides,
  /** Of all payloads together, with device_type, artifact_name and artifact_group. */
  depends,
  clears: z.array(z.string()),
  /** Names of its state scripts. */
  scripts: z.array(z.string()),
  compression: z.enum(['none', 'gzip', 'xz', 'zstd']),
  format: z.union([z.literal(2), z.literal(3)]),
  isSigned: z.boolean(),
  /** The trusted key that it is signed by; null: by none that is trusted, or not signed. */
  signedBy: id.nullable(),
  bytes,
  sha256: z.string(),
  createdAt: time,
  createdBy: z.object({ type: z.enum(['user', 'system']), name: z.string() }),
  /** Houses that run its release. */
  usedBy: z.number().int(),
  /** Deployments that are not over and may hand it out: it can't be deleted then. */
  usedInDeployments: z.number().int(),
  version: z.number().int(),
});
export type Artifact = z.infer<typeof artifact>;

export const release = z.object({
  id,
  name: z.string(),
  notes: z.string(),
  tags: z.array(z.string()),
  artifacts: z.array(artifact),
  /** Houses that run it. */
  usedBy: z.number().int(),
  /** When an artifact of it came last. */
  updatedAt: time,
  version: z.number().int(),
});
export type Release = z.infer<typeof release>;

const filters = {
  /** Part of the name, or of a description. */
  search: z.string().max(NAME_LENGTH_MAX).optional(),
  /** The whole name. */
  name: z.string().max(NAME_LENGTH_MAX).optional(),
  deviceType: z.string().max(NAME_LENGTH_MAX).optional(),
  /** Of a payload, as `single-file`. */
  type: z.string().max(NAME_LENGTH_MAX).optional(),
  ...page,
};

export const listReleases = endpoint({
  method: 'GET',
  path: '/api/v1/releases',
  summary: 'Releases with their artifacts, the one with the newest artifact first, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({ ...filters, tag: z.string().max(TAG_LENGTH_MAX).optional() }),
  body: nothing,
  result: z.object({ items: z.array(release), next: z.string().nullable() }),
  status: 200,
});

export const getRelease = endpoint({
  method: 'GET',
  path: '/api/v1/releases/{id}',
  summary: 'One release with its artifacts',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: release,
  status: 200,
});

export const updateRelease = endpoint({
  method: 'PATCH',
  path: '/api/v1/releases/{id}',
  summary: 'Change the notes or tags of a release',
  access: 'artifact.write',
  action: 'release.update',
  params: byId,
  query: none,
  body: z.object({
    notes: z.string().max(RELEASE_NOTES_LENGTH_MAX).optional(),
    tags: z.array(z.string().trim().min(1).max(TAG_LENGTH_MAX)).max(TAGS_MAX).optional(),
  }),
  result: release,
  status: 200,
});

export const deleteRelease = endpoint({
  method: 'DELETE',
  path: '/api/v1/releases/{id}',
  summary: 'Delete a release with all its artifacts, unless an open deployment uses it',
  access: 'artifact.write',
  action: 'release.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const listSoftwareNames = endpoint({
  method: 'GET',
  path: '/api/v1/releases/names',
  summary: 'Types of devices, types of payloads and tags that occur in the software, for choices',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ deviceTypes: z.array(z.string()), types: z.array(z.string()), tags: z.array(z.string()) }),
  status: 200,
});

export const listArtifacts = endpoint({
  method: 'GET',
  path: '/api/v1/artifacts',
  summary: 'Artifacts, newest first, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({ ...filters, releaseId: id.optional() }),
  body: nothing,
  result: z.object({ items: z.array(artifact), next: z.string().nullable() }),
  status: 200,
});

export const getArtifact = endpoint({
  method: 'GET',
  path: '/api/v1/artifacts/{id}',
  summary: 'One artifact; its content is at GET /api/v1/artifacts/{id}/download',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: artifact,
  status: 200,
});

export const updateArtifact = endpoint({
  method: 'PATCH',
  path: '/api/v1/artifacts/{id}',
  summary: 'Change the description of an artifact',
  access: 'artifact.write',
  action: 'artifact.update',
  params: byId,
  query: none,
  body: z.object({ description: z.string().max(DESCRIPTION_LENGTH_MAX) }),
  result: artifact,
  status: 200,
});

export const deleteArtifact = endpoint({
  method: 'DELETE',
  path: '/api/v1/artifacts/{id}',
  summary: 'Delete an artifact, unless an open deployment uses it',
  access: 'artifact.write',
  action: 'artifact.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
