import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { SensorDescription } from '@lovely/protocol';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { getHouseDetail, listFailures } from '../../store/deployment-devices.ts';
import { getUpdateControl, nextForPoller } from '../../store/deployment-polling.ts';
import { storeDeploymentReport, storeDeploymentReports } from '../../store/deployment-reports.ts';
import * as steering from '../../store/deployment-steering.ts';
import { getDeploymentDetail } from '../../store/deployments.ts';
import { listSensors, storeTopologies } from '../../store/sensors.ts';
import type { Store } from '../../store/store.ts';
import { insertTestArtifact } from '../../store/test-releases.ts';
import { SUCCESS, type TestFleet } from './test-fleet.ts';
import { TestWorkers, until } from './test-workers.ts';

const HOUSES = 12;
const BY = { by: 'Ada', ifVersion: undefined };

let workers: TestWorkers;
let store: Store;
let tenantId: string;
let fleet: TestFleet;
let houses: readonly string[];
beforeAll(async () => {
  workers = await TestWorkers.start(HOUSES);
  ({ store, tenantId, fleet } = workers);
}, 60_000);
afterAll(() => workers[Symbol.asyncDispose]());
beforeEach(async () => {
  await workers.reset();
  ({ houses } = workers);
});

const deploy = (...of: Parameters<TestWorkers['deploy']>) => workers.deploy(...of);
const steer = (...of: Parameters<TestWorkers['steer']>) => workers.steer(...of);
const deployment = (id: string) => workers.deployment(id);
const house = (id: string, deviceId: string) => workers.house(id, deviceId);
const over = (id: string) => workers.over(id);
const whenState = (...of: Parameters<TestWorkers['whenState']>) => workers.whenState(...of);
const isTold = (...of: Parameters<TestWorkers['isTold']>) => workers.isTold(...of);
/** The counters say what the rows say. */
async function expectTrueCounts(id: string): Promise<void> {
  const { counts } = await deployment(id);
  const rows = await store.database
    .selectFrom('deployment_devices')
    .select('state')
    .where('deployment_id', '=', id)
    .execute();
  const byRow = Object.fromEntries(
    Object.keys(counts).map((state) => [state, rows.filter((row) => row.state === state).length]),
  );
  expect({ ...counts, houses: 0 }).toEqual({ ...byRow, houses: 0 } as never);
  expect(counts.houses).toBe(rows.length);
}

const bulb = (id: string): SensorDescription => {
  return { id, kind: 'light-bulb', name: id, model: '', serial: '', firmware: '1.0', place: '' };
};

test('every house is offered the software once over the live channel, and runs it then', async () => {
  const id = await deploy({ kind: 'all' });
  const done = await over(id);
  expect(done).toMatchObject({ state: 'finished', counts: { houses: HOUSES, success: HOUSES } });
  expect(done.bytes).toEqual({ wanted: HOUSES * 10_000, downloaded: HOUSES * 10_000 });
  expect([...fleet.offers.values()].map((offers) => offers.length)).toEqual(houses.map(() => 1));
  const [offer] = fleet.offers.get(houses[0]!)!;
  expect(offer).toMatchObject({ deployment: id, attempt: 1, artifact: { name: done.artifactName, bytes: 10_000 } });
  expect(offer!.artifact.path).toStartWith('/api/devices/v1/artifacts/');
  const software = await store.database.selectFrom('device_software').select(['artifact_name', 'drifts']).execute();
  expect(new Set(software.map(({ artifact_name: name, drifts }) => `${name} ${drifts}`))).toEqual(
    new Set([`${done.artifactName} false`]),
  );
  await expectTrueCounts(id);
  const detail = await getHouseDetail(store.database, ALL_DEVICES, id, houses[0]!);
  expect(detail.events.map(({ kind, state }) => state ?? kind)).toEqual([
    'offered',
    'downloading',
    'installing',
    'success',
  ]);
  expect(detail.events.slice(0, -1).every(({ durationMs }) => durationMs !== null)).toBe(true);
});

test('what has it already is through at once, what it is not for gets nothing, what is unknown waits', async () => {
  const { database } = store;
  const [has, other, silent] = houses as [string, string, string];
  await insertTestArtifact(database, tenantId, { name: 'known' });
  const set = (id: string, provides: Record<string, string>) =>
    database
      .updateTable('device_software')
      .set({ provides: JSON.stringify(provides) })
      .where('device_id', '=', id)
      .execute();
  await set(has, { artifact_name: 'known', device_type: 'house' });
  await set(other, { artifact_name: 'old', device_type: 'boat' });
  await database.deleteFrom('device_software').where('device_id', '=', silent).execute();
  const id = await deploy({ kind: 'devices', ids: [has, other, silent] }, {}, 'known');
  await whenState(id, has, 'already-installed');
  await whenState(id, other, 'noartifact');
  expect(
    await until(async () => {
      const now = await house(id, silent);
      return now.waits === '' ? undefined : now.waits;
    }),
  ).toBe('The gateway has not said what it is.');
  expect(fleet.told).toEqual([]);
  fleet.provide(silent, { artifact_name: 'old', device_type: 'house' });
  expect(await over(id)).toMatchObject({ counts: { success: 1, noartifact: 1, 'already-installed': 1 } });
  await expectTrueCounts(id);
});

test('a house that is away is offered it when it is back, and again after it lost its connection', async () => {
  const [away] = houses as [string];
  fleet.behave(() => [{ state: 'downloading' }]);
  await fleet.disconnect(away);
  const id = await deploy({ kind: 'devices', ids: [away] });
  await until(async () => ((await house(id, away)).waits === 'The house is away.' ? true : undefined));
  await fleet.connect(away);
  await whenState(id, away, 'downloading');
  await fleet.disconnect(away);
  await fleet.connect(away);
  await until(async () => (fleet.offers.get(away)!.length === 2 ? true : undefined));
  fleet.say(away, id, { state: 'success' });
  expect(await over(id)).toMatchObject({ counts: { success: 1 } });
});

test('no more houses download at a time than may', async () => {
  fleet.behave(() => [{ state: 'downloading' }]);
  const id = await deploy({ kind: 'all' }, { parallelMax: 3 });
  const seen = new Set<string>();
  let most = 0;
  while (seen.size < HOUSES) {
    const rows = await store.database
      .selectFrom('deployment_devices')
      .select(['device_id', 'state', 'granted_at'])
      .where('deployment_id', '=', id)
      .where('finished_at', 'is', null)
      .where('granted_at', 'is not', null)
      .execute();
    most = Math.max(most, rows.length);
    for (const { device_id: deviceId, state } of rows) {
      if (state !== 'downloading' || seen.has(deviceId)) continue;
      seen.add(deviceId);
      fleet.say(deviceId, id, { state: 'success' });
    }
    await Bun.sleep(5);
  }
  expect(most).toBeLessThanOrEqual(3);
  expect(await over(id)).toMatchObject({ counts: { success: HOUSES } });
});

test('phases go on when their houses are through, wait for a person where they should, and a gate stops them', async () => {
  const id = await deploy(
    { kind: 'all' },
    {
      phases: [{ count: 2 }, { percent: 50, waitsForPerson: true }],
      gates: { failureMax: 0.2, minSample: 5 },
      parallelMax: 2,
    },
  );
  const waiting = await until(async () => {
    const now = await deployment(id);
    return now.waitsFor === 'person' ? now : undefined;
  });
  expect(waiting).toMatchObject({ phase: 1, counts: { success: 6, pending: 6 } });
  expect(waiting.phases.map(({ end, begun, state }) => [end, begun, state])).toEqual([
    [2, 2, 'over'],
    [6, 4, 'over'],
    [12, 0, 'waiting'],
  ]);
  // From here on nearly all fail.
  fleet.behave(() => [
    { state: 'downloading' },
    { state: 'installing' },
    { state: 'failure', cause: { code: 'no-space', step: 'ArtifactInstall', message: 'no space on /var: 12 bytes' } },
  ]);
  await steer(id, (database) => steering.continueDeployment(database, id, BY));
  const stopped = await until(async () => {
    const now = await deployment(id);
    return now.state === 'paused' ? now : undefined;
  });
  expect(stopped).toMatchObject({ pausedBy: 'gate', phase: 2 });
  expect(stopped.reason).toMatch(/houses failed/);
  const detail = await getDeploymentDetail(store.database, tenantId, ALL_DEVICES, id);
  expect(detail.events.map(({ kind }) => kind)).toEqual([
    'paused',
    'phase',
    'continued',
    'phase',
    'started',
    'created',
  ]);
  const [group] = await listFailures(store.database, ALL_DEVICES, id);
  expect(group).toMatchObject({ code: 'no-space', message: 'no space on /var: … bytes' });
  expect(group!.suggestion).toMatch(/room/);
  await expectTrueCounts(id);
});

test('a house that fails tries again, and counts as failed once its tries are used up', async () => {
  const [deviceId] = houses as [string];
  fleet.behave(() => [
    { state: 'downloading' },
    { state: 'failure', cause: { code: 'module-failed', step: 'ArtifactInstall', message: 'exit status 1' } },
  ]);
  const id = await deploy({ kind: 'devices', ids: [deviceId] }, { retries: 1, gates: null });
  const waiting = await until(async () => {
    const now = await house(id, deviceId);
    return now.attempt === 2 ? now : undefined;
  });
  expect(waiting).toMatchObject({ state: 'pending', cause: { code: 'module-failed' } });
  expect(waiting.waits).toStartWith('Tries again at');
  await store.database.updateTable('deployment_devices').set({ ready_at: new Date() }).execute();
  expect(await over(id)).toMatchObject({ counts: { failure: 1 }, state: 'finished' });
  expect(fleet.offers.get(deviceId)!.map(({ attempt }) => attempt)).toEqual([1, 2]);
  // What it says of the first attempt once more changes nothing.
  fleet.say(deviceId, id, { state: 'success' }, { attempt: 1 });
  await Bun.sleep(100);
  expect(await house(id, deviceId)).toMatchObject({ state: 'failure', attempt: 2 });
});

test('what sensors of a house came to is kept, whatever order it is stored in', async () => {
  const [deviceId] = houses as [string];
  await storeTopologies(store, [{ deviceId, messageId: 1, sensors: ['a', 'b', 'c'].map(bulb) }]);
  fleet.behave(() => [
    { state: 'downloading' },
    { state: 'installing', sensors: ['a', 'b', 'c'].map((id) => ({ id, state: 'transferring' })) },
  ]);
  const id = await deploy({ kind: 'devices', ids: [deviceId] });
  await whenState(id, deviceId, 'installing');
  const sensors = async () => (await getHouseDetail(store.database, ALL_DEVICES, id, deviceId)).sensors;
  const are = async (...states: string[]) =>
    await until(async () => {
      const now = (await sensors()).map(({ state }) => state);
      return JSON.stringify(now) === JSON.stringify(states) ? now : undefined;
    });
  await are('transferring', 'transferring', 'transferring');
  fleet.progress(deviceId, id, [{ id: 'a', state: 'transferring', percent: 40 }]);
  await until(async () => ((await sensors())[0]?.percent === 40 ? true : undefined));
  expect((await listSensors(store.database, tenantId, deviceId)).map(({ update }) => update)).toMatchObject([
    { deploymentId: id, deploymentName: 'Test', state: 'transferring', percent: 40 },
    { state: 'transferring', percent: null },
    { state: 'transferring', percent: null },
  ]);
  const atMs = Date.now() + 60_000;
  const back = { state: 'failure', substate: 'ArtifactRollback' } as const;
  fleet.say(deviceId, id, { ...back, sensors: [{ id: 'a', state: 'rolled-back' }] }, { atMs: atMs + 1 });
  await are('rolled-back', 'transferring', 'transferring');
  fleet.say(deviceId, id, { ...back, sensors: [{ id: 'a', state: 'rolling-back' }] }, { atMs });
  fleet.say(deviceId, id, { ...back, sensors: [{ id: 'b', state: 'failure', message: 'gone' }] }, { atMs: atMs + 2 });
  await are('rolled-back', 'failure', 'transferring');
  // A gateway whose clock was set right meanwhile is believed.
  fleet.say(deviceId, id, { ...back, sensors: [{ id: 'b', state: 'rolled-back' }] }, { atMs: 1_700_000_000_000 });
  await are('rolled-back', 'rolled-back', 'transferring');
  fleet.say(deviceId, id, {
    state: 'failure',
    cause: { code: 'sensor-failed', step: 'ArtifactInstall', message: 'x' },
  });
  await over(id);
});

test('a pause reaches houses that download, going on lets them go on, an abort sends them back', async () => {
  const [first, second, third] = houses as [string, string, string];
  fleet.behave(() => [{ state: 'downloading' }]);
  const id = await deploy({ kind: 'devices', ids: [first, second, third] }, { parallelMax: 2 });
  await until(async () => ((await deployment(id)).counts.downloading === 2 ? true : undefined));
  await steer(id, (database) => steering.pauseDeployment(database, id, BY));
  await until(async () => (fleet.told.filter(({ kind }) => kind === 'pause').length === 2 ? true : undefined));
  const active = fleet.told.filter(({ kind }) => kind === 'pause').map(({ deviceId }) => deviceId);
  fleet.say(active[0]!, id, { state: 'pause_before_installing' });
  await whenState(id, active[0]!, 'pause_before_installing');
  await steer(id, (database) => steering.continueDeployment(database, id, BY));
  await until(async () => (fleet.told.filter(({ kind }) => kind === 'continue').length === 2 ? true : undefined));
  fleet.say(active[0]!, id, { state: 'success' });
  await until(async () => (fleet.offers.size === 3 ? true : undefined));
  await steer(id, (database) => steering.abortDeployment(database, id, BY));
  expect(await over(id)).toMatchObject({
    state: 'aborted',
    counts: { success: 1, aborted: 2 },
    reason: 'Ended by Ada.',
  });
  const aborts = () => fleet.told.filter(({ kind }) => kind === 'abort').map(({ deviceId }) => deviceId);
  await until(async () => (aborts().length >= 2 ? true : undefined));
  for (const deviceId of aborts()) fleet.say(deviceId, id, { state: 'failure', isRolledBack: true });
  await until(async () =>
    (
      await store.database
        .selectFrom('deployment_devices')
        .select('device_id')
        .where('tells_abort', '=', true)
        .execute()
    ).length === 0
      ? true
      : undefined,
  );
  expect(await house(id, aborts()[0]!)).toMatchObject({ state: 'aborted', isRolledBack: true });
  await expectTrueCounts(id);
});

test('one house is paused before a step, let past it, and ended, while the others go on', async () => {
  const [paused, ended, free] = houses as [string, string, string];
  fleet.behave((deviceId) => (deviceId === free ? SUCCESS : [{ state: 'downloading' }]));
  const id = await deploy({ kind: 'devices', ids: [paused, ended, free] }, { pauseBefore: ['commit'] });
  await whenState(id, paused, 'downloading');
  expect(fleet.offers.get(paused)![0]!.pauseBefore).toEqual(['commit']);
  await steer(id, (database) => steering.pauseHouse(database, id, paused, ['install'], 'Ada'));
  await isTold(paused, 'pause', 1);
  fleet.say(paused, id, { state: 'pause_before_installing' });
  await whenState(id, paused, 'pause_before_installing');
  await steer(id, (database) => steering.continueHouse(database, id, paused, 'Ada'));
  await isTold(paused, 'continue', 1);
  // What is left to wait for is told again.
  await isTold(paused, 'pause', 2);
  await steer(id, (database) => steering.abortHouse(database, id, ended, 'Ada'));
  await isTold(ended, 'abort', 1);
  fleet.say(paused, id, { state: 'pause_before_committing' });
  await whenState(id, paused, 'pause_before_committing');
  await steer(id, (database) => steering.passStep(database, id, 'commit', BY));
  await isTold(paused, 'continue', 2);
  fleet.say(paused, id, { state: 'success' });
  expect(await over(id)).toMatchObject({ state: 'finished', counts: { success: 2, aborted: 1 } });
});

test('of two deployments for a house the more important one comes first, and the other after it', async () => {
  const [deviceId] = houses as [string];
  fleet.behave(() => [{ state: 'downloading' }]);
  const first = await deploy({ kind: 'devices', ids: [deviceId] });
  await whenState(first, deviceId, 'downloading');
  const later = await deploy({ kind: 'devices', ids: [deviceId] });
  const urgent = await deploy({ kind: 'devices', ids: [deviceId] }, { priority: 5 });
  await until(async () => ((await house(urgent, deviceId)).waits !== '' ? true : undefined));
  fleet.say(deviceId, first, { state: 'success' });
  await whenState(urgent, deviceId, 'downloading');
  expect(await house(later, deviceId)).toMatchObject({ state: 'pending' });
  fleet.say(deviceId, urgent, { state: 'success' });
  await whenState(later, deviceId, 'downloading');
  fleet.say(deviceId, later, { state: 'success' });
  await over(later);
});

test('outside of its window no house begins', async () => {
  const hour = new Date(Date.now() + 2 * 3600_000).getUTCHours();
  const from = `${String(hour).padStart(2, '0')}:00`;
  const to = `${String(hour).padStart(2, '0')}:30`;
  const id = await deploy({ kind: 'devices', ids: [houses[0]!] }, { window: { from, to, zone: 'UTC' } });
  await until(async () =>
    (await house(id, houses[0]!)).waits === 'Waits for its maintenance window.' ? true : undefined,
  );
  expect(fleet.told).toEqual([]);
});

test('new members join while it runs, and it ends when somebody says so', async () => {
  const { database } = store;
  const [member, newcomer] = houses as [string, string];
  await database
    .updateTable('devices')
    .set({ tags: ['pilot'] })
    .where('id', '=', member)
    .execute();
  const filter = { all: [{ scope: 'tags', attribute: 'pilot', type: '$exists', value: true } as const] };
  const id = await deploy({ kind: 'filter', filter }, { joins: true });
  await whenState(id, member, 'success');
  await database
    .updateTable('devices')
    .set({ tags: ['pilot'] })
    .where('id', '=', newcomer)
    .execute();
  await database
    .updateTable('deployments')
    .set({ collect_at: new Date(), look_at: new Date() })
    .where('id', '=', id)
    .execute();
  await until(async () => ((await deployment(id)).counts.success === 2 ? true : undefined));
  await steer(id, (transaction) => steering.abortDeployment(transaction, id, BY));
  expect(await over(id)).toMatchObject({ state: 'finished', counts: { houses: 2, success: 2 } });
  await database.updateTable('devices').set({ tags: [] }).execute();
});

test('a gateway that asks gets the same answer until it is through, and is told where to wait', async () => {
  const { database } = store;
  const [deviceId] = houses as [string];
  await database.updateTable('device_software').set({ is_live: false }).where('device_id', '=', deviceId).execute();
  const id = await deploy({ kind: 'devices', ids: [deviceId] }, { pauseBefore: ['reboot'] });
  await until(async () => ((await house(id, deviceId)).waits === 'Waits for the gateway to ask.' ? true : undefined));
  const ask = () => nextForPoller(database, tenantId, deviceId, { device_type: 'house', artifact_name: 'old' });
  const { offer } = await ask();
  expect(offer).toMatchObject({
    deploymentId: id,
    attempt: 1,
    pauseBefore: ['reboot'],
    artifact: { deviceTypes: ['house'] },
  });
  expect((await ask()).offer).toEqual(offer);
  const of = { tenantId, deviceId, deploymentId: id };
  expect(await getUpdateControl(database, of)).toEqual({ pauseBefore: ['reboot'] });
  const report = (state: 'downloading' | 'installing' | 'rebooting' | 'failure' | 'success' | '', substate = '') =>
    storeDeploymentReport(database, { ...of, state, substate, atMs: Date.now() });
  for (const [state, substate] of [
    ['downloading', 'Executing script: Sync_Leave_00'],
    ['installing', ''],
    ['failure', 'Executing script: ArtifactRollback_Enter_00'],
    ['', 'Executing script: ArtifactFailure_Enter_00'],
  ] as const) {
    expect(await report(state, substate)).toMatchObject({ outcome: 'stored' });
    expect((await house(id, deviceId)).finishedAt).toBeNull();
  }
  expect(await house(id, deviceId)).toMatchObject({ state: 'installing' });
  expect(await report('failure')).toMatchObject({ outcome: 'stored' });
  expect(await report('failure')).toMatchObject({ outcome: 'stored', changes: [] });
  expect(await house(id, deviceId)).toMatchObject({ state: 'failure', cause: { code: 'unknown' } });
  fleet.log(deviceId, id, ['Update module terminated abnormally: exit status 3']);
  await until(async () => ((await house(id, deviceId)).cause?.code === 'module-failed' ? true : undefined));
  expect(await getUpdateControl(database, of)).toBeUndefined();
  expect((await ask()).offer).toBeUndefined();
  await over(id);
});

test('what a gateway says of a deployment of others, or that it was not offered, changes nothing', async () => {
  const { database } = store;
  const [mine, other] = houses as [string, string];
  fleet.behave(() => [{ state: 'downloading' }]);
  const id = await deploy({ kind: 'devices', ids: [mine] }, { startAt: new Date(Date.now() + 3600_000).toISOString() });
  const say = (deviceId: string, deploymentId: string, of = tenantId) =>
    storeDeploymentReport(database, { tenantId: of, deviceId, deploymentId, state: 'success', atMs: Date.now() });
  expect((await say(mine, id)).outcome).toBe('unknown');
  expect((await say(other, id)).outcome).toBe('unknown');
  expect((await say(mine, crypto.randomUUID())).outcome).toBe('unknown');
  expect((await say(mine, id, crypto.randomUUID())).outcome).toBe('unknown');
  expect(await house(id, mine)).toMatchObject({ state: 'pending' });
  expect(await deployment(id)).toMatchObject({ state: 'scheduled', waitsFor: 'start' });
});

test('logs and events of a gateway that never stops are bounded', async () => {
  const { database } = store;
  const [deviceId] = houses as [string];
  fleet.behave(() => [{ state: 'downloading' }]);
  const id = await deploy({ kind: 'devices', ids: [deviceId] });
  await whenState(id, deviceId, 'downloading');
  await storeDeploymentReports(
    database,
    Array.from({ length: 400 }, (_, at) => ({
      tenantId,
      deviceId,
      deploymentId: id,
      state: at % 2 === 0 ? ('installing' as const) : ('rebooting' as const),
      substate: `\0${'x'.repeat(3000)}`,
      atMs: Date.now() + at,
    })),
  );
  for (let at = 0; at < 3; at++)
    fleet.log(
      deviceId,
      id,
      Array.from({ length: 100 }, () => 'y'.repeat(3000)),
    );
  const bytes = await until(async () => {
    const rows = await database.selectFrom('deployment_logs').select(['bytes', 'is_cut']).execute();
    return rows.some((row) => row.is_cut) ? rows.reduce((sum, row) => sum + row.bytes, 0) : undefined;
  });
  expect(bytes).toBeLessThanOrEqual(128 * 1024);
  const { events } = await getHouseDetail(database, ALL_DEVICES, id, deviceId);
  expect(events.length).toBeLessThanOrEqual(300);
  await steer(id, (transaction) => steering.abortDeployment(transaction, id, BY));
  await over(id);
});

test('a house that is deleted in the middle of it counts as decommissioned, and the deployment ends', async () => {
  const { database } = store;
  const [stays, goes] = houses as [string, string];
  fleet.behave((deviceId) => (deviceId === stays ? SUCCESS : [{ state: 'downloading' }]));
  const id = await deploy({ kind: 'devices', ids: [stays, goes] });
  await whenState(id, goes, 'downloading');
  await database.deleteFrom('devices').where('id', '=', goes).execute();
  workers.houses = houses.filter((one) => one !== goes);
  await workers.announce(id);
  expect(await over(id)).toMatchObject({ state: 'finished', counts: { houses: 2, success: 1, decommissioned: 1 } });
});
