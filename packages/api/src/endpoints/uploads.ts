/**
 * Uploads: files of any size that arrive in parts, go on after an interruption, and are checked while they arrive. A part is
 * sent to PATCH /api/v1/uploads/{id} as application/octet-stream with `Upload-Offset`; HEAD and GET tell how far it is.
 */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  DESCRIPTION_LENGTH_MAX,
  MADE_FILES_MAX,
  NAME_LENGTH_MAX,
  SOFTWARE_NAMES_MAX,
  UPLOAD_BYTES_MAX,
} from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/**
 *  arriving: more is to come. making: an artifact is made of uploaded files. storing: all of it is here and being stored.
 *  done: it is an artifact, or a file that one can be made of. refused: `reason` says why; nothing is kept.
 */
export const uploadState = z.enum(['arriving', 'making', 'storing', 'done', 'refused']);
export type UploadState = z.infer<typeof uploadState>;

/** artifact: one in Mender's format. file: a plain file that an artifact is to be made of. made: one that the server makes. */
export const uploadKind = z.enum(['artifact', 'file', 'made']);
export type UploadKind = z.infer<typeof uploadKind>;

export const upload = z.object({
  id,
  kind: uploadKind,
  /** Of the file, or of the artifact that is made. */
  name: z.string(),
  bytes: z.number().int().nonnegative(),
  /** How many of them are stored: the next part begins here. */
  offset: z.number().int().nonnegative(),
  state: uploadState,
  /** Why it was refused, in words, and which error it was. */
  reason: z.string().nullable(),
  code: z.string().nullable(),
  artifactId: id.nullable(),
  createdAt: time,
  createdBy: z.object({ type: z.enum(['user', 'system']), name: z.string() }),
  /** When it is given up unless more of it comes. */
  expiresAt: time,
});
export type Upload = z.infer<typeof upload>;

export const createUpload = endpoint({
  method: 'POST',
  path: '/api/v1/uploads',
  summary: 'Begin an upload; its parts go to PATCH /api/v1/uploads/{id}',
  access: 'artifact.write',
  action: 'upload.create',
  params: none,
  query: none,
  body: z.object({
    kind: z.enum(['artifact', 'file']).default('artifact'),
    name: z.string().max(NAME_LENGTH_MAX).default(''),
    bytes: z.number().int().min(1).max(UPLOAD_BYTES_MAX),
    description: z.string().max(DESCRIPTION_LENGTH_MAX).default(''),
  }),
  result: upload,
  status: 201,
});

export const listUploads = endpoint({
  method: 'GET',
  path: '/api/v1/uploads',
  summary: 'Uploads that are under way or ended lately, newest first',
  access: 'artifact.write',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(upload) }),
  status: 200,
});

export const getUpload = endpoint({
  method: 'GET',
  path: '/api/v1/uploads/{id}',
  summary: 'How far an upload is',
  access: 'artifact.write',
  params: byId,
  query: none,
  body: nothing,
  result: upload,
  status: 200,
});

export const deleteUpload = endpoint({
  method: 'DELETE',
  path: '/api/v1/uploads/{id}',
  summary: 'Give up an upload; what has arrived is deleted',
  access: 'artifact.write',
  action: 'upload.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

const softwareName = z.string().min(1).max(NAME_LENGTH_MAX);
/** What stands in a file of the artifact, so that a module can't be led elsewhere. */
const fileName = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(/^[A-Za-z0-9._-][A-Za-z0-9.,_-]*$/, 'letters, digits and . , _ - only');
const absolutePath = z
  .string()
  .max(1000)
  .regex(/^\/(?:[^\0\n/]+\/?)*$/, 'an absolute path, as /opt/app');
const uploadId = id;
const file = z.object({ uploadId, name: fileName });

/** What the artifact does, by the update module that installs it. */
export const madeContent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('single-file'),
    file,
    /** The folder on the gateway. */
    destination: absolutePath,
    /** Octal, as 644. */
    permissions: z
      .string()
      .regex(/^[0-7]{3,4}$/)
      .default('644'),
  }),
  z.object({
    type: z.literal('directory'),
    /** Files with their paths within the folder, as bin/run. */
    files: z
      .array(z.object({ uploadId, path: z.string().min(1).max(1000), isExecutable: z.boolean().default(false) }))
      .min(1)
      .max(MADE_FILES_MAX),
    destination: absolutePath,
  }),
  z.object({ type: z.literal('script'), files: z.array(file).min(1).max(MADE_FILES_MAX) }),
  z.object({ type: z.literal('deb'), files: z.array(file).min(1).max(MADE_FILES_MAX) }),
  z.object({ type: z.literal('rpm'), files: z.array(file).min(1).max(MADE_FILES_MAX) }),
  z.object({ type: z.literal('docker'), images: z.array(z.string().min(1).max(NAME_LENGTH_MAX)).min(1).max(100) }),
  z.object({ type: z.literal('rootfs-image'), file }),
  /** Any other update module: it gets these files and this meta-data. */
  z.object({
    type: z.literal('module'),
    module: z
      .string()
      .max(NAME_LENGTH_MAX)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
    files: z.array(file).max(MADE_FILES_MAX),
    metaData: z.record(z.string(), z.unknown()).default({}),
  }),
]);
export type MadeContent = z.infer<typeof madeContent>;

export const makeArtifact = endpoint({
  method: 'POST',
  path: '/api/v1/uploads/make',
  summary: 'Make an artifact of uploaded files; the answer is asked for until it is done',
  access: 'artifact.write',
  action: 'artifact.make',
  params: none,
  query: none,
  body: z.object({
    name: softwareName,
    description: z.string().max(DESCRIPTION_LENGTH_MAX).default(''),
    deviceTypes: z.array(softwareName).min(1).max(SOFTWARE_NAMES_MAX),
    content: madeContent,
    compression: z.enum(['none', 'gzip', 'xz', 'zstd']).default('gzip'),
    /** Beside what is usual for the type. */
    provides: z.record(softwareName, softwareName).default({}),
    depends: z.record(softwareName, z.array(softwareName).min(1).max(SOFTWARE_NAMES_MAX)).default({}),
    /** State scripts, by uploads named as ArtifactInstall_Enter_00. */
    scripts: z.array(file).max(SOFTWARE_NAMES_MAX).default([]),
  }),
  result: upload,
  status: 201,
});
