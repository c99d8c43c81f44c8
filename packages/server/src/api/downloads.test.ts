// Downloads over a real socket: what matters is what is on the wire.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifact } from '@lovely/api';
import type { Task } from '../background-task.ts';
import { makeDownloadPath } from '../download-links.ts';
import { listen, type Listener } from '../listener.ts';
import { harden } from '../security-headers.ts';
import { toConfigurationPath } from './mender/device-configuration.ts';
import { insertConfigurationArtifact } from '../store/configuration-artifacts.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';
import { artifactBytes, startEngine, uploadArtifact } from './test-software.ts';

let api: TestApi;
let engine: Task;
let spoolDir: string;
let listener: Listener;
let person: SignedIn;
let tenantId: string;
let bytes: Buffer;
let artifact: Artifact;
beforeAll(async () => {
  api = await startTestApi();
  spoolDir = await mkdtemp(join(tmpdir(), 'lovely-downloads-'));
  engine = startEngine(api, spoolDir);
  listener = listen({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeoutMs: 60_000,
    frameBytesMax: 1000,
    bufferBytesMax: 100_000,
    answer: async (request, address) => harden(await api.api.answer(request, address), false),
  });
  tenantId = api.context.firstTenantId;
  person = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
  bytes = await artifactBytes({ content: crypto.getRandomValues(new Uint8Array(300_000)), name: 'a "release"/7' });
  artifact = await uploadArtifact(api, person.token, bytes);
}, 60_000);
afterAll(async () => {
  await listener.close();
  await engine.close();
  await api[Symbol.asyncDispose]();
  await rm(spoolDir, { recursive: true });
});

const HOUR_MS = 3600_000;

function link(more: Partial<Parameters<typeof makeDownloadPath>[1]> = {}): string {
  const grant = { tenantId, artifactId: artifact.id, expiresAtMs: Date.now() + HOUR_MS, ...more };
  return makeDownloadPath(api.context.linkKeys, grant);
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await fetch(`http://127.0.0.1:${listener.port}${path}`, { method, headers, redirect: 'manual' });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

test('a link gives the content with its length, unchanged whatever the other side could unpack', async () => {
  const { status, headers, body } = await get(link(), { 'accept-encoding': 'gzip, br' });
  expect(status).toBe(200);
  expect(body.equals(bytes)).toBe(true);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-length': String(bytes.length),
    'content-type': 'application/vnd.mender-artifact',
    'content-disposition': 'attachment; filename="a-release-7.mender"',
    'accept-ranges': 'bytes',
    etag: `"${artifact.sha256}"`,
  });
  for (const name of ['transfer-encoding', 'content-encoding', 'location']) expect(headers.has(name)).toBe(false);
});

test('HEAD tells the same without the content', async () => {
  const { status, headers, body } = await get(link(), {}, 'HEAD');
  expect([status, headers.get('content-length'), body.length]).toEqual([200, String(bytes.length), 0]);
  const part = await get(link(), { range: 'bytes=10-19' }, 'HEAD');
  expect([part.status, part.headers.get('content-length')]).toEqual([206, '10']);
});

test.each([
  ['bytes=0-0', 0, 1],
  ['bytes=1000-', 1000, Infinity],
  ['bytes=299999-9999999999', 299_999, Infinity],
  ['bytes=-500', -500, Infinity],
  ['bytes=-99999999', 0, Infinity],
  ['Bytes = 5 - 9', 5, 10],
])('%s gives these bytes and says which', async (range, start, end) => {
  const { status, headers, body } = await get(link(), { range });
  const expected = bytes.subarray(start, end);
  const from = start < 0 ? bytes.length + start : start;
  expect([status, body.equals(expected)]).toEqual([206, true]);
  expect(headers.get('content-range')).toBe(`bytes ${from}-${from + expected.length - 1}/${bytes.length}`);
  expect(headers.get('content-length')).toBe(String(expected.length));
});

test.each(['bytes=9-5', 'bytes=a-b', 'bytes=', 'bytes=-', 'lines=1-2', 'bytes=0-1,5-6', 'bytes=0x1-2'])(
  '%s is no range that counts: all of it comes',
  async (range) => {
    const { status, body } = await get(link(), { range });
    expect([status, body.length]).toEqual([200, bytes.length]);
  },
);

test.each(['bytes=99999999-', 'bytes=-0'])('%s: there are no such bytes', async (range) => {
  const { status, headers } = await get(link(), { range });
  expect([status, headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
});

test('a range counts only for the content that it was meant for', async () => {
  const range = 'bytes=10-19';
  expect((await get(link(), { range, 'if-range': `"${artifact.sha256}"` })).status).toBe(206);
  expect((await get(link(), { range, 'if-range': '"another"' })).status).toBe(200);
  expect((await get(link(), { 'if-none-match': `"${artifact.sha256}"` })).status).toBe(304);
});

test.each([
  ['without a signature', () => link().replace(/&signature=[^&]*/, '')],
  ['with another signature', () => link().replace(/signature=./, 'signature=_')],
  ['for another artifact', () => link().replace(artifact.id, randomUUID())],
  ['for another tenant', () => link().replace(tenantId, randomUUID())],
  ['that lasts longer', () => link().replace(/expires=\d+/, 'expires=9999999999')],
  ['that goes faster', () => link({ bytesPerSecond: 1000 }).replace('rate=1000', 'rate=9999999')],
  ['with a member more', () => `${link()}&device=${randomUUID()}`],
  ['of a key that nobody has', () => link().replace(/key=[^&]*/, `key=${randomUUID()}`)],
  ['past its time', () => link({ expiresAtMs: Date.now() - 1000 })],
  ['of a device that there is not', () => link({ deviceId: randomUUID() })],
])('a link %s gives nothing', async (_what, path) => {
  const { status, body } = await get(path());
  expect([status, (JSON.parse(body.toString()) as { code: string }).code]).toEqual([403, 'bad-download-link']);
});

test('a link lasts a day at most, whatever is asked for', () => {
  const expires = Number(
    new URLSearchParams(link({ expiresAtMs: Date.now() + 1000 * HOUR_MS }).split('?')[1]).get('expires'),
  );
  expect(expires * 1000).toBeLessThanOrEqual(Date.now() + 24 * HOUR_MS);
});

test('an artifact of another tenant is not to be had by a good link of ours, and a deleted one by none', async () => {
  const other = await api.makeTenant('Downloads elsewhere');
  expect((await get(link({ tenantId: other }))).status).toBe(404);
  const small = await uploadArtifact(api, person.token, await artifactBytes({ name: 'short-lived' }));
  const path = link({ artifactId: small.id });
  expect((await get(path)).status).toBe(200);
  await api.call(person.token, 'DELETE', `/api/v1/artifacts/${small.id}`);
  expect((await get(path)).status).toBe(404);
});

test('a configuration made an artifact is given to its device only as long as that is accepted', async () => {
  const { database } = api.context.store;
  await generateFleet(database, tenantId, 1);
  const { id: deviceId } = await database.selectFrom('devices').select('id').executeTakeFirstOrThrow();
  const content = Buffer.from('a configuration');
  const made = { deviceId, name: 'configuration-1', deviceType: 'house', version: 1, content };
  await insertConfigurationArtifact(database, tenantId, made);
  const { id } = await database.selectFrom('configuration_artifacts').select('id').executeTakeFirstOrThrow();
  const path = toConfigurationPath(link({ artifactId: id, deviceId }));
  for (const [status, answer] of [
    ['accepted', 200],
    ['rejected', 403],
  ] as const) {
    await database.updateTable('devices').set({ status }).where('id', '=', deviceId).execute();
    expect((await get(path)).status).toBe(answer);
  }
});

test('people download what their organisation has, signed in', async () => {
  const path = `/api/v1/artifacts/${artifact.id}/download`;
  const own = await get(path, { authorization: `Bearer ${person.token}`, range: 'bytes=5-' });
  expect([own.status, own.body.equals(bytes.subarray(5))]).toEqual([206, true]);
  expect((await get(path)).status).toBe(401);
  const other = await api.signIn(await api.makeTenant('Curious'), [{ roleId: 'administrator', groupIds: null }]);
  expect((await get(path, { authorization: `Bearer ${other.token}` })).status).toBe(404);
  expect((await get('/api/v1/artifacts/nonsense/download', { authorization: `Bearer ${person.token}` })).status).toBe(
    404,
  );
});

test('a body that is too large for its route is refused before it is read', async () => {
  const answer = await fetch(`http://127.0.0.1:${listener.port}/api/v1/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: new Uint8Array(17 * 1024 * 1024),
  });
  expect(answer.status).toBe(413);
});
