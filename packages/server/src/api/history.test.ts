/** History and Prometheus over HTTP: shapes, ranges, and who sees what. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { GroupHistory, History } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { HISTORY_RETENTION_DAYS } from '../domain/history.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { addGroupDevices, insertGroup } from '../store/groups.ts';
import { rollUp } from '../store/history-rollups.ts';
import { storeStatus } from '../store/status.ts';
import { Exposition } from './prometheus.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let api: TestApi;
let viewer: SignedIn;
let ofGroup: SignedIn;
let groupId: string;
let inGroup: string;
let outside: string;
const hourMs = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;

beforeAll(async () => {
  api = await startTestApi();
  const { store, firstTenantId: tenantId } = api.context;
  await generateFleet(store.database, tenantId, 3);
  const accepted = await store.database.selectFrom('devices').select('id').orderBy('id').execute();
  [inGroup, outside] = accepted.map(({ id }) => id) as [string, string];
  groupId = randomUUID();
  await insertGroup(store.database, tenantId, { id: groupId, name: 'some', description: '', filter: null });
  await addGroupDevices(store.database, tenantId, ALL_DEVICES, groupId, [inGroup]);
  viewer = await api.signIn(tenantId, [{ roleId: 'viewer', groupIds: null }]);
  ofGroup = await api.signIn(tenantId, [{ roleId: 'viewer', groupIds: [groupId] }]);
  await storeStatus(
    store,
    [inGroup, outside].flatMap((deviceId, device) =>
      Array.from({ length: 60 }, (_, at) => ({
        tenantId,
        deviceId,
        source: '',
        tsMs: hourMs + at * MINUTE,
        values: {
          'load.1m': at + device,
          'disk./var.usedPercent': 50,
          'own "name"\\': 'a\nb',
          'lovely_x{} 1\n': 3,
          'a.b': 1,
          a_b: true,
        },
      })),
    ),
  );
  await rollUp(store, '5min', HISTORY_RETENTION_DAYS);
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const iso = (ms: number) => new Date(ms).toISOString();
const get = async (who: SignedIn, path: string) => await api.call(who.token, 'GET', `/api/v1/${path}`);

test('a chart has the metrics that were asked for, and says what it is made of', async () => {
  const range = `from=${iso(hourMs)}&to=${iso(hourMs + HOUR)}`;
  const answer = await get(viewer, `devices/${inGroup}/history?metrics=load.1m,a_b&${range}&points=60`);
  expect(answer.status).toBe(200);
  const history = (await answer.json()) as History;
  expect([history.resolution, history.stepMs, history.times.length]).toEqual(['raw', MINUTE, 60]);
  expect(history.series.map(({ metric, kind }) => [metric, kind])).toEqual([
    ['a_b', 'state'],
    ['load.1m', 'number'],
  ]);
  const all = (await (await get(viewer, `devices/${inGroup}/history?${range}`)).json()) as History;
  expect(all.series).toHaveLength(6);
});

test('a range that is none is refused, and a metric that is not there is left out', async () => {
  for (const query of [
    `from=${iso(hourMs)}&to=${iso(hourMs)}`,
    'from=1900-01-01T00:00:00Z',
    'from=yesterday',
    'points=0',
    `metrics=${'a,b,c,d,e,f,g,h,i,j'.replaceAll(/[a-j]/g, (letter) => [1, 2, 3, 4, 5, 6].map((n) => letter + n).join())}`,
  ])
    expect((await get(viewer, `devices/${inGroup}/history?${query}`)).status).toBe(422);
  const history = (await (await get(viewer, `devices/${inGroup}/history?metrics=none`)).json()) as History;
  expect(history.series).toEqual([]);
});

test('the history of a house outside of the own groups is not found', async () => {
  expect((await get(ofGroup, `devices/${inGroup}/history`)).status).toBe(200);
  for (const id of [outside, randomUUID()]) expect((await get(ofGroup, `devices/${id}/history`)).status).toBe(404);
});

test('percentiles of a group are over the houses that one sees', async () => {
  const range = `metric=load.1m&from=${iso(hourMs)}&to=${iso(hourMs + HOUR)}&points=12`;
  for (const who of [viewer, ofGroup]) {
    const spread = (await (await get(who, `groups/${groupId}/history?${range}`)).json()) as GroupHistory;
    expect(spread).toMatchObject({ devices: 1, resolution: '5min', p50: { 0: 2, 11: 57 }, counts: { 0: 1 } });
  }
  expect((await get(ofGroup, `groups/${randomUUID()}/history?${range}`)).status).toBe(404);
});

test('Prometheus reads the last values of the houses that one sees, each metric together, with names it takes', async () => {
  const answer = await get(viewer, 'metrics/prometheus');
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await answer.text()).trimEnd().split('\n');
  const sample = /^([a-z_][a-z0-9_]*)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} -?[0-9.e+]+$/;
  const samples = lines.filter((line) => !line.startsWith('# '));
  expect(samples.filter((line) => !sample.test(line))).toEqual([]);
  const names = samples.map((line) => sample.exec(line)![1]!);
  expect(new Set(names).size).toBe(names.filter((name, at) => name !== names[at - 1]).length);
  expect(new Set(samples).size).toBe(samples.length);
  expect(lines).toContain('# TYPE lovely_disk_used_percent gauge');
  expect(samples.join('\n')).toMatch(
    new RegExp(`^lovely_disk_used_percent\\{device="${inGroup}",name="[^"]+",source="",mount="/var"\\} 50$`, 'm'),
  );
  const own = (await (await get(ofGroup, 'metrics/prometheus')).text()).split('\n');
  expect(own.filter((line) => line.includes(outside))).toEqual([]);
  const ofOne = await (await get(viewer, `metrics/prometheus?group=${groupId}`)).text();
  expect([ofOne.includes(inGroup), ofOne.includes(outside)]).toEqual([true, false]);
  expect((await get(ofGroup, `metrics/prometheus?group=${randomUUID()}`)).status).toBe(404);
});

test('an exposition ends at its limit and says so', async () => {
  const exposition = new Exposition(2000);
  for (let at = 0; !exposition.isFull; at++) {
    const values = Object.fromEntries(
      Array.from({ length: 500 }, (_, n): [string, [number, number]] => [`m${n}`, [n, 1]]),
    );
    exposition.add({ id: String(at), name: '', connected: true, sources: [{ source: '', newestMs: 1, values }] });
  }
  const text = await new Response(exposition.stream()).text();
  expect(text).toStartWith('# Only 2000 samples');
  expect(text.match(/^lovely/gm)).toHaveLength(2000);
});
