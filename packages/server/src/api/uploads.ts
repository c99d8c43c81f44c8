/** Uploads: begun, asked about and given up as JSON; their parts come as they are. */
import { createUpload, deleteUpload, getUpload, listUploads, makeArtifact, PATHS, type Upload } from '@lovely/api';
import { checkWish, uploadsOf } from '../domain/made-artifact.ts';
import { LovelyError } from '../errors.ts';
import type { UploadSlots } from '../software/upload-slots.ts';
import { createUploads, type Uploads } from '../software/uploads.ts';
import * as store from '../store/uploads.ts';
import type { ApiContext } from './context.ts';
import { startedBy } from './fix-runs.ts';
import { requirePerson } from './guard.ts';
import { route, type Http } from './route.ts';

const PART_TYPE = 'application/octet-stream';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Returns what is to be closed with the api. */
export function routeUploads(http: Http, context: ApiContext, slots: UploadSlots): Uploads {
  const uploads = createUploads({ database: context.store.database, blobs: context.blobs }, slots);

  route(http, context, createUpload, async ({ person, database, body, setHeader, audit }) => {
    const upload = await store.insertUpload(database, person.tenantId, { ...body, createdBy: startedBy(person) });
    setHeader('location', `/api/v1/uploads/${upload.id}`);
    audit({ object: objectOf(upload), details: { kind: upload.kind, bytes: upload.bytes } });
    return upload;
  });

  route(http, context, makeArtifact, async ({ person, database, body: wish, audit }) => {
    checkWish(wish);
    const files = await store.getFiles(database, person.tenantId, uploadsOf(wish));
    const upload = await store.insertUpload(database, person.tenantId, {
      kind: 'made',
      name: wish.name,
      description: wish.description,
      bytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      wish,
      createdBy: startedBy(person),
    });
    const { deviceTypes, content } = wish;
    audit({ object: objectOf(upload), details: { type: content.type, deviceTypes, files: files.size } });
    return upload;
  });

  route(http, context, listUploads, async ({ person, database }) => ({
    items: await store.listUploads(database, person.tenantId),
  }));

  // HEAD comes here too, and gets the headers.
  route(http, context, getUpload, async ({ person, database, params, setHeader }) => {
    const upload = await store.getUpload(database, person.tenantId, params.id);
    for (const [name, value] of Object.entries(progressOf(upload))) setHeader(name, value);
    return upload;
  });

  route(http, context, deleteUpload, async ({ person, database, params, audit }) => {
    const upload = await store.getUpload(database, person.tenantId, params.id);
    await store.deleteUpload(database, person.tenantId, params.id);
    audit({ object: objectOf(upload), details: { state: upload.state } });
    return undefined;
  });

  http.patch(PATHS.uploadParts.replace('{id}', ':id'), async (c) => {
    const request = c.req.raw;
    const person = await requirePerson(context, request, 'artifact.write', c.env.address);
    const id = c.req.param('id')!;
    if (!UUID.test(id)) throw new LovelyError('not-found');
    if (request.headers.get('content-type')?.toLowerCase() !== PART_TYPE)
      throw new LovelyError('bad-request', `Send the bytes as ${PART_TYPE}.`);
    const offset = readOffset(request.headers.get('upload-offset'));
    await uploads.receive(person.tenantId, id, offset, request.body ?? nothing());
    const upload = await store.getUpload(person.database, person.tenantId, id);
    return c.json(upload, 200, progressOf(upload));
  });
  return uploads;
}

function progressOf({ offset, bytes, state }: Upload): Record<string, string> {
  return {
    'upload-offset': String(offset),
    'upload-length': String(bytes),
    'upload-complete': state === 'arriving' ? '?0' : '?1',
  };
}

function readOffset(header: string | null): number {
  const offset = /^\d{1,15}$/.test(header ?? '') ? Number(header) : NaN;
  if (Number.isNaN(offset)) throw new LovelyError('bad-request', 'Upload-Offset: say where the part begins, in bytes.');
  return offset;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function objectOf({ id, name }: Upload) {
  return { type: 'upload', id, name };
}
