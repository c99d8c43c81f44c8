import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type {
  Deployment,
  DeploymentDetail,
  DeploymentDevice,
  DeviceSoftwareDetail,
  getDevice,
  previewDeployment,
  Result,
} from '@lovely/api';
import { insertConfigurationArtifact } from '../store/configuration-artifacts.ts';
import { storeDeploymentReports } from '../store/deployment-reports.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { insertTestArtifact } from '../store/test-releases.ts';
import { carryOn } from '../store/deployment-engine.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
let administrator: SignedIn;
let houses: string[];
let groupId: string;

beforeAll(async () => {
  api = await startTestApi();
  const { database } = api.context.store;
  tenantId = api.context.firstTenantId;
  await generateFleet(database, tenantId, 20);
  await database.updateTable('devices').set({ status: 'accepted', inventory: '{}' }).execute();
  await database.deleteFrom('presence').execute();
  houses = (await database.selectFrom('devices').select('id').orderBy('id').execute()).map(({ id }) => id);
  await database
    .insertInto('presence')
    .values(
      houses.map((id) => ({
        device_id: id,
        tenant_id: tenantId,
        hub_id: 'hub',
        epoch: 1,
        connected: true,
        changed_at: new Date(),
        reason: null,
        returned_at: null,
        network: null,
      })),
    )
    .execute();
  administrator = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
  groupId = (await call<{ id: string }>(administrator, 'POST', '/api/v1/groups', { name: 'Mine' })).id;
  await call(administrator, 'POST', `/api/v1/groups/${groupId}/devices`, { deviceIds: houses.slice(0, 3) }, 200);
  await insertTestArtifact(database, tenantId, { name: 'new', bytes: 1000 });
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  const { database } = api.context.store;
  await database.deleteFrom('deployments').execute();
  await database.deleteFrom('device_software').execute();
  await database
    .insertInto('device_software')
    .values(
      houses.map((id) => ({
        device_id: id,
        tenant_id: tenantId,
        provides: JSON.stringify({ artifact_name: 'old', device_type: 'house' }),
        is_live: true,
        told_by: 'client' as const,
        told_at: new Date(),
        changed_at: null,
        deployment_id: null,
      })),
    )
    .execute();
});

async function call<T>(who: SignedIn, method: string, path: string, body?: unknown, status?: number): Promise<T> {
  const answer = await api.call(who.token, method, path, body);
  const text = await answer.text();
  if (status === undefined ? !answer.ok : answer.status !== status) throw new Error(`${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const create = (who: SignedIn, more: object = {}, status = 201) =>
  call<Deployment>(
    who,
    'POST',
    '/api/v1/deployments',
    { name: 'A', artifactName: 'new', target: { kind: 'all' }, ...more },
    status,
  );

/** As a worker does. */
async function work(id: string): Promise<void> {
  const { database } = api.context.store;
  await database
    .updateTable('deployments')
    .set({ look_at: new Date(0) })
    .where('id', '=', id)
    .execute();
  await database.transaction().execute((transaction) => carryOn(transaction, { id, tenantId }, Date.now()));
}

const report = (deploymentId: string, deviceIds: readonly string[], state: 'success' | 'failure', message = '') =>
  storeDeploymentReports(
    api.context.store.database,
    deviceIds.map((deviceId) => ({
      tenantId,
      deviceId,
      deploymentId,
      state,
      atMs: Date.now(),
      ...(message === '' ? {} : { cause: { code: 'no-space', step: 'Download', message } }),
    })),
  );

test('a dry run says who would get it, who has it, who can not, who is away, and how much it is', async () => {
  const { database } = api.context.store;
  const [has, other, silent, away] = houses as [string, string, string, string];
  const set = (id: string, provides: object) =>
    database
      .updateTable('device_software')
      .set({ provides: JSON.stringify(provides) })
      .where('device_id', '=', id)
      .execute();
  await set(has, { artifact_name: 'new', device_type: 'house' });
  await set(other, { artifact_name: 'old', device_type: 'boat' });
  await database.deleteFrom('device_software').where('device_id', '=', silent).execute();
  await database.updateTable('presence').set({ connected: false }).where('device_id', '=', away).execute();
  const preview = await call<Result<typeof previewDeployment>>(administrator, 'POST', '/api/v1/deployments/preview', {
    artifactName: 'new',
    target: { kind: 'all' },
    options: { phases: [{ count: 5 }] },
  });
  await database.updateTable('presence').set({ connected: true }).execute();
  expect(preview).toMatchObject({
    houses: 20,
    compatible: { houses: 17 },
    alreadyInstalled: { houses: 1, sample: [{ id: has }] },
    noArtifact: { houses: 1, sample: [{ id: other }] },
    unknown: { houses: 1, sample: [{ id: silent }] },
    offline: { houses: 1, sample: [{ id: away }] },
    busy: { houses: 0, sample: [] },
    bytes: 17_000,
    artifacts: [{ houses: 17, bytes: 1000 }],
    phases: [{ end: 5 }, { end: 18 }],
    windowOpensAt: null,
  });
});

test('a deployment is made, seen, steered by version, and told of in the audit log', async () => {
  await create(administrator, { artifactName: 'never heard of' }, 422);
  const made = await create(administrator, { options: { startAt: new Date(Date.now() + 3600_000).toISOString() } });
  expect(made).toMatchObject({
    state: 'scheduled',
    waitsFor: 'start',
    counts: { houses: 20, pending: 20 },
    isCollected: true,
  });
  const paused = await call<Deployment>(administrator, 'POST', `/api/v1/deployments/${made.id}/pause`);
  expect(paused).toMatchObject({ state: 'paused', pausedBy: 'person' });
  const changed = await call<Deployment>(administrator, 'PATCH', `/api/v1/deployments/${made.id}`, { priority: 3 });
  expect(changed.options.priority).toBe(3);
  const stale = await api.api.answer(
    new Request(`https://lovely.example.com/api/v1/deployments/${made.id}/abort`, {
      method: 'POST',
      headers: { authorization: `Bearer ${administrator.token}`, 'if-match': `"${made.version}"` },
    }),
    '127.0.0.1',
  );
  expect((stale as Response).status).toBe(412);
  await call(administrator, 'POST', `/api/v1/deployments/${made.id}/abort`);
  await work(made.id);
  await call(administrator, 'POST', `/api/v1/deployments/${made.id}/continue`, {}, 409);
  const { items } = await call<{ items: Deployment[] }>(administrator, 'GET', '/api/v1/deployments?when=over&search=A');
  expect(items).toMatchObject([{ id: made.id, state: 'aborted', counts: { aborted: 20 } }]);
  expect(await call<object>(administrator, 'GET', '/api/v1/deployments/counts')).toMatchObject({
    aborted: 1,
    running: 0,
  });
  const audit = await call<{ items: { action: string }[] }>(administrator, 'GET', '/api/v1/audit?limit=50');
  const actions = new Set(audit.items.map(({ action }) => action));
  for (const verb of ['create', 'pause', 'update', 'abort']) expect(actions).toContain(`deployment.${verb}`);
});

test('whoever holds some groups rolls out to these alone, and sees of others’ deployments their own houses', async () => {
  const limited = await api.signIn(tenantId, [{ roleId: 'release-manager', groupIds: [groupId] }]);
  const own = await create(limited);
  expect(own.counts.houses).toBe(3);
  await create(limited, { target: { kind: 'devices', ids: [houses[0], houses[10]] } }, 404);
  const strange = await call<{ id: string }>(administrator, 'POST', '/api/v1/groups', {
    name: `Other ${randomUUID()}`,
  });
  await call(administrator, 'POST', `/api/v1/groups/${strange.id}/devices`, { deviceIds: [houses[10]] }, 200);
  await create(limited, { target: { kind: 'group', groupId: strange.id } }, 404);
  const all = await create(administrator);
  const seen = await call<DeploymentDetail>(limited, 'GET', `/api/v1/deployments/${all.id}`);
  expect(seen).toMatchObject({ counts: { houses: 3 }, maySteer: false });
  for (const [who, id] of [
    [limited, own.id],
    [administrator, all.id],
  ] as const)
    expect(await call<DeploymentDetail>(who, 'GET', `/api/v1/deployments/${id}`)).toMatchObject({ maySteer: true });
  await call(limited, 'POST', `/api/v1/deployments/${all.id}/abort`, undefined, 403);
  await call(limited, 'POST', `/api/v1/deployments/${all.id}/devices/${houses[10]}/abort`, undefined, 404);
  await call(limited, 'POST', `/api/v1/deployments/${all.id}/devices/${houses[0]}/abort`);
  const outside = await create(administrator, { target: { kind: 'group', groupId: strange.id } });
  await call(limited, 'GET', `/api/v1/deployments/${outside.id}`, undefined, 404);
});

test('a house says what whoever looks at it may do with it', async () => {
  const { token } = await api.signIn(tenantId, [
    { roleId: 'viewer', groupIds: null },
    { roleId: 'release-manager', groupIds: [groupId] },
  ]);
  const may = async (id: string) =>
    ((await (await api.call(token, 'GET', `/api/v1/devices/${id}`)).json()) as Result<typeof getDevice>).permissions;
  expect(await may(houses[0]!)).toEqual(expect.arrayContaining(['fleet.read', 'deployment.write']));
  expect(await may(houses[10]!)).toEqual(['fleet.read']);
});

test('whoever holds some groups hears nothing of what others chose and run', async () => {
  const { database } = api.context.store;
  const limited = await api.signIn(tenantId, [{ roleId: 'release-manager', groupIds: [groupId] }]);
  const { id } = await create(administrator, { target: { kind: 'devices', ids: [houses[0], houses[10]] } });
  const target = async (who: SignedIn) => (await call<Deployment>(who, 'GET', `/api/v1/deployments/${id}`)).target;
  expect(await target(administrator)).toEqual({ kind: 'devices', ids: [houses[0]!, houses[10]!] });
  expect(await target(limited)).toEqual({ kind: 'devices', ids: [houses[0]!] });
  await work(id);
  await report(id, [houses[0]!], 'failure', 'no space');
  const again = await call<Deployment>(limited, 'POST', `/api/v1/deployments/${id}/retry`, {}, 201);
  expect(again.target).toEqual({ kind: 'devices', ids: [houses[0]!] });
  const { target: kept } = await call<Deployment>(administrator, 'GET', `/api/v1/deployments/${again.id}`);
  expect(kept).toEqual({ kind: 'devices', ids: [houses[0]!, houses[10]!] });
  await database
    .updateTable('device_software')
    .set({ provides: JSON.stringify({ artifact_name: 'old', device_type: 'house', 'trial.version': '1' }) })
    .where('device_id', '=', houses[10]!)
    .execute();
  const keys = async (who: SignedIn) => (await call<{ keys: string[] }>(who, 'GET', '/api/v1/software/versions')).keys;
  expect(await keys(administrator)).toContain('trial.version');
  expect(await keys(limited)).toEqual(['artifact_name', 'device_type']);
});

test('what a gate saw of all houses is not told to whoever sees only some of them', async () => {
  const { database } = api.context.store;
  const limited = await api.signIn(tenantId, [{ roleId: 'release-manager', groupIds: [groupId] }]);
  const { id } = await create(administrator, { options: { gates: { failureMax: 0, minSample: 1 }, parallelMax: 5 } });
  await work(id);
  const begun = database.selectFrom('deployment_devices').select('device_id').where('granted_at', 'is not', null);
  const { device_id: failed } = await begun.executeTakeFirstOrThrow();
  await report(id, [failed], 'failure', 'no space');
  await work(id);
  const seen = (who: SignedIn) => call<DeploymentDetail>(who, 'GET', `/api/v1/deployments/${id}`);
  const reason = '100 % of 1 houses failed.';
  const whole = await seen(administrator);
  expect(whole).toMatchObject({ state: 'paused', pausedBy: 'gate', reason });
  expect(whole.gates.map(({ gate }) => gate)).toEqual(['failures', 'alerts', 'reconnects']);
  expect(whole.events[0]).toMatchObject({ kind: 'paused', text: reason });
  const some = await seen(limited);
  expect(some).toMatchObject({ state: 'paused', pausedBy: 'gate', reason: 'A gate paused it.', gates: [] });
  expect(JSON.stringify(some)).not.toContain('100 %');
});

test('houses are listed a page at a time, failures together, and repeated with one call', async () => {
  const made = await create(administrator, { options: { gates: null } });
  await work(made.id);
  await report(made.id, houses.slice(0, 4), 'failure', 'no space on /var: 12 bytes');
  await report(made.id, houses.slice(4, 6), 'failure', 'no space on /var: 4096 bytes');
  await report(made.id, houses.slice(6), 'success');
  await work(made.id);
  const path = `/api/v1/deployments/${made.id}`;
  const listed: string[] = [];
  for (let cursor = ''; ;) {
    const page = await call<{ items: DeploymentDevice[]; next: string | null }>(
      administrator,
      'GET',
      `${path}/devices?state=failure&limit=4${cursor}`,
    );
    listed.push(...page.items.map(({ deviceId }) => deviceId));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(listed).toEqual(houses.slice(0, 6));
  const { items } = await call<{ items: { key: string; houses: number }[] }>(administrator, 'GET', `${path}/failures`);
  expect(items).toMatchObject([{ houses: 6, code: 'no-space', message: 'no space on /var: … bytes' }]);
  const again = await call<Deployment>(administrator, 'POST', `${path}/retry`, { failure: items[0]!.key }, 201);
  expect(again).toMatchObject({ retryOf: made.id, counts: { houses: 6 }, name: 'A (again)' });
  await call(administrator, 'POST', `/api/v1/deployments/${again.id}/retry`, {}, 409);
  expect(await call<object>(administrator, 'GET', path)).toMatchObject({ state: 'finished', retriedBy: [again.id] });
  const mine = await call<{ items: unknown[] }>(administrator, 'GET', `/api/v1/devices/${houses[0]}/deployments`);
  expect(mine.items).toHaveLength(2);
});

test('what runs where is counted, and a house that runs something else than it should is found', async () => {
  const { database } = api.context.store;
  const made = await create(administrator);
  await work(made.id);
  await report(made.id, houses, 'success');
  await database
    .updateTable('device_software')
    .set({ provides: JSON.stringify({ artifact_name: 'old', device_type: 'house' }) })
    .where('device_id', '=', houses[0]!)
    .execute();
  const versions = await call<object>(administrator, 'GET', '/api/v1/software/versions');
  expect(versions).toMatchObject({
    houses: 20,
    drifting: 1,
    items: [
      { value: 'new', deviceType: 'house', houses: 19, drifting: 0 },
      { value: 'old', deviceType: 'house', houses: 1, drifting: 1 },
    ],
    keys: ['artifact_name', 'device_type'],
  });
  for (const query of ['drifting=true', 'not=new', 'value=old']) {
    const { items } = await call<{ items: { deviceId: string }[] }>(
      administrator,
      'GET',
      `/api/v1/software/devices?${query}`,
    );
    expect(items.map(({ deviceId }) => deviceId)).toEqual([houses[0]!]);
  }
  const bill = await call<DeviceSoftwareDetail>(administrator, 'GET', `/api/v1/devices/${houses[0]}/software`);
  expect(bill).toMatchObject({
    artifactName: 'old',
    expected: { artifact_name: 'new' },
    drift: [{ key: 'artifact_name', expected: 'new', actual: 'old' }],
    deployment: { id: made.id },
  });
  expect(bill.bill).toContainEqual({
    source: '',
    sourceName: '',
    name: 'artifact_name',
    version: 'old',
    from: 'provides',
  });
});

test('what failed is tried again although some of the houses that were chosen are gone', async () => {
  const { database } = api.context.store;
  const { id: gone } = await call<{ id: string }>(administrator, 'POST', '/api/v1/groups', { name: 'Gone' });
  await call(administrator, 'POST', `/api/v1/groups/${gone}/devices`, { deviceIds: [houses[0]] }, 200);
  const made = await create(administrator, { target: { kind: 'group', groupId: gone }, options: { gates: null } });
  await work(made.id);
  await report(made.id, [houses[0]!], 'failure', 'no space');
  await call(administrator, 'DELETE', `/api/v1/groups/${gone}`);
  const again = await call<Deployment>(administrator, 'POST', `/api/v1/deployments/${made.id}/retry`, {}, 201);
  expect(again.counts.houses).toBe(1);
  const left = houses.at(-1)!;
  const chosen = await create(administrator, {
    target: { kind: 'devices', ids: [houses[1], left] },
    options: { gates: null, priority: 1 },
  });
  await work(chosen.id);
  await report(chosen.id, [houses[1]!], 'failure', 'no space');
  await database.deleteFrom('devices').where('id', '=', left).execute();
  houses = houses.slice(0, -1);
  const repeated = await call<Deployment>(administrator, 'POST', `/api/v1/deployments/${chosen.id}/retry`, {}, 201);
  expect(repeated.counts.houses).toBe(1);
});

test('nobody steers a deployment whose houses are not all found yet and may be others’', async () => {
  const { database } = api.context.store;
  const limited = await api.signIn(tenantId, [{ roleId: 'release-manager', groupIds: [groupId] }]);
  const made = await create(administrator, { target: { kind: 'devices', ids: houses.slice(0, 3) } });
  await database.updateTable('deployments').set({ collected_at: null }).where('id', '=', made.id).execute();
  await call(limited, 'POST', `/api/v1/deployments/${made.id}/pause`, undefined, 403);
  await database.updateTable('deployments').set({ collected_at: new Date() }).where('id', '=', made.id).execute();
  await call(limited, 'POST', `/api/v1/deployments/${made.id}/pause`);
});

test('the configuration of one house is no software for others', async () => {
  const { database } = api.context.store;
  const name = `configuration-1-${randomUUID()}`;
  await insertConfigurationArtifact(database, tenantId, {
    deviceId: houses[0]!,
    name,
    deviceType: 'house',
    version: 1,
    content: Buffer.from('secret'),
  });
  await create(administrator, { artifactName: name, target: { kind: 'devices', ids: [houses[1]] } }, 422);
});
