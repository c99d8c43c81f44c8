// Uploads as people make them: in parts, again after an interruption, and with everything that can be wrong with them.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifact, Problem, TrustedKey, Upload } from '@lovely/api';
import { signManifest } from '@lovely/artifact';
import type { Task } from '../background-task.ts';
import { openFolderBlobs } from '../blobs/folder.ts';
import { createUploadSweeper } from '../software/upload-sweeper.ts';
import { createApi } from './api.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';
import { artifactBytes, createUpload, ended, sendPart, startEngine, uploadArtifact } from './test-software.ts';

let api: TestApi;
let engine: Task;
let spoolDir: string;
beforeAll(async () => {
  api = await startTestApi();
  spoolDir = await mkdtemp(join(tmpdir(), 'lovely-uploads-'));
  engine = startEngine(api, spoolDir);
}, 60_000);
afterAll(async () => {
  await engine.close();
  await api[Symbol.asyncDispose]();
  await rm(spoolDir, { recursive: true });
});

let tenants = 0;
/** Somebody of a tenant of their own. */
async function signIn(role = 'administrator', limits: object = {}): Promise<SignedIn & { tenantId: string }> {
  const tenantId = await api.makeTenant(`Uploads ${++tenants}`);
  await api.context.store.database
    .updateTable('tenants')
    .set({ limits: JSON.stringify(limits) })
    .where('id', '=', tenantId)
    .execute();
  return { tenantId, ...(await api.signIn(tenantId, [{ roleId: role, groupIds: null }])) };
}

async function problemOf(answer: Response): Promise<Problem> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  return (await answer.json()) as Problem;
}

const blobsNow = async (): Promise<string[]> =>
  (await Array.fromAsync(api.context.blobs.list())).map(({ sha256 }) => sha256);

/** As if the time that a blob is kept without a name were over. */
async function sweep(): Promise<void> {
  const { store, blobs } = api.context;
  await store.database
    .updateTable('stored_blobs')
    .set({ kept_until: new Date(0) })
    .execute();
  await createUploadSweeper({ database: store.database, blobs, spoolDir })();
}

test('an artifact that comes in one part is stored under its hash, described, and deleted with its content', async () => {
  const { token } = await signIn();
  const bytes = await artifactBytes({ name: 'one part', provides: { 'app.version': '7' } });
  const artifact = await uploadArtifact(api, token, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(artifact).toMatchObject({
    name: 'one part',
    deviceTypes: ['gateway'],
    provides: { artifact_name: 'one part', 'app.version': '7' },
    depends: { device_type: ['gateway'] },
    bytes: bytes.length,
    sha256,
    isSigned: false,
    signedBy: null,
    usedBy: 0,
  });
  expect(artifact.payloads[0]!.files).toMatchObject([{ name: 'app.bin', bytes: 16 }]);
  expect(await blobsNow()).toContain(sha256);
  const released = await api.call(token, 'GET', '/api/v1/releases?search=one&type=single-file&deviceType=gateway');
  expect(await released.json()).toMatchObject({ items: [{ name: 'one part', artifacts: [{ id: artifact.id }] }] });
  expect((await api.call(token, 'DELETE', `/api/v1/artifacts/${artifact.id}`)).status).toBe(204);
  expect((await api.call(token, 'GET', `/api/v1/artifacts/${artifact.id}`)).status).toBe(404);
  expect(await (await api.call(token, 'GET', '/api/v1/releases')).json()).toMatchObject({ items: [] });
  await sweep();
  expect(await blobsNow()).not.toContain(sha256);
});

test('an upload goes on where it broke off, also in another process', async () => {
  const { token } = await signIn();
  const bytes = await artifactBytes({ content: crypto.getRandomValues(new Uint8Array(60_000)), compression: 'none' });
  const { id } = await createUpload(api, token, bytes.length);
  // The first part breaks off.
  let sent = 0;
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= 20_000) return controller.error(new Error('hung up'));
      controller.enqueue(bytes.subarray(sent, (sent += 10_000)));
    },
  });
  await sendPart(api, token, id, 0, broken);
  const head = await api.call(token, 'HEAD', `/api/v1/uploads/${id}`);
  expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-complete')]).toEqual([
    200,
    '20000',
    '?0',
  ]);
  const wrong = await problemOf(await sendPart(api, token, id, 10_000, bytes.subarray(10_000)));
  expect([wrong.code, wrong.detail]).toEqual(['upload-offset', 'It goes on at 20000.']);
  const other = createApi(api.context);
  expect((await sendPart({ ...api, api: other }, token, id, 20_000, bytes.subarray(20_000, 30_000))).status).toBe(200);
  await other.close();
  // This process has not seen what the other took.
  expect((await sendPart(api, token, id, 30_000, bytes.subarray(30_000))).status).toBe(200);
  expect(await ended(api, token, id)).toMatchObject({ state: 'done', offset: bytes.length });
});

test('a part that comes later puts off one that hangs, and only what is stored counts', async () => {
  const { token } = await signIn();
  const bytes = await artifactBytes({ name: 'hangs' });
  const { id } = await createUpload(api, token, bytes.length);
  const hanging = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  const first = sendPart(
    api,
    token,
    id,
    0,
    new ReadableStream({
      start: (controller) => controller.enqueue(bytes.subarray(0, 3000)),
      // Asked for more: the first is on its way.
      pull: (controller) => hanging.resolve(controller),
    }),
  );
  const controller = await hanging.promise;
  expect((await sendPart(api, token, id, 0, bytes)).status).toBe(200);
  controller.close();
  expect((await problemOf(await first)).code).toBe('upload-busy');
  expect((await ended(api, token, id)).state).toBe('done');
});

test('it is refused at the first wrong byte, with the reason, and nothing is kept', async () => {
  const { token } = await signIn();
  const bytes = await artifactBytes({ content: new Uint8Array(400_000), compression: 'none' });
  bytes[200_000]! ^= 1;
  const { id } = await createUpload(api, token, bytes.length);
  await sendPart(api, token, id, 0, bytes.subarray(0, 100_000));
  const refused = await problemOf(await sendPart(api, token, id, 100_000, bytes.subarray(100_000)));
  expect([refused.code, refused.detail]).toEqual([
    'bad-artifact',
    expect.stringContaining('data/0000/app.bin is not what the manifest says'),
  ]);
  expect(await ended(api, token, id)).toMatchObject({ state: 'refused', code: 'bad-artifact', reason: refused.detail });
  expect((await problemOf(await sendPart(api, token, id, 0, bytes))).code).toBe('upload-over');
  await sweep();
  expect(await blobsNow()).not.toContain(createHash('sha256').update(bytes.subarray(0, 100_000)).digest('hex'));
  const tenant = await api.call(token, 'GET', '/api/v1/tenant');
  expect(((await tenant.json()) as { usage: { storageBytes: number } }).usage.storageBytes).toBe(0);
});

test.each([
  ['truncated', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5000), /ends/],
  ['no tar at all', () => Buffer.alloc(6000, 'x'), /number of a header/],
  ['an empty archive', () => Buffer.alloc(10_240), /version/],
])('%s: refused as it arrives', async (_what, spoil, reason) => {
  const { token } = await signIn();
  const bytes = spoil(await artifactBytes({ content: new Uint8Array(10_000), compression: 'none' }));
  const { id } = await createUpload(api, token, bytes.length);
  const problem = await problemOf(await sendPart(api, token, id, 0, bytes));
  expect(problem.code).toBe('bad-artifact');
  expect(problem.detail).toMatch(reason);
});

test('a second artifact of a name for the same type of device is refused, for another type it joins the release', async () => {
  const { token } = await signIn();
  const first = await uploadArtifact(api, token, await artifactBytes({ name: 'twice', deviceTypes: ['a', 'b'] }));
  const same = await artifactBytes({ name: 'twice', deviceTypes: ['b', 'c'] });
  const { id } = await createUpload(api, token, same.length);
  await sendPart(api, token, id, 0, same);
  expect(await ended(api, token, id)).toMatchObject({ state: 'refused', code: 'artifact-exists' });
  const other = await uploadArtifact(api, token, await artifactBytes({ name: 'twice', deviceTypes: ['c'] }));
  expect(other.releaseId).toBe(first.releaseId);
  const patched = await api.call(token, 'PATCH', `/api/v1/releases/${first.releaseId}`, {
    tags: ['beta'],
    notes: 'New.',
  });
  expect(await patched.json()).toMatchObject({ tags: ['beta'], notes: 'New.', artifacts: [{ name: 'twice' }, {}] });
  expect(await (await api.call(token, 'GET', '/api/v1/releases/names')).json()).toEqual({
    deviceTypes: ['a', 'b', 'c'],
    types: ['single-file'],
    tags: ['beta'],
  });
});

test('the storage of an organisation is held to, also by uploads under way', async () => {
  const bytes = await artifactBytes();
  const { token } = await signIn('administrator', { storageBytes: bytes.length + 1000 });
  const { id } = await createUpload(api, token, bytes.length);
  const more = await problemOf(await api.call(token, 'POST', '/api/v1/uploads', { bytes: 2000 }));
  expect([more.code, more.detail]).toEqual([
    'storage-limit',
    `It has 2000 bytes; of ${bytes.length + 1000} bytes, 1000 are left.`,
  ]);
  await sendPart(api, token, id, 0, bytes);
  expect((await ended(api, token, id)).state).toBe('done');
  expect((await problemOf(await api.call(token, 'POST', '/api/v1/uploads', { bytes: 2000 }))).code).toBe(
    'storage-limit',
  );
});

test('only artifacts that a trusted key has signed are taken where that is asked for', async () => {
  const { token } = await signIn();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = (name: string) =>
    artifactBytes({ name, sign: (manifest) => signManifest(manifest, privateKey), deviceTypes: [name] });
  const early = await uploadArtifact(api, token, await signed('early'));
  expect([early.isSigned, early.signedBy]).toEqual([true, null]);
  await api.call(token, 'PATCH', '/api/v1/tenant', { settings: { requireSignedArtifacts: true } });
  const bytes = await signed('later');
  const untrusted = await createUpload(api, token, bytes.length);
  await sendPart(api, token, untrusted.id, 0, bytes);
  expect(await ended(api, token, untrusted.id)).toMatchObject({ state: 'refused', code: 'artifact-not-trusted' });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const trusted = await api.call(token, 'POST', '/api/v1/trusted-keys', { name: 'CI', publicKeyPem: pem });
  const key = (await trusted.json()) as TrustedKey;
  // What it signed before is known as its own now.
  expect(key).toMatchObject({ algorithm: 'ecdsa', artifacts: 1 });
  expect((await uploadArtifact(api, token, bytes)).signedBy).toBe(key.id);
  const secret = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  for (const [publicKeyPem, code] of [
    [pem, 'key-exists'],
    [secret, 'bad-input'],
    ['nonsense', 'bad-input'],
  ])
    expect(
      (await problemOf(await api.call(token, 'POST', '/api/v1/trusted-keys', { name: 'x', publicKeyPem }))).code,
    ).toBe(code as Problem['code']);
  expect((await api.call(token, 'DELETE', `/api/v1/trusted-keys/${key.id}`)).status).toBe(204);
  const after = (await (await api.call(token, 'GET', `/api/v1/artifacts/${early.id}`)).json()) as Artifact;
  expect([after.isSigned, after.signedBy]).toEqual([true, null]);
});

test('an artifact is made of plain files, which are gone then', async () => {
  const { token } = await signIn();
  const file = async (name: string, content: string): Promise<string> => {
    const { id } = await createUpload(api, token, Buffer.byteLength(content), { kind: 'file', name });
    expect(((await (await sendPart(api, token, id, 0, Buffer.from(content))).json()) as Upload).state).toBe('done');
    return id;
  };
  const uploadId = await file('app.conf', 'colour = green\n');
  const script = await file('check', '#!/bin/sh\nexit 0\n');
  const wish = {
    name: 'made',
    deviceTypes: ['gateway'],
    content: { type: 'single-file', file: { uploadId, name: 'app.conf' }, destination: '/etc/app' },
    scripts: [{ uploadId: script, name: 'ArtifactInstall_Enter_00_check' }],
  };
  const bad = { ...wish, scripts: [{ uploadId: script, name: 'Download_Enter_00' }] };
  expect((await problemOf(await api.call(token, 'POST', '/api/v1/uploads/make', bad))).pointer).toBe('/scripts/0/name');
  const made = (await (await api.call(token, 'POST', '/api/v1/uploads/make', wish)).json()) as Upload;
  const { artifactId, reason } = await ended(api, token, made.id);
  expect(reason).toBeNull();
  const artifact = (await (await api.call(token, 'GET', `/api/v1/artifacts/${artifactId}`)).json()) as Artifact;
  expect(artifact).toMatchObject({
    provides: { 'rootfs-image.single-file.version': 'made' },
    scripts: ['ArtifactInstall_Enter_00_check'],
  });
  expect(artifact.payloads[0]!.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['dest_dir', 8],
    ['filename', 8],
    ['permissions', 3],
    ['app.conf', 15],
  ]);
  expect((await api.call(token, 'GET', `/api/v1/uploads/${uploadId}`)).status).toBe(404);
  const gone = await problemOf(await api.call(token, 'POST', '/api/v1/uploads/make', wish));
  expect([gone.code, gone.detail]).toEqual(['bad-input', expect.stringContaining('There is no uploaded file')]);
});

test('an upload that nobody goes on with is deleted with what it stored', async () => {
  const { token } = await signIn();
  const content = crypto.getRandomValues(new Uint8Array(5000));
  const { id } = await createUpload(api, token, 10_000, { kind: 'file' });
  await sendPart(api, token, id, 0, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(await blobsNow()).toContain(sha256);
  await sweep();
  expect(await blobsNow()).toContain(sha256);
  await api.context.store.database
    .updateTable('uploads')
    .set({ expires_at: new Date(0) })
    .where('id', '=', id)
    .execute();
  await sweep();
  expect(await blobsNow()).not.toContain(sha256);
  expect((await api.call(token, 'GET', `/api/v1/uploads/${id}`)).status).toBe(404);
});

test('what two organisations share stays until both have deleted it', async () => {
  const bytes = await artifactBytes({ name: 'shared' });
  const people = [await signIn(), await signIn()];
  const artifacts = [];
  for (const { token } of people) artifacts.push(await uploadArtifact(api, token, bytes));
  const { sha256 } = artifacts[0]!;
  for (const [index, { token }] of people.entries()) {
    expect(await blobsNow()).toContain(sha256);
    // Nobody reaches into another organisation.
    const [foreign, own] = [artifacts[1 - index]!, artifacts[index]!];
    if (index === 0) expect((await api.call(token, 'DELETE', `/api/v1/artifacts/${foreign.id}`)).status).toBe(404);
    expect((await api.call(token, 'DELETE', `/api/v1/artifacts/${own.id}`)).status).toBe(204);
    await sweep();
  }
  expect(await blobsNow()).not.toContain(sha256);
});

test('who may not write software uploads nothing, and nobody goes on with the upload of another organisation', async () => {
  const [owner, stranger, viewer] = [await signIn(), await signIn(), await signIn('viewer')];
  const bytes = await artifactBytes();
  const { id } = await createUpload(api, owner.token, bytes.length);
  expect((await sendPart(api, stranger.token, id, 0, bytes)).status).toBe(404);
  expect((await sendPart(api, viewer.token, id, 0, bytes)).status).toBe(403);
  expect((await api.call(viewer.token, 'POST', '/api/v1/uploads', { bytes: 5 })).status).toBe(403);
  expect((await sendPart(api, owner.token, 'nonsense', 0, bytes)).status).toBe(404);
  expect((await problemOf(await sendPart(api, owner.token, id, 0, Buffer.concat([bytes, Buffer.alloc(1)])))).code).toBe(
    'bad-request',
  );
});

const DISK_BYTES = 4 * 1024 * 1024;

// Only root can make a small file system to fill.
test.skipIf(process.getuid?.() !== 0)(
  'a disk that is full is told of, keeps nothing half, and the upload goes on when there is room',
  async () => {
    const disk = await mkdtemp(join(tmpdir(), 'lovely-disk-'));
    await Bun.$`mount -t tmpfs -o size=${DISK_BYTES} tmpfs ${disk}`.quiet();
    try {
      const full = createApi({ ...api.context, blobs: await openFolderBlobs(disk) });
      const { token } = await signIn();
      const content = new Uint8Array(DISK_BYTES + 1024 * 1024);
      const { id } = await createUpload(api, token, content.length, { kind: 'file' });
      const refused = await sendPart({ ...api, api: full }, token, id, 0, content);
      expect([refused.status, (await problemOf(refused)).code]).toEqual([507, 'storage-full']);
      expect(await readdir(join(disk, 'new'))).toEqual([]);
      await full.close();
      expect((await sendPart(api, token, id, 0, content)).status).toBe(200);
      expect((await ended(api, token, id)).state).toBe('done');
    } finally {
      await Bun.$`umount -l ${disk}`.quiet();
      await rm(disk, { recursive: true });
    }
  },
);
