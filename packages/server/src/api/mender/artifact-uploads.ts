/** Mender's management API: artifacts that are uploaded, or made here of a plain file (COMPAT section 3.4). */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESCRIPTION_LENGTH_MAX, NAME_LENGTH_MAX, SOFTWARE_NAMES_MAX } from '@lovely/api';
import { writeArtifact, type NewArtifact } from '@lovely/artifact';
import { z } from 'zod';
import { receiveArtifact } from '../../software/artifacts.ts';
import { refuseToStore } from '../../software/refuse-to-store.ts';
import type { UploadSlots } from '../../software/upload-slots.ts';
import { spool } from '../../blobs/spool.ts';
import { refuse } from '../../software/artifact-check.ts';
import { madeArtifact } from '../../domain/made-artifact.ts';
import { LovelyError } from '../../errors.ts';
import { GENERATED_FILE_BYTES_MAX } from '../../limits.ts';
import { insertArtifact } from '../../store/artifacts.ts';
import { change } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { ARTIFACTS } from './artifacts.ts';
import { readForm, type FormFields } from './form.ts';
import { readInput } from './input.ts';

const description = z.string().max(DESCRIPTION_LENGTH_MAX).default('');
const size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const softwareName = z.string().trim().min(1).max(NAME_LENGTH_MAX);
/** Names with commas in between, or a list in JSON. */
const deviceTypes = z.preprocess(
  (given) => (typeof given === 'string' && !given.startsWith('[') ? given.split(',') : parseJson(given)),
  z.array(softwareName).min(1).max(SOFTWARE_NAMES_MAX),
);
const args = z.preprocess(
  parseJson,
  z.object({
    filename: z
      .string()
      .max(NAME_LENGTH_MAX)
      .regex(/^[A-Za-z0-9._-][A-Za-z0-9.,_-]*$/, 'letters, digits and . , _ - only'),
    dest_dir: z
      .string()
      .max(NAME_LENGTH_MAX)
      .regex(/^\/[^\0\n]*$/, 'an absolute path'),
    software_filesystem: softwareName.default('rootfs-image'),
    software_name: softwareName.default('single-file'),
    software_version: softwareName.optional(),
  }),
);
/** There is but one. */
const THE_FILE = 'file';

const wish = z.object({
  name: softwareName,
  description,
  device_types_compatible: deviceTypes,
  // Mender's server makes this one alone.
  type: z.enum(['single_file', 'single-file']),
  args,
});

export function routeArtifactUploads(http: Http, context: ApiContext, slots: UploadSlots): void {
  http.post(ARTIFACTS, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'artifact.write', c.env.address);
    const { file: id } = await slots.run(person.tenantId, () =>
      readForm(c.req.raw, async ({ content }, before) => {
        const told = readInput(size.optional(), before.get('size'));
        return await store(person, content, readInput(description, before.get('description')), told);
      }),
    );
    if (id === undefined) throw new LovelyError('bad-request', 'The form has no file "artifact".');
    return c.body(null, 201, { location: `${ARTIFACTS}/${id}` });
  });

  http.post(`${ARTIFACTS}/generate`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'artifact.write', c.env.address);
    const id = await slots.run(person.tenantId, () => generate(person, c.req.raw));
    return c.body(null, 201, { location: `${ARTIFACTS}/${id}` });
  });

  async function generate(person: Person, request: Request): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'lovely-generate-'));
    try {
      // Its size must be known before the artifact begins, so the file waits here.
      const path = join(folder, 'file');
      const { fields, file } = await readForm(request, async ({ content }) => {
        return await spool(content, path, { bytesMax: GENERATED_FILE_BYTES_MAX }).catch(refuseToStore);
      });
      const { args: of, ...made } = readInput(wish, objectOf(fields));
      if (!file) throw new LovelyError('bad-request', 'The form has no file "file".');
      const artifact = madeArtifact(
        {
          name: made.name,
          description: made.description,
          deviceTypes: made.device_types_compatible,
          content: {
            type: 'single-file',
            file: { uploadId: THE_FILE, name: of.filename },
            destination: of.dest_dir,
            permissions: '644',
          },
          compression: 'gzip',
          provides: {
            [`${of.software_filesystem}.${of.software_name}.version`]: of.software_version ?? made.name,
          },
          depends: {},
          scripts: [],
        },
        {
          files: new Map([
            [THE_FILE, { bytes: file.bytes, createdAt: new Date(), open: () => createReadStream(path) }],
          ]),
          scripts: [],
          imageSha256: undefined,
        },
      );
      return await store(person, written(artifact, folder), made.description);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @param bytes how many were announced */
  async function store(
    person: Person,
    content: AsyncIterable<Uint8Array>,
    about: string,
    bytes?: number,
  ): Promise<string> {
    const { tenantId, user } = person;
    const parts = { database: context.store.database, blobs: context.blobs };
    const received = await receiveArtifact(parts, { tenantId, content });
    const { name } = received.record;
    return await change(context, person, 'artifact.create', { type: 'artifact', id: '', name }, async (made) => {
      if (bytes !== undefined && bytes > 0 && bytes !== received.bytes)
        throw new LovelyError('bad-artifact', `${bytes} bytes were announced, and ${received.bytes} came.`);
      const by = { createdBy: { type: 'user' as const, id: user.id, name: user.name }, description: about };
      const { id } = await insertArtifact(made.database, tenantId, received, by);
      const details = { bytes: received.bytes, sha256: received.sha256 };
      made.audit({ object: { type: 'artifact', id, name }, details });
      return id;
    });
  }
}

async function* written(artifact: NewArtifact, folder: string): AsyncGenerator<Uint8Array> {
  try {
    yield* writeArtifact(artifact, folder);
  } catch (error) {
    refuse(error);
  }
}

function objectOf(fields: FormFields): Record<string, string> {
  return Object.fromEntries(fields);
}

/** What is no JSON is left as it is, for the schema to refuse. */
function parseJson(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given;
  }
}
