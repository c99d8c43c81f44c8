/** Steering of deployments by people: pause, go on, end, change. Each is within a transaction that has the row. */
import { sql } from 'kysely';
import type { Body, DeploymentOptions, updateDeployment as contract, UpdatePause } from '@lovely/api';
import { aborted, isActive, isFinal, type House } from '../domain/deployment-house.ts';
import { WAITS_BEFORE } from '../domain/deployment-turn.ts';
import { LovelyError } from '../errors.ts';
import { forgivenNow, lookAtActive } from './deployment-engine.ts';
import { readCounts, type DeploymentRow } from './deployment-facts.ts';
import { planCounts } from '../domain/deployment-counts.ts';
import {
  deploymentEvent,
  HOUSE,
  houseEvent,
  insertDeploymentEvents,
  wakeHouses,
  writeHouses,
} from './deployment-houses.ts';
import { announceToWebhooks } from './deployment-webhooks.ts';
import type { Database } from './store.ts';
import { isVersion, refuseStale } from './version.ts';

/** Who steers, for the timeline. */
export interface Steering {
  readonly by: string;
  readonly ifVersion: number | undefined;
}

/** No house begins any more; those that download wait before they install. Throws 'deployment-over', 'changed-meanwhile'. */
export async function pauseDeployment(transaction: Database, id: string, steering: Steering): Promise<void> {
  const row = await lockOpen(transaction, id, steering);
  if (row.state !== 'paused') {
    await note(transaction, row, 'paused', '', steering);
    await lookAtActive(transaction, id);
  }
  await set(transaction, id, {
    state: 'paused',
    paused_state: row.state === 'paused' ? row.paused_state : row.state,
    paused_by: 'person',
    reason: 'Paused: no house begins.',
  });
}

/** Goes on where it was, and past what a gate had seen, or what the next phase waits for. Throws as `pauseDeployment`. */
export async function continueDeployment(transaction: Database, id: string, steering: Steering): Promise<void> {
  const row = await lockOpen(transaction, id, steering);
  await note(transaction, row, 'continued', '', steering);
  if (row.state !== 'paused') {
    const isOver = (row.phase_marks[row.phase]?.overMs ?? null) !== null;
    await set(transaction, id, { is_passed: isOver, reason: '', look_at: sql`now()` });
    return;
  }
  const isByGate = row.paused_by === 'gate';
  await set(transaction, id, {
    state: row.paused_state ?? 'running',
    paused_state: null,
    paused_by: null,
    reason: '',
    look_at: sql`now()`,
    ...(isByGate
      ? { forgiven: JSON.stringify(await forgivenNow(transaction, row)), forgiven_at: sql`now()`, figures: '[]' }
      : {}),
  });
  await lookAtActive(transaction, id);
}

/** Houses that wait before this step go on, and none waits there any more. Throws as `pauseDeployment`. */
export async function passStep(
  transaction: Database,
  id: string,
  past: UpdatePause,
  steering: Steering,
): Promise<void> {
  const row = await lockOpen(transaction, id, steering);
  await note(transaction, row, 'continued', `Past ${past}.`, steering);
  const pauseBefore = row.options.pauseBefore.filter((step) => step !== past);
  await set(transaction, id, { options: JSON.stringify({ ...row.options, pauseBefore }) });
  await sql`
    with waiting as (
      select device_id from deployment_devices
      where deployment_id = ${id} and finished_at is null and ${past} = any(pauses) order by device_id for update)
    update deployment_devices as house set pauses = array_remove(house.pauses, ${past}) from waiting
    where house.deployment_id = ${id} and house.device_id = waiting.device_id`.execute(transaction);
  await lookAtActive(transaction, id);
}

/** Ends it; workers end its houses. One that only waits for new members is finished. Throws as `pauseDeployment`. */
export async function abortDeployment(transaction: Database, id: string, steering: Steering): Promise<void> {
  const row = await lockOpen(transaction, id, steering);
  const { waiting, retrying, active } = planCounts(await readCounts(transaction, [id]), 0);
  const isDone = row.collected_at !== null && waiting + retrying + active === 0;
  const reason = `Ended by ${steering.by}.`;
  await note(transaction, row, isDone ? 'finished' : 'aborted', '', steering);
  if (isDone) await announceToWebhooks(transaction, row, 'deployment.finished', reason);
  await set(transaction, id, {
    state: isDone ? 'finished' : 'aborted',
    paused_state: null,
    paused_by: null,
    reason,
    look_at: sql`now()`,
    ...(isDone ? { ended_at: sql`now()` } : {}),
  });
}

/** Throws as `pauseDeployment`. */
export async function changeDeployment(
  transaction: Database,
  id: string,
  { name, ...changes }: Body<typeof contract>,
  steering: Steering,
): Promise<void> {
  const row = await lockOpen(transaction, id, steering);
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const options: DeploymentOptions = { ...row.options, ...given };
  await note(transaction, row, 'changed', '', steering);
  await set(transaction, id, {
    ...(name === undefined ? {} : { name }),
    options: JSON.stringify(options),
    priority: options.priority,
    look_at: sql`now()`,
  });
}

async function lockOpen(transaction: Database, id: string, { ifVersion }: Steering): Promise<DeploymentRow> {
  const select = transaction.selectFrom('deployments').selectAll().where('id', '=', id);
  const row = await select.where(isVersion(ifVersion)).forNoKeyUpdate().executeTakeFirst();
  if (!row) return await refuseStale(select.executeTakeFirst());
  if (row.ended_at !== null || row.state === 'aborted') throw new LovelyError('deployment-over');
  return row;
}

async function set(transaction: Database, id: string, values: Record<string, unknown>): Promise<void> {
  await transaction
    .updateTable('deployments')
    .set({ ...values, version: sql`version + 1` })
    .where('id', '=', id)
    .execute();
}

async function note(
  transaction: Database,
  { id, tenant_id: tenantId }: DeploymentRow,
  kind: 'paused' | 'continued' | 'aborted' | 'finished' | 'changed',
  text: string,
  { by }: Steering,
): Promise<void> {
  await insertDeploymentEvents(transaction, [deploymentEvent({ id, tenantId }, kind, text, by)]);
}

async function lockHouse(transaction: Database, id: string, deviceId: string): Promise<House> {
  const { rows } = await sql<House>`select ${HOUSE} from deployment_devices as house
    where house.deployment_id = ${id} and house.device_id = ${deviceId} for update`.execute(transaction);
  if (!rows[0]) throw new LovelyError('not-found');
  if (isFinal(rows[0])) throw new LovelyError('deployment-over', 'This house is through.');
  return rows[0];
}

/** Has one house wait before these steps. Throws 'not-found', or 'deployment-over' for a house that is through. */
export async function pauseHouse(
  transaction: Database,
  id: string,
  deviceId: string,
  before: readonly UpdatePause[],
  by: string,
): Promise<void> {
  const house = await lockHouse(transaction, id, deviceId);
  const next: House = {
    ...house,
    pauses: [...before],
    passed: house.passed.filter((step) => !before.includes(step)),
    lookMs: isActive(house) ? Date.now() : house.lookMs,
  };
  await writeHouses(transaction, [next]);
  await insertDeploymentEvents(transaction, [houseEvent(next, 'paused', { by, text: before.join(' ') })]);
}

/** Lets one house past the step that it waits at, or past all where it doesn't wait. Throws as `pauseHouse`. */
export async function continueHouse(transaction: Database, id: string, deviceId: string, by: string): Promise<void> {
  const house = await lockHouse(transaction, id, deviceId);
  const step = WAITS_BEFORE[house.state];
  const next: House = {
    ...house,
    pauses: step === undefined ? [] : house.pauses.filter((one) => one !== step),
    passed: step === undefined || house.passed.includes(step) ? house.passed : [...house.passed, step],
    lookMs: isActive(house) ? Date.now() : house.lookMs,
  };
  await writeHouses(transaction, [next]);
  await insertDeploymentEvents(transaction, [houseEvent(next, 'continued', { by })]);
}

/** Ends it for one house. Throws as `pauseHouse`. */
export async function abortHouse(transaction: Database, id: string, deviceId: string, by: string): Promise<void> {
  const house = await lockHouse(transaction, id, deviceId);
  const next = aborted(house, `Ended for this house by ${by}.`, Date.now());
  await writeHouses(transaction, [next]);
  await insertDeploymentEvents(transaction, [houseEvent(next, 'aborted', { by, state: 'aborted' })]);
  await wakeHouses(transaction, [deviceId]);
}
