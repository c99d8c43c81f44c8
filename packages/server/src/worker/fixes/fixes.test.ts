/** Fix runs, rollouts and automatic runs on fifty houses that are played by the test: real database, bus and messages. */
import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import {
  commandBytes,
  commandCancel,
  commandDone,
  commandKeys,
  commandOutput,
  commandRun,
  commandStarted,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_DOWN,
  PROTO,
  type CommandKey,
  type CommandRun,
  type Frame,
} from '@lovely/protocol';
import type { Fix, FixAutomatic } from '@lovely/api';
import { Registry } from 'prom-client';
import { startTask, type Task } from '../../background-task.ts';
import type { Bus } from '../../bus/bus.ts';
import { createMemoryBus } from '../../bus/memory.ts';
import { event, hubDown, up } from '../../bus/subjects.ts';
import { answerTo, publishItems, publishTo, subscribeTo } from '../../bus/topic.ts';
import { NOT_AUTOMATIC } from '../../domain/default-fixes.ts';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { createLog } from '../../log.ts';
import { applyAlertEvents } from '../../store/alerts.ts';
import { listAudit } from '../../store/audit.ts';
import { ensureCommandKey, rotateCommandKey } from '../../store/command-keys.ts';
import { endOfDeployment } from '../../store/deployment-of-one.ts';
import { storeFixRunReport } from '../../store/fix-run-engine.ts';
import { continueRollout, getRollout, insertRollout } from '../../store/fix-rollouts.ts';
import { cancelFixRun, getFixableAlert, getFixRun, insertFixRun, listFixRuns } from '../../store/fix-runs.ts';
import { getFix, insertFix, updateFix } from '../../store/fixes.ts';
import { generateFleet } from '../../store/generated-fleet.ts';
import type { Store } from '../../store/store.ts';
import { ensureFirstTenant } from '../../store/tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../../store/test-databases.ts';
import { insertTestArtifact } from '../../store/test-releases.ts';
import { createAcks } from '../acks.ts';
import { createWorkerMetrics } from '../worker-metrics.ts';
import { createAutomaticFixes } from './automatic-fixes.ts';
import { createCommandWriter } from './command-writer.ts';
import { startFixEngine } from './fix-engine.ts';
import { createRollouts } from './rollouts.ts';

const HUB = 'hub-of-the-test';
const RULE = 'disk-almost-full';
const SOMEBODY = { type: 'user', id: crypto.randomUUID(), name: 'Ada' } as const;

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let houses: string[];
const bus: Bus = createMemoryBus({ onError: (error) => void errors.push(error) });
const errors: unknown[] = [];
const parts: Task[] = [];
/** What each house was told to run, in order, with how often it carried each out. */
const told = new Map<string, Map<string, number>>();
let keys: readonly CommandKey[] = [];
/** Houses that were told to end a command. */
const calledOff = new Set<string>();
/** Whether the fix helps a house. */
let helps: (deviceId: string) => boolean;

beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  const { database } = store;
  tenantId = (await ensureFirstTenant(database)).id;
  await ensureCommandKey(database);
  await generateFleet(database, tenantId, 50);
  await database.updateTable('devices').set({ status: 'accepted' }).execute();
  houses = (await database.selectFrom('devices').select('id').orderBy('id').execute()).map(({ id }) => id);
  await database.deleteFrom('alerts').execute();
  await database.deleteFrom('presence').execute();
  await database
    .insertInto('presence')
    .values(
      houses.map((id) => ({
        device_id: id,
        tenant_id: tenantId,
        hub_id: HUB,
        epoch: 7,
        connected: true,
        reason: null,
        changed_at: new Date(Date.now() - 3600_000),
      })),
    )
    .execute();
  const log = createLog('silent');
  parts.push(
    answerTo(bus, hubDown(HUB), ({ device, frame }) => hear(device, decodeFrame(frame, FRAME_BYTES_MAX_DOWN))),
  );
  // Two workers at once: what one has, the other must leave alone.
  for (let worker = 0; worker < 2; worker++) {
    const acks = createAcks(bus);
    const of = { bus, store, log, acks, metrics: createWorkerMetrics(new Registry()) };
    const engine = startFixEngine(of, 'worker');
    const writer = createCommandWriter(of, engine.wake);
    parts.push(
      engine,
      startTask('rollouts', 50, log, createRollouts(of)),
      startTask('automatic', 50, log, createAutomaticFixes(of)),
      subscribeTo(bus, up(PROTO.command), (messages) => writer.take(messages), { queue: 'worker' }),
    );
  }
}, 60_000);
afterAll(async () => {
  await Promise.all(parts.map((part) => part.close()));
  await databases[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
});
beforeEach(async () => {
  told.clear();
  helps = () => true;
  // An automatic one of the test before would be quicker.
  await store.database.deleteFrom('fixes').execute();
  await store.database.deleteFrom('fix_runs').execute();
  await store.database.deleteFrom('alerts').execute();
});

/** A house: it takes what is signed, carries each run out once, and says so. */
function hear(device: string, frame: Frame): { ok: true } {
  if (commandCancel.is(frame)) calledOff.add(device);
  if (commandKeys.is(frame)) keys = commandKeys.read(frame).body;
  if (!commandRun.is(frame)) return { ok: true };
  const run = commandRun.read(frame).body;
  if (!isSigned(run) || run.device !== device) throw new Error('a house was sent what it would refuse');
  const runs = told.get(device) ?? new Map<string, number>();
  told.set(device, runs);
  runs.set(run.id, (runs.get(run.id) ?? 0) + 1);
  if (runs.get(run.id) === 1) void carryOut(device, run.id);
  return { ok: true };
}

function isSigned({ keyId, signature, ...signed }: CommandRun): boolean {
  const key = keys.find(({ id }) => id === keyId)!;
  const x = Buffer.from(key.publicKey).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, commandBytes(signed), publicKey, signature);
}

async function carryOut(device: string, run: string): Promise<void> {
  const text = (words: string): Uint8Array => new TextEncoder().encode(words);
  say(device, commandStarted.frame({}, { run }));
  say(device, commandOutput.frame({ run, offset: 0, stream: 'out' }, text('deleting\n')));
  if (helps(device)) await clear(device);
  // The second piece of output gets lost on the way; the tail has it.
  const end = { exit: 0, reason: '', durationMs: 5, outputBytes: 14, tail: text('deleting\ndone\n'), tailOffset: 0 };
  say(device, commandDone.frame({ id: Math.floor(Math.random() * 2 ** 50) }, { run, outcome: 'exited', ...end }));
}

function say(device: string, frame: Frame): void {
  publishTo(bus, up(PROTO.command), [
    { tenant: tenantId, device, hub: HUB, epoch: 7, receivedMs: Date.now(), frame: encodeFrame(frame) },
  ]);
}

async function raise(deviceIds: readonly string[], values: Record<string, string> = {}): Promise<string[]> {
  const { alerts } = await applyAlertEvents(
    store,
    deviceIds.map((deviceId) => ({
      kind: 'raise' as const,
      deviceId,
      ts: new Date(),
      source: '/data',
      rule: RULE,
      severity: 'critical' as const,
      description: 'full',
      values: { value: 97, ...values },
    })),
  );
  return deviceIds.map((id) => alerts.find(({ deviceId }) => deviceId === id)!.alertId);
}

async function clear(deviceId: string): Promise<void> {
  const { alerts } = await applyAlertEvents(store, [
    { kind: 'clear', deviceId, ts: new Date(), source: '/data', rule: RULE },
  ]);
  publishItems(
    bus,
    event(tenantId, 'alert'),
    alerts.map(({ alertId }) => ({ device: deviceId, alert: alertId, change: 'closed' as const, ts: Date.now() })),
  );
}

async function makeFix(automatic: Partial<FixAutomatic> = {}, path = '{source}'): Promise<Fix> {
  const id = crypto.randomUUID();
  await insertFix(store.database, tenantId, {
    id,
    rule: RULE,
    title: 'Clean up',
    steps: [],
    risk: 'low',
    takesMs: null,
    parameters: [],
    actions: [
      {
        kind: 'command',
        name: 'remove-old-files',
        parameters: { path },
        onSensor: false,
        timeoutMs: 5_000,
      },
    ],
    checkMs: 1_000,
    automatic: { ...NOT_AUTOMATIC, ...automatic },
  });
  return await getFix(store.database, tenantId, id);
}

async function until<T>(isIt: () => Promise<T | undefined>): Promise<T> {
  for (let turn = 0; turn < 1500; turn++) {
    const found = await isIt();
    if (found !== undefined) return found;
    await Bun.sleep(10);
  }
  throw new Error('it did not come to pass');
}

const start = async (fix: Fix, alertId: string): Promise<string> => {
  const alert = await getFixableAlert(store.database, tenantId, ALL_DEVICES, alertId);
  return await insertFixRun(store.database, tenantId, { fix, alert, parameters: {}, startedBy: SOMEBODY });
};
const ended = (id: string) =>
  until(async () => {
    const run = await getFixRun(store.database, tenantId, ALL_DEVICES, id);
    return run.endedAt === null ? undefined : run;
  });
const rollOut = async (fix: Fix) => {
  const target = { model: null, groupId: null, incidentId: null };
  const wish = { fix, target, parameters: {}, parallelMax: 7, minSuccess: 0.6, startedBy: SOMEBODY };
  return await insertRollout(store.database, tenantId, [ALL_DEVICES], wish);
};
const rollout = (id: string) => getRollout(store.database, tenantId, ALL_DEVICES, id);

test('a run is signed, carried out once by two workers, and put together from what gets through', async () => {
  const [alertId] = await raise([houses[0]!]);
  const fix = await makeFix();
  await rotateCommandKey(store.database);
  const run = await ended(await start(fix, alertId!));
  expect(run).toMatchObject({ state: 'helped', output: 'deleting\ndone\n', exit: 0 });
  expect([...told.get(houses[0]!)!.values()]).toEqual([1]);
  expect(keys.map(({ vouchedBy }) => vouchedBy === undefined)).toEqual([true, false]);
  expect((await getFix(store.database, tenantId, fix.id)).stats).toMatchObject({ tried: 1, helped: 1 });
});

test('what another house says of a run changes nothing', async () => {
  const [alertId] = await raise([houses[0]!]);
  const { database } = store;
  await database.updateTable('presence').set({ connected: false }).where('device_id', '=', houses[0]!).execute();
  const runId = await start(await makeFix(), alertId!);
  const outcome = { outcome: 'exited', exit: 0, refusal: null, reason: '' } as const;
  const said = { kind: 'done', outcome, tail: new Uint8Array(0), tailOffset: 0 } as const;
  expect(await storeFixRunReport(database, { deviceId: houses[1]!, runId, step: 0, said })).toBeUndefined();
  // Nor does what the house itself says before it was asked.
  expect(await storeFixRunReport(database, { deviceId: houses[0]!, runId, step: 0, said })).toBeUndefined();
  expect(await getFixRun(database, tenantId, ALL_DEVICES, runId)).toMatchObject({ state: 'waiting', output: '' });
  await database.updateTable('presence').set({ connected: true }).where('device_id', '=', houses[0]!).execute();
  publishItems(bus, event(tenantId, 'presence'), [{ device: houses[0]!, connected: true, ts: Date.now() }]);
  expect(await ended(runId)).toMatchObject({ state: 'helped' });
});

test('calling off a fix that installs software ends that for the house, which has no command to end', async () => {
  const [deviceId] = houses as [string];
  const { database } = store;
  await insertTestArtifact(database, tenantId, { name: 'cure' });
  const [alertId] = await raise([deviceId]);
  const fix = await makeFix();
  const install = { kind: 'update', artifact: 'cure', timeoutMs: 3600_000 } as const;
  await updateFix(database, tenantId, fix.id, { ...fix, actions: [install] }, undefined);
  const runId = await start(await getFix(database, tenantId, fix.id), alertId!);
  const running = () =>
    database.selectFrom('fix_runs').select('deployment_id').where('id', '=', runId).executeTakeFirstOrThrow();
  const deploymentId = await until(async () => (await running()).deployment_id ?? undefined);
  // As if it had been begun long ago.
  await database
    .updateTable('fix_runs')
    .set({ sent_at: new Date(0) })
    .where('id', '=', runId)
    .execute();
  await cancelFixRun(database, tenantId, runId);
  expect(await ended(runId)).toMatchObject({ state: 'cancelled' });
  expect(await endOfDeployment(database, deploymentId, deviceId)).toMatchObject({ state: 'aborted' });
  expect(calledOff).toEqual(new Set());
});

test('a run that can not be carried on keeps no other waiting', async () => {
  const [broken, other] = await raise([houses[0]!, houses[1]!]);
  const fix = await makeFix();
  const { database } = store;
  await database.updateTable('presence').set({ connected: false }).where('device_id', '=', houses[0]!).execute();
  const runId = await start(fix, broken!);
  // No plan can be made of this.
  await database.updateTable('fix_runs').set({ actions: '[]', look_at: new Date() }).where('id', '=', runId).execute();
  expect(await ended(await start(fix, other!))).toMatchObject({ state: 'helped' });
  const look = database.selectFrom('fix_runs').select('look_at').where('id', '=', runId);
  expect((await look.executeTakeFirstOrThrow()).look_at.getTime()).toBeGreaterThan(Date.now());
  await database.updateTable('presence').set({ connected: true }).where('device_id', '=', houses[0]!).execute();
});

test('a rollout tries one house, then phase after phase, and leaves none out', async () => {
  await raise(houses);
  const id = await rollOut(await makeFix());
  const done = await until(async () => {
    const now = await rollout(id);
    return now.state === 'done' ? now : undefined;
  });
  expect(done.counts).toMatchObject({ houses: 50, helped: 50, pending: 0 });
  expect(done.phases.map(({ houses: end }) => end)).toEqual([1, 3, 13, 50]);
  expect([...told.values()].flatMap((runs) => [...runs.values()])).toEqual(Array.from(houses, () => 1));
  const { items } = await listFixRuns(store.database, tenantId, ALL_DEVICES, { rolloutId: id, limit: 100 });
  const trial = items.at(-1)!;
  expect(items.every((run) => run.id === trial.id || run.createdAt >= trial.endedAt!)).toBe(true);
}, 30_000);

test('a rollout of what does not help stops after the first house, and goes on only when somebody says so', async () => {
  await raise(houses);
  helps = (device) => told.size > 1 && device !== '';
  const id = await rollOut(await makeFix());
  const stopped = await until(async () => {
    const now = await rollout(id);
    return now.state === 'stopped' ? now : undefined;
  });
  expect(stopped).toMatchObject({ counts: { notHelped: 1, pending: 49 }, reason: 'It did not help the first house.' });
  expect(told.size).toBe(1);
  await continueRollout(store.database, id, undefined);
  const done = await until(async () => {
    const now = await rollout(id);
    return now.state === 'done' ? now : undefined;
  });
  expect(done.counts).toMatchObject({ helped: 49, notHelped: 1, pending: 0 });
}, 30_000);

test('a rollout of a fix that is changed after it began stops: nobody has tried the new one', async () => {
  await raise(houses);
  const fix = await makeFix();
  const id = await rollOut(fix);
  await updateFix(store.database, tenantId, fix.id, { ...fix, title: 'Something else' }, undefined);
  const stopped = await until(async () => {
    const now = await rollout(id);
    return now.state === 'stopped' ? now : undefined;
  });
  expect(stopped.reason).toBe('The fix was changed after it was tried: start it anew.');
  expect(told.size).toBeLessThanOrEqual(1);
}, 30_000);

test('an automatic fix runs once on each house, within its limits, and every run is in the audit log', async () => {
  const alertIds = await raise(houses.slice(0, 10));
  const fix = await makeFix({ enabled: true, perHourMax: 3 });
  const runs = await until(async () => {
    const { items } = await listFixRuns(store.database, tenantId, ALL_DEVICES, { fixId: fix.id, limit: 100 });
    return items.length === 3 && items.every(({ endedAt }) => endedAt !== null) ? items : undefined;
  });
  await Bun.sleep(200);
  expect((await listFixRuns(store.database, tenantId, ALL_DEVICES, { fixId: fix.id, limit: 100 })).items).toHaveLength(
    3,
  );
  expect(runs.map(({ state, startedBy }) => [state, startedBy.type])).toEqual(
    Array.from(runs, () => ['helped', 'system']),
  );
  const audit = await listAudit(store.database, tenantId, { action: 'fix.run' }, { below: undefined, limit: 10 });
  expect(audit.items.map(({ details }) => String(details.run)).toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
  expect(audit.items.every(({ actor, object }) => actor.type === 'system' && alertIds.includes(object.id))).toBe(true);
});

test('an alert that an automatic fix can not run on keeps it from no other', async () => {
  await raise([houses[0]!]);
  const [second] = await raise([houses[1]!], { where: '/data' });
  const fix = await makeFix({ enabled: true, perHourMax: 1 }, '{where}');
  const run = await until(async () => {
    const { items } = await listFixRuns(store.database, tenantId, ALL_DEVICES, { fixId: fix.id, limit: 100 });
    return items.find(({ endedAt }) => endedAt !== null);
  });
  expect(run).toMatchObject({ alertId: second, state: 'helped' });
});
