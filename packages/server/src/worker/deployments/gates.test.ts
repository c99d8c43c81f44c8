/** Gates that look at how houses do with their new software: alerts and reconnects, as the rest of the system stores them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { Deployment, DeploymentGates, GateFigure } from '@lovely/api';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { raiseAlerts } from '../../store/alert-openings.ts';
import { getDeploymentDetail } from '../../store/deployments.ts';
import { continueDeployment } from '../../store/deployment-steering.ts';
import { TestWorkers, until } from './test-workers.ts';

const HOUSES = 12;
const FIRST_HOUSES = 4;

let workers: TestWorkers;
beforeAll(async () => {
  workers = await TestWorkers.start(HOUSES);
}, 60_000);
afterAll(() => workers[Symbol.asyncDispose]());
beforeEach(() => workers.reset());

/** A deployment whose first houses are through; the rest waits for a person. */
async function deployToFirst(
  gates: Partial<DeploymentGates>,
): Promise<{ id: string; first: string[]; rest: string[] }> {
  const id = await workers.deploy(
    { kind: 'all' },
    { phases: [{ count: FIRST_HOUSES, waitsForPerson: true }], gates: { failureMax: null, ...gates } },
  );
  await when(id, ({ waitsFor }) => waitsFor === 'person');
  const states = await Promise.all(workers.houses.map((deviceId) => workers.house(id, deviceId)));
  const has = (deviceId: string): boolean => states.some((one) => one.deviceId === deviceId && one.state === 'success');
  const first = workers.houses.filter(has);
  expect(first).toHaveLength(FIRST_HOUSES);
  return { id, first, rest: workers.houses.filter((deviceId) => !has(deviceId)) };
}

/** Workers look at it meanwhile, as they do every few seconds. */
async function when(id: string, is: (now: Deployment, figures: readonly GateFigure[]) => boolean): Promise<Deployment> {
  return await until(async () => {
    await workers.announce(id);
    const now = await getDeploymentDetail(workers.store.database, workers.tenantId, ALL_DEVICES, id);
    return is(now, now.gates) ? now : undefined;
  });
}

async function raise(deviceIds: readonly string[]): Promise<void> {
  const { store, tenantId } = workers;
  await store.database.transaction().execute((transaction) =>
    raiseAlerts(
      transaction,
      deviceIds.map((deviceId) => {
        return {
          tenantId,
          deviceId,
          source: '',
          rule: 'disk-full',
          severity: 'warning',
          description: 'It is full.',
          values: {},
          ts: new Date(),
          count: 1,
        };
      }),
    ),
  );
}

/** A person lets it go on past the gate, and then lets the next phase begin. */
async function goOn(id: string): Promise<Deployment> {
  const by = { by: 'Ada', ifVersion: undefined };
  await workers.steer(id, (database) => continueDeployment(database, id, by));
  await when(id, ({ waitsFor }) => waitsFor === 'person');
  await workers.steer(id, (database) => continueDeployment(database, id, by));
  return await workers.over(id);
}

const figureOf = (figures: readonly GateFigure[], gate: GateFigure['gate']) => figures.find((one) => one.gate === gate);

test('alerts of houses with the new software hold the rest back once they are more than elsewhere', async () => {
  const { id, first, rest } = await deployToFirst({ alertsMax: 0.5 });
  await raise([...first.slice(0, 2), rest[0]!]);
  await when(id, (_now, figures) => figureOf(figures, 'alerts')?.value === 0.5);
  expect((await workers.deployment(id)).state).toBe('running');
  await raise(first.slice(2, 3));
  const held = await when(id, ({ state }) => state === 'paused');
  expect(held).toMatchObject({ pausedBy: 'gate', counts: { success: FIRST_HOUSES, pending: HOUSES - FIRST_HOUSES } });
  expect(held.reason).toBe('75 % of 4 houses with the new software had an alert since, more than of the others.');
  expect(await goOn(id)).toMatchObject({ state: 'finished', counts: { success: HOUSES } });
}, 60_000);

test('houses that connect again and again with the new software hold the rest back', async () => {
  const { id, first } = await deployToFirst({ reconnectsMax: 1 });
  for (const deviceId of first) await workers.fleet.connect(deviceId);
  await when(id, (_now, figures) => figureOf(figures, 'reconnects')?.value === 1);
  expect((await workers.deployment(id)).state).toBe('running');
  for (const deviceId of first) await workers.fleet.connect(deviceId);
  const held = await when(id, ({ state }) => state === 'paused');
  expect(held).toMatchObject({ pausedBy: 'gate', counts: { success: FIRST_HOUSES, pending: HOUSES - FIRST_HOUSES } });
  expect(held.reason).toMatch(/reconnected .* times each/);
  expect(await goOn(id)).toMatchObject({ state: 'finished', counts: { success: HOUSES } });
}, 60_000);
