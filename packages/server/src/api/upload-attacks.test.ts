// Uploads of people who want more than they may have, or who keep others from theirs; and what a killed process leaves.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@lovely/api';
import type { Task } from '../background-task.ts';
import type { Blobs } from '../blobs/blobs.ts';
import { UPLOADS_AT_ONCE_MAX, UPLOADS_OF_TENANT_AT_ONCE_MAX } from '../software-limits.ts';
import { storeBlob } from '../software/kept-blobs.ts';
import { createUploadSweeper } from '../software/upload-sweeper.ts';
import { startTestApi, TEST_ORIGIN, type TestApi } from './test-api.ts';
import { artifactBytes, createUpload, ended, sendPart, startEngine, uploadArtifact } from './test-software.ts';

let api: TestApi;
let engine: Task;
let spoolDir: string;
beforeAll(async () => {
  api = await startTestApi();
  spoolDir = await mkdtemp(join(tmpdir(), 'lovely-attacked-'));
  engine = startEngine(api, spoolDir);
}, 60_000);
afterAll(async () => {
  await engine.close();
  await api[Symbol.asyncDispose]();
  await rm(spoolDir, { recursive: true });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(5);
}

let tenants = 0;
/** An administrator of a tenant of their own. */
async function signIn(limits: object = {}): Promise<string> {
  const tenantId = await api.makeTenant(`Attacks ${++tenants}`);
  const { database } = api.context.store;
  await database
    .updateTable('tenants')
    .set({ limits: JSON.stringify(limits) })
    .where('id', '=', tenantId)
    .execute();
  return (await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }])).token;
}

const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as Problem).code;

interface Hanging {
  readonly answer: Promise<Response>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

/** A part of which some has come, and more is waited for. */
async function hang(token: string, id: string, begin: Uint8Array): Promise<Hanging> {
  const asked = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(begin),
    pull: (controller) => asked.resolve(controller),
  });
  const answer = sendPart(api, token, id, 0, body);
  return { answer, controller: await asked.promise };
}

test('who asks for storage many times at the same moment gets no more than there is', async () => {
  const token = await signIn({ storageBytes: 1000 });
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => api.call(token, 'POST', '/api/v1/uploads', { bytes: 400 })),
  );
  expect([201, 422].map((wanted) => answers.filter(({ status }) => status === wanted).length)).toEqual([2, 10]);
});

test('one part out of many that begin at the same place counts', async () => {
  const token = await signIn();
  const bytes = await artifactBytes({ content: crypto.getRandomValues(new Uint8Array(20_000)) });
  const { id } = await createUpload(api, token, bytes.length);
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => sendPart(api, token, id, 0, bytes.subarray(0, 9_000))),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await sendPart(api, token, id, 9_000, bytes.subarray(9_000))).status).toBe(200);
  expect(await ended(api, token, id)).toMatchObject({ state: 'done', bytes: bytes.length });
});

test('a part that was put off can’t have the upload refused any more', async () => {
  const token = await signIn();
  const bytes = await artifactBytes({ name: 'put off' });
  const { id } = await createUpload(api, token, bytes.length);
  const first = await hang(token, id, bytes.subarray(0, 100));
  const second = await hang(token, id, bytes.subarray(0, 2_000));
  first.controller.enqueue(new Uint8Array(1000).fill(255));
  first.controller.close();
  expect(await codeOf(await first.answer)).toBe('upload-busy');
  second.controller.enqueue(bytes.subarray(2_000));
  second.controller.close();
  expect((await second.answer).status).toBe(200);
  expect((await ended(api, token, id)).state).toBe('done');
});

async function sendAsMender(token: string, bytes: Buffer): Promise<Response> {
  const body = new FormData();
  body.set('artifact', new Blob([bytes]), 'a.mender');
  const headers = { authorization: `Bearer ${token}` };
  const url = `${TEST_ORIGIN}/api/management/v1/deployments/artifacts`;
  return (await api.api.answer(new Request(url, { method: 'POST', headers, body }), '127.0.0.1')) as Response;
}

test('one organisation that lets its parts hang leaves room for the others', async () => {
  const token = await signIn();
  const hanging: Hanging[] = [];
  for (let count = 0; count < UPLOADS_OF_TENANT_AT_ONCE_MAX; count++) {
    const { id } = await createUpload(api, token, 1000, { kind: 'file' });
    hanging.push(await hang(token, id, new Uint8Array(10)));
  }
  expect(UPLOADS_OF_TENANT_AT_ONCE_MAX).toBeLessThan(UPLOADS_AT_ONCE_MAX);
  const { id } = await createUpload(api, token, 1000, { kind: 'file' });
  expect(await codeOf(await sendPart(api, token, id, 0, new Uint8Array(1000)))).toBe('uploads-busy');
  const bytes = await artifactBytes({ name: 'meanwhile' });
  expect((await sendAsMender(token, bytes)).status).toBe(503);
  expect((await uploadArtifact(api, await signIn(), bytes)).name).toBe('meanwhile');
  for (const { controller, answer } of hanging) {
    controller.close();
    await answer;
  }
  expect((await sendPart(api, token, id, 0, new Uint8Array(1000))).status).toBe(200);
});

test('what a process that is killed at any moment of storing leaves is found again and goes', async () => {
  const { store, blobs } = api.context;
  const content = () => new Blob(['left by nobody']).stream();
  // Killed when the hash is known, which is the last moment before the content is there.
  const killed = Promise.withResolvers<never>();
  let isRecorded = false;
  const dying: Blobs = {
    ...bound(blobs),
    put: (given, options) =>
      blobs.put(given, {
        ...options,
        async known(blob) {
          await options?.known?.(blob);
          isRecorded = true;
          await killed.promise;
        },
      }),
  };
  const storing = storeBlob({ database: store.database, blobs: dying }, content());
  await until(() => isRecorded);
  const row = store.database.selectFrom('stored_blobs').select('sha256').where('bytes', '=', 14);
  const { sha256 } = await row.executeTakeFirstOrThrow();
  // What the killed one would have done next.
  await blobs.put(content());
  killed.reject(new Error('killed'));
  await storing.catch(() => undefined);
  const leftover = join(spoolDir, 'lovely-artifact-left');
  await mkdir(leftover);
  await utimes(leftover, 0, 0);
  const sweep = createUploadSweeper({ database: store.database, blobs, spoolDir });
  await sweep();
  expect(await blobs.find(sha256)).toBeDefined();
  expect(await readdir(spoolDir)).not.toContain('lovely-artifact-left');
  await store.database
    .updateTable('stored_blobs')
    .set({ kept_until: new Date(0) })
    .execute();
  await sweep();
  expect(await blobs.find(sha256)).toBeUndefined();
});

/** With methods that can be handed on one by one. */
function bound(blobs: Blobs): Blobs {
  return {
    put: (...given) => blobs.put(...given),
    get: (...given) => blobs.get(...given),
    localPath: (sha256) => blobs.localPath(sha256),
    find: (sha256) => blobs.find(sha256),
    delete: (sha256) => blobs.delete(sha256),
    list: () => blobs.list(),
    tidy: () => blobs.tidy(),
  };
}

test('an artifact whose header can be read and not be kept is refused once and for all', async () => {
  const token = await signIn();
  const deep = JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`) as unknown;
  const made = (metaData: Record<string, unknown>, name: string) =>
    artifactBytes({
      name,
      payloads: [{ type: 't', provides: {}, depends: {}, clearsProvides: undefined, metaData, files: [] }],
    } as Parameters<typeof artifactBytes>[0]);
  expect((await uploadArtifact(api, token, await made({ deep }, 'deep'))).name).toBe('deep');
  const bytes = await made({ text: 'a\0b' }, 'unstorable');
  const { id } = await createUpload(api, token, bytes.length);
  await sendPart(api, token, id, 0, bytes);
  expect(await ended(api, token, id)).toMatchObject({ state: 'refused', code: 'bad-artifact' });
});
