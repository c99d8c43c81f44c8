/** Deployments as workers carry them on. Several may at once: whoever has an organisation's turns has its deployments. */
import { sql } from 'kysely';
import type { GateFigure } from '@lovely/api';
import { gateWords } from '../domain/deployment-gates.ts';
import { aborted, type House } from '../domain/deployment-house.ts';
import { phasesOf, planDeployment, type DeploymentStep } from '../domain/deployment-plan.ts';
import {
  DEPLOYMENT_END_HOUSES,
  DEPLOYMENT_GATE_MS,
  DEPLOYMENT_LOOK_MS,
  DEPLOYMENT_STEPS_MAX,
  DEPLOYMENT_TURN_HOUSES,
} from '../software-limits.ts';
import { artifactsOfName } from './deployment-artifacts.ts';
import type { DeploymentChange } from './deployment-changes.ts';
import { collectHouses } from './deployment-collection.ts';
import { foldCounts, readCounts, readFacts, type Away, type DeploymentRow } from './deployment-facts.ts';
import { failuresOf, planCounts } from '../domain/deployment-counts.ts';
import {
  deploymentEvent,
  HOUSE,
  houseEvent,
  insertDeploymentEvents,
  wakeHouses,
  writeHouses,
} from './deployment-houses.ts';
import { beginHouses, type Grant, type TurnOf } from './deployment-turns.ts';
import { announceToWebhooks } from './deployment-webhooks.ts';
import type { Database } from './store.ts';
import type { PhaseMark } from './schema/deployments.ts';

export interface DeploymentTurn {
  readonly deployment: { readonly id: string; readonly tenantId: string };
  /** What is to be offered now that it is written down. */
  readonly grants: readonly Grant[];
  readonly changes: readonly DeploymentChange[];
  /** It has more to do right away. */
  readonly isUnfinished: boolean;
}

/** Deployments that are due, the longest waiting first; to be taken one by one. */
export async function listDueDeployments(
  database: Database,
  besides: readonly string[],
  limit: number,
): Promise<{ id: string; tenantId: string }[]> {
  const { rows } = await sql<{ id: string; tenantId: string }>`
    select id, tenant_id as "tenantId" from deployments
    where ended_at is null and look_at <= now() and id <> all(${[...besides]}::uuid[])
    order by look_at limit ${limit}`.execute(database);
  return rows;
}

/**
 * Carries a deployment on until there is nothing to do but wait, or it has done its share. Undefined when another worker
 * has it, or had it just now.
 */
export async function carryOn(
  transaction: Database,
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
  nowMs: number,
): Promise<DeploymentTurn | undefined> {
  const { rows: lock } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`deployments ${tenantId}`}, 0)) as mine`.execute(transaction);
  if (!lock[0]!.mine) return undefined;
  const row = await transaction
    .selectFrom('deployments')
    .selectAll()
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('look_at', '<=', sql<Date>`now()`)
    // What its houses say is stored meanwhile.
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row && (await carryOnRow(transaction, row, nowMs));
}

async function carryOnRow(transaction: Database, first: DeploymentRow, nowMs: number): Promise<DeploymentTurn> {
  let row = first;
  let isDry = false;
  let away: Away | undefined;
  let figures: GateFigure[] = row.figures;
  let signsAt = row.signs_at;
  const grants: Grant[] = [];
  const changed: House[] = [];
  const deployment = { id: row.id, tenantId: row.tenant_id };
  let isChanged = false;
  let lookMs = nowMs;
  await foldCounts(transaction, row.id);
  if (row.state === 'aborted') return await endAborted(transaction, row, nowMs);
  row = await lookForMembers(transaction, row, nowMs);
  const of = await turnOf(transaction, row);
  for (let steps = 0; steps < DEPLOYMENT_STEPS_MAX && grants.length < DEPLOYMENT_TURN_HOUSES; steps++) {
    // Lost houses, alerts and reconnects need one look for all the steps of a turn.
    const read = await readFacts(transaction, { ...row, figures }, nowMs, away);
    ({ away } = read);
    figures = [...read.facts.figures];
    if (read.hasLookedAtFleet) signsAt = new Date(nowMs);
    const step = planDeployment({ ...read.facts, isDry }, nowMs);
    if (step.kind === 'wait') {
      lookMs = Math.min(step.untilMs ?? Number.POSITIVE_INFINITY, nowMs + lookAfterMs(row, step));
      const next = await setWaiting(transaction, row, step);
      isChanged ||= next;
      break;
    }
    if (step.kind === 'begin') {
      const wish = { ...step, houses: Math.min(step.houses, DEPLOYMENT_TURN_HOUSES - grants.length) };
      const turns = await beginHouses(transaction, { ...of, row }, wish, nowMs);
      grants.push(...turns.grants);
      changed.push(...turns.changed);
      isDry = turns.looked < wish.houses || turns.changed.length === 0;
      continue;
    }
    if (step.kind === 'over') away = undefined;
    isChanged = true;
    const after = await apply(transaction, row, step, nowMs);
    row = after.row;
    lookMs = nowMs;
    if (row.ended_at !== null || after.isEnough) break;
  }
  await transaction
    .updateTable('deployments')
    .set({ look_at: new Date(lookMs), figures: JSON.stringify(figures), signs_at: signsAt })
    .where('id', '=', row.id)
    .execute();
  return {
    deployment,
    grants,
    changes: changesOf(deployment, changed, isChanged ? await someHouse(transaction, row.id) : undefined),
    isUnfinished: lookMs <= nowMs && row.ended_at === null,
  };
}

/** New members of a target that may grow; whoever is there already has their turn meanwhile. */
async function lookForMembers(transaction: Database, row: DeploymentRow, nowMs: number): Promise<DeploymentRow> {
  const isDue = row.collected_to !== null || row.collect_at.getTime() <= nowMs;
  if (row.state !== 'running' || !row.options.joins || row.collected_at === null || !isDue) return row;
  await collectHouses(transaction, row, nowMs);
  return await reread(transaction, row.id);
}

async function reread(transaction: Database, id: string): Promise<DeploymentRow> {
  return await transaction.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

export async function turnOf(database: Database, row: DeploymentRow): Promise<TurnOf> {
  const tenant = await database
    .selectFrom('tenants')
    .select('settings')
    .where('id', '=', row.tenant_id)
    .executeTakeFirst();
  return {
    row,
    artifacts: await artifactsOfName(database, row.tenant_id, row.artifact_name),
    zone: tenant?.settings.timeZone ?? null,
  };
}

/** What gateways say wakes it; the rest is looked for now and then. */
function lookAfterMs(row: DeploymentRow, step: Extract<DeploymentStep, { kind: 'wait' }>): number {
  return step.for === null && row.options.gates !== null ? DEPLOYMENT_GATE_MS : DEPLOYMENT_LOOK_MS;
}

/** Whether it waits for something else than before. */
async function setWaiting(
  transaction: Database,
  row: DeploymentRow,
  step: Extract<DeploymentStep, { kind: 'wait' }>,
): Promise<boolean> {
  if (row.state !== 'running') return false;
  const reason = step.for === 'person' ? 'Waits for somebody to let the next phase begin.' : '';
  if (reason === row.reason) return false;
  await transaction.updateTable('deployments').set({ reason }).where('id', '=', row.id).execute();
  return true;
}

/** @returns the row as it is then; `isEnough`: the rest is for another turn */
async function apply(
  transaction: Database,
  row: DeploymentRow,
  step: Exclude<DeploymentStep, { kind: 'wait' | 'begin' }>,
  nowMs: number,
): Promise<{ row: DeploymentRow; isEnough: boolean }> {
  const now = new Date(nowMs);
  const named = { id: row.id, tenantId: row.tenant_id };
  const set = async (values: Record<string, unknown>, isEnough = false) => ({
    row: await transaction
      .updateTable('deployments')
      .set({ ...values, version: sql`version + 1` })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow(),
    isEnough,
  });
  switch (step.kind) {
    case 'start':
      await insertDeploymentEvents(transaction, [deploymentEvent(named, 'started', '')]);
      await announceToWebhooks(transaction, row, 'deployment.started');
      return await set({ state: 'running', started_at: now, reason: '', phase_marks: marks([begunMark(nowMs)]) });
    case 'collect': {
      const isDone = await collectHouses(transaction, row, nowMs);
      return { row: await reread(transaction, row.id), isEnough: !isDone };
    }
    case 'over':
      return await set({ phase_marks: marks(withOver(row, nowMs)) });
    case 'advance': {
      const phases = await phasesNow(transaction, row);
      await insertDeploymentEvents(transaction, [
        deploymentEvent(named, 'phase', `Phase ${step.phase + 1} of ${phases} begins.`),
      ]);
      const begun = [...withOver(row, nowMs)];
      begun[step.phase] = begunMark(nowMs);
      return await set({ phase: step.phase, is_passed: false, reason: '', phase_marks: marks(begun) });
    }
    case 'hold': {
      const reason = gateWords(step.figure);
      await insertDeploymentEvents(transaction, [deploymentEvent(named, 'paused', reason)]);
      await announceToWebhooks(transaction, row, 'deployment.paused-by-gate', reason);
      await lookAtActive(transaction, row.id);
      return await set({ state: 'paused', paused_state: 'running', paused_by: 'gate', reason });
    }
    case 'expire':
      return {
        row,
        isEnough: !(await endWaiting(transaction, row, 'It had not begun when the time was up.', false, nowMs)),
      };
    case 'finish':
      await insertDeploymentEvents(transaction, [deploymentEvent(named, 'finished', '')]);
      await announceToWebhooks(transaction, row, 'deployment.finished');
      return await set({
        state: 'finished',
        ended_at: now,
        reason: '',
        paused_by: null,
        paused_state: null,
        phase_marks: marks(withOver(row, nowMs)),
      });
  }
}

function begunMark(nowMs: number): PhaseMark {
  return { startedMs: nowMs, overMs: null };
}

function marks(of: readonly PhaseMark[]): string {
  return JSON.stringify(of);
}

function withOver(row: DeploymentRow, nowMs: number): PhaseMark[] {
  return row.phase_marks.map((mark, phase) =>
    phase === row.phase && mark !== null ? { ...mark, overMs: mark.overMs ?? nowMs } : mark,
  );
}

async function phasesNow(database: Database, row: DeploymentRow): Promise<number> {
  const { houses, skipped } = planCounts(await readCounts(database, [row.id]), 0);
  return phasesOf(row.options.phases, houses - skipped).length;
}

/** Those in the middle of it are told to wait, or to go on; also those that tell something just now. */
export async function lookAtActive(transaction: Database, deploymentId: string): Promise<void> {
  await sql`
    with active as (
      select device_id from deployment_devices
      where deployment_id = ${deploymentId} and finished_at is null and granted_at is not null
      order by device_id for update)
    update deployment_devices as house set look_at = now() from active
    where house.deployment_id = ${deploymentId} and house.device_id = active.device_id`.execute(transaction);
}

/** Ends what is open, a share at a time. Returns whether that was all. */
async function endWaiting(
  transaction: Database,
  row: DeploymentRow,
  message: string,
  withActive: boolean,
  nowMs: number,
): Promise<boolean> {
  const { rows } = await sql<House>`select ${HOUSE} from deployment_devices as house
    where house.deployment_id = ${row.id} and house.finished_at is null
      ${withActive ? sql`` : sql`and house.granted_at is null`}
    order by house.device_id limit ${DEPLOYMENT_END_HOUSES} for update skip locked`.execute(transaction);
  const ended = rows.map((house) => aborted(house, message, nowMs));
  await writeHouses(transaction, ended);
  await insertDeploymentEvents(
    transaction,
    rows
      .filter(({ beganMs }) => beganMs !== null)
      .map((house) => houseEvent(house, 'ended', { state: 'aborted', text: message })),
  );
  await wakeHouses(
    transaction,
    rows.filter(({ grantedMs }) => grantedMs !== null).map(({ deviceId }) => deviceId),
  );
  return rows.length < DEPLOYMENT_END_HOUSES;
}

async function endAborted(transaction: Database, row: DeploymentRow, nowMs: number): Promise<DeploymentTurn> {
  const deployment = { id: row.id, tenantId: row.tenant_id };
  await endWaiting(transaction, row, 'The deployment was ended.', true, nowMs);
  const { rows } = await sql`select from deployment_devices
    where deployment_id = ${row.id} and finished_at is null limit 1`.execute(transaction);
  const isOver = rows.length === 0;
  if (isOver) {
    await announceToWebhooks(transaction, row, 'deployment.finished', row.reason);
    await transaction
      .updateTable('deployments')
      .set({ ended_at: new Date(nowMs), version: sql`version + 1` })
      .where('id', '=', row.id)
      .execute();
  }
  return {
    deployment,
    grants: [],
    changes: changesOf(deployment, [], await someHouse(transaction, row.id)),
    isUnfinished: !isOver,
  };
}

/** What a person has forgiven: what the gates saw until now. */
export async function forgivenNow(
  database: Database,
  row: DeploymentRow,
): Promise<{ failed: number; through: number; reconnects: number }> {
  return failuresOf(await readCounts(database, [row.id]), 0);
}

/** One that people are told of when the deployment changed as a whole. */
export async function someHouse(database: Database, deploymentId: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`select device_id as id from deployment_devices
    where deployment_id = ${deploymentId} limit 1`.execute(database);
  return rows[0]?.id;
}

function changesOf(
  { id: deploymentId, tenantId }: { readonly id: string; readonly tenantId: string },
  houses: readonly House[],
  whole: string | undefined,
): DeploymentChange[] {
  // Nobody sees that a house was offered something before it says so itself.
  const told = houses.filter(({ finishedMs }) => finishedMs !== null);
  const ids = new Set([...told.map(({ deviceId }) => deviceId), ...(whole === undefined ? [] : [whole])]);
  return [...ids].map((deviceId) => ({ tenantId, deploymentId, deviceId }));
}

/** Has workers look at these now. One that a worker has is looked at once more: it may have gone by what was before. */
export async function lookAtDeployments(database: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    with open as (select id from deployments
      where id = any(${[...new Set(ids)]}::uuid[]) and ended_at is null order by id for no key update)
    update deployments set look_at = now() from open where deployments.id = open.id`.execute(database);
}
