/** Fix runs as workers carry them on. Several may at once: whoever has locked a run has it. */
import { sql, type Selectable } from 'kysely';
import { DEPLOYMENT_PRIORITY_MAX, type FixRunState } from '@lovely/api';
import type { RunFacts, RunStep, StepOutcome } from '../domain/fix-run.ts';
import { FIX_AWAY_LOOK_MS, FIX_LOOK_MS } from '../limits.ts';
import { mergeOwn } from './configurations.ts';
import { deployToDevice, endOfDeployment } from './deployment-of-one.ts';
import { abortHouse } from './deployment-steering.ts';
import { countFixRun } from './fixes.ts';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';

export type FixRunRow = Omit<Selectable<Schema['fix_runs']>, 'output'>;

/** A run that somebody has to look at, with what is known of it and of its house. */
export interface DueRun {
  readonly run: FixRunRow;
  readonly facts: RunFacts;
  readonly hubId: string | null;
}

/** What others are told of a run that changed. */
export interface FixRunChange {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly alertId: string;
  readonly runId: string;
  readonly rolloutId: string | null;
  readonly state: FixRunState;
}

/** A run that is due, as it was read. */
export interface DueRow extends FixRunRow {
  readonly hubId: string | null;
  readonly epoch: number | null;
  readonly connectedAt: Date | null;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly isBusy: boolean;
  readonly isApplied: boolean | null;
  /** What could not be applied of it; null: all could, or nobody knows yet. */
  readonly problem: string | null;
}

/** Locks runs that are due, until the transaction ends; runs that another worker has are left out. */
export async function takeDueRuns(transaction: Database, limit: number): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`
    select run.id, run.tenant_id, run.fix_id, run.fix_title, run.rule, run.alert_id, run.device_id, run.source, run.model,
      run.rollout_id, run.state, run.reason, run.code, run.parameters, run.actions, run.check_ms, run.step, run.sends, run.sent_at,
      run.sent_epoch, run.step_started_at, run.done, run.configuration_version, run.deployment_id, run.exit, run.step_output_at,
      run.cancel_requested_at, run.started_by, run.created_at, run.expires_at, run.started_at, run.check_until, run.ended_at,
      run.look_at, presence.hub_id as "hubId", presence.epoch, presence.changed_at as "connectedAt",
      alerts.closed_at as "closedAt", alerts.closed_by as "closedBy",
      run.state = 'waiting' and exists (select from fix_runs as other
        where other.device_id = run.device_id and other.state in ('running', 'checking')) as "isBusy",
      (select reported_version >= run.configuration_version from configurations
        where configurations.device_id = run.device_id) as "isApplied",
      (select case
          when reverted_version >= run.configuration_version then 'The house went back from the new configuration by itself.'
          when reported_version >= run.configuration_version then problems #>> '{0,message}' end
        from configurations where configurations.device_id = run.device_id) as problem
    from fix_runs as run
    join alerts on alerts.id = run.alert_id
    left join presence on presence.device_id = run.device_id and presence.connected
    where run.ended_at is null and run.look_at <= now()
    order by run.look_at limit ${limit} for update of run skip locked`.execute(transaction);
  return rows;
}

export async function dueRunOf(transaction: Database, row: DueRow, nowMs: number): Promise<DueRun> {
  const facts = factsOf(row, nowMs);
  return {
    run: row,
    facts: { ...facts, done: facts.done ?? (await updateOutcome(transaction, row)) },
    hubId: row.hubId,
  };
}

/** Leaves a run alone for a while that could not be carried on. */
export async function postponeRun(transaction: Database, runId: string, untilMs: number): Promise<void> {
  await transaction
    .updateTable('fix_runs')
    .set({ look_at: new Date(untilMs) })
    .where('id', '=', runId)
    .execute();
}

function factsOf(row: DueRow, nowMs: number): RunFacts {
  const action = row.actions[row.step]!;
  const { hubId, epoch, connectedAt } = row;
  const connection = hubId !== null && epoch !== null && connectedAt ? { epoch, sinceMs: connectedAt.getTime() } : null;
  return {
    state: row.state as RunFacts['state'],
    step: row.step,
    steps: row.actions.length,
    timeoutMs: action.timeoutMs,
    sends: row.sends,
    sentMs: row.sent_at?.getTime() ?? null,
    sentEpoch: row.sent_epoch,
    stepStartedMs: row.step_started_at?.getTime() ?? null,
    done:
      row.done ??
      (action.kind === 'configuration'
        ? configurationOutcome(row, action.timeoutMs, connection !== null, nowMs)
        : null),
    isCancelled: row.cancel_requested_at !== null,
    expiresMs: row.expires_at.getTime(),
    checkMs: row.check_ms,
    checkUntilMs: row.check_until?.getTime() ?? null,
    connection,
    alert: row.closedAt === null ? 'open' : row.closedBy === 'user' ? 'closed-by-hand' : 'closed',
    isBusy: row.isBusy,
  };
}

/** A configuration has run once the house says that it has it. */
function configurationOutcome(row: DueRow, timeoutMs: number, isConnected: boolean, nowMs: number): StepOutcome | null {
  if (row.configuration_version === null || row.state !== 'running') return null;
  if (row.problem !== null) return { outcome: 'failed', exit: null, refusal: null, reason: row.problem };
  if (row.isApplied) return { outcome: 'exited', exit: 0, refusal: null, reason: '' };
  const isLate = isConnected && row.step_started_at !== null && nowMs > row.step_started_at.getTime() + timeoutMs;
  return isLate
    ? {
        outcome: 'timed-out',
        exit: null,
        refusal: null,
        reason: 'The house did not take the new configuration in time.',
      }
    : null;
}

/** An update has run once its deployment is through on the house. */
async function updateOutcome(transaction: Database, row: DueRow): Promise<StepOutcome | null> {
  if (row.deployment_id === null || row.state !== 'running') return null;
  const end = await endOfDeployment(transaction, row.deployment_id, row.device_id);
  if (!end) return null;
  const { state, cause } = end;
  if (state === 'success' || state === 'already-installed')
    return { outcome: 'exited', exit: 0, refusal: null, reason: '' };
  return {
    outcome: state === 'aborted' ? 'cancelled' : 'failed',
    exit: null,
    refusal: null,
    reason: state === 'noartifact' ? 'No software of this name fits the house.' : (cause?.message ?? ''),
  };
}

/**
 * Writes down a step of a locked run. Returns whether it was taken: false for one that may not begin, as another worker has
 * just begun a fix on the same house.
 */
export async function applyStep(
  transaction: Database,
  { run, facts }: DueRun,
  step: RunStep,
  nowMs: number,
): Promise<boolean> {
  const set = async (values: Record<string, unknown>): Promise<void> => {
    await transaction.updateTable('fix_runs').set(values).where('id', '=', run.id).execute();
  };
  switch (step.kind) {
    case 'wait': {
      // Waking is told by the bus, which may lose it: nobody sleeps for too long.
      const longestMs = facts.state === 'waiting' && !facts.connection ? FIX_AWAY_LOOK_MS : FIX_LOOK_MS;
      await set({ reason: step.reason, look_at: new Date(Math.min(step.lookMs, nowMs + longestMs)) });
      return step.reason !== run.reason;
    }
    case 'begin':
      if (!(await isFree(transaction, run))) {
        await set({ look_at: new Date(nowMs + FIX_LOOK_MS) });
        return false;
      }
      await set({ state: 'running', reason: '', ...(await sent(transaction, run, facts, nowMs)) });
      return true;
    case 'send':
      await set({ reason: '', ...(await sent(transaction, run, facts, nowMs)) });
      return run.reason !== '';
    case 'cancel':
      if (run.deployment_id !== null)
        await abortHouse(transaction, run.deployment_id, run.device_id, run.started_by.name);
      await set({ reason: 'Is being called off.', ...lookAt(facts, nowMs) });
      return true;
    case 'next': {
      const next = { ...run, step: run.step + 1, sends: 0, configuration_version: null, deployment_id: null };
      await set({
        step: next.step,
        done: null,
        deployment_id: null,
        step_started_at: null,
        exit: run.done?.exit ?? 0,
        step_output_at: sql`octet_length(output)`,
        ...(await sent(transaction, next, { ...facts, sends: 0 }, nowMs)),
      });
      return true;
    }
    case 'check':
      await set({
        state: 'checking',
        reason: '',
        exit: run.done?.exit ?? 0,
        check_until: new Date(step.untilMs),
        look_at: new Date(nowMs),
      });
      return true;
    case 'end': {
      const exit = run.done?.exit ?? run.exit;
      await set({ state: step.state, reason: step.reason, code: step.code, exit, ended_at: new Date(nowMs) });
      const { fix_id: fixId, tenant_id: tenantId, model } = run;
      if (fixId !== null && isTried(step.state, step.code))
        await countFixRun(transaction, { tenantId, fixId, model, helped: step.state === 'helped' });
      return true;
    }
  }
}

/** Whether it says something about the fix; a house that was lost on the way does not. */
function isTried(state: FixRunState, code: string | null): boolean {
  return (
    state === 'helped' || state === 'not-helped' || (state === 'failed' && code !== 'lost' && code !== 'no-answer')
  );
}

/** One fix at a time on one house, whatever other workers do. */
async function isFree(transaction: Database, { device_id: deviceId }: FixRunRow): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`fix ${deviceId}`}, 0)) as mine`.execute(transaction);
  if (!rows[0]!.mine) return false;
  const other = await transaction
    .selectFrom('fix_runs')
    .select('id')
    .where('device_id', '=', deviceId)
    .where('state', 'in', ['running', 'checking'])
    .executeTakeFirst();
  return other === undefined;
}

/** What is known once the action is on its way. Configurations and updates go there by themselves, once they are wanted. */
async function sent(
  transaction: Database,
  run: FixRunRow,
  facts: RunFacts,
  nowMs: number,
): Promise<Record<string, unknown>> {
  const action = run.actions[run.step]!;
  const looked = { ...lookAt(facts, nowMs), sends: facts.sends + 1 };
  const now = new Date(nowMs);
  const begun = { ...looked, step_started_at: now, started_at: sql`coalesce(started_at, ${now})` };
  const { device_id: deviceId, tenant_id: tenantId, started_by: startedBy, fix_title: name } = run;
  if (action.kind === 'configuration' && run.configuration_version === null) {
    const change = { by: startedBy.name, note: `By the fix "${name}"` };
    const version = await mergeOwn(transaction, tenantId, deviceId, action.values, change);
    return { ...begun, configuration_version: version };
  }
  if (action.kind === 'update' && run.deployment_id === null) {
    const wish = { deviceId, artifactName: action.artifact, name, isForced: false, priority: DEPLOYMENT_PRIORITY_MAX };
    return { ...begun, deployment_id: await deployToDevice(transaction, tenantId, { ...wish, startedBy }) };
  }
  return looked;
}

function lookAt({ connection }: RunFacts, nowMs: number): Record<string, unknown> {
  return { sent_at: new Date(nowMs), sent_epoch: connection?.epoch ?? null, look_at: new Date(nowMs + FIX_LOOK_MS) };
}

/** Has workers look at the open runs of these houses now. */
export async function wakeRunsOfDevices(database: Database, deviceIds: readonly string[]): Promise<void> {
  await sql`update fix_runs set look_at = now()
    where device_id = any(${[...deviceIds]}::uuid[]) and ended_at is null and look_at > now()`.execute(database);
}

export async function wakeRunsOfAlerts(database: Database, alertIds: readonly string[]): Promise<void> {
  await sql`update fix_runs set look_at = now()
    where alert_id = any(${[...alertIds]}::uuid[]) and ended_at is null and look_at > now()`.execute(database);
}

/** What a house said of one of its runs. It counts only for the action that is on, and only from the house itself. */
export interface FixRunReport {
  readonly deviceId: string;
  readonly runId: string;
  readonly step: number;
  readonly said:
    | { readonly kind: 'started' }
    | { readonly kind: 'output'; readonly offset: number; readonly bytes: Uint8Array }
    | {
        readonly kind: 'done';
        readonly outcome: StepOutcome;
        readonly tail: Uint8Array;
        readonly tailOffset: number;
      };
}

/** Stores one report; undefined when it changes nothing. */
export async function storeFixRunReport(database: Database, report: FixRunReport): Promise<FixRunChange | undefined> {
  const { said } = report;
  switch (said.kind) {
    case 'started':
      return await updateRun(
        database,
        report,
        sql`step_started_at = now(), started_at = coalesce(started_at, now()), look_at = now()`,
        sql`state = 'running' and step_started_at is null`,
      );
    case 'output':
      return await updateRun(
        database,
        report,
        sql`output = ${appended(said.offset, said.bytes)}, step_started_at = coalesce(step_started_at, now()), started_at = coalesce(started_at, now())`,
        sql`state in ('running', 'checking') and step_output_at + ${said.offset} <= octet_length(output)
          and step_output_at + ${said.offset + said.bytes.length} > octet_length(output)`,
      );
    case 'done':
      return await updateRun(
        database,
        report,
        sql`done = ${JSON.stringify(said.outcome)}::jsonb, look_at = now(), started_at = coalesce(started_at, now()),
          output = case
            when step_output_at + ${said.tailOffset} > octet_length(output) then output || ${LOST} || ${Buffer.from(said.tail)}
            else ${appended(said.tailOffset, said.tail)} end`,
        sql`state = 'running' and done is null`,
      );
  }
}

const LOST = Buffer.from('\n[some of the output was lost on the way]\n');

/** What is there up to the offset, and then these bytes; never less than there is. */
function appended(offset: number, bytes: Uint8Array) {
  return sql`case when step_output_at + ${offset}::integer + ${bytes.length}::integer > octet_length(output)
    then substring(output from 1 for step_output_at + ${offset}::integer) || ${Buffer.from(bytes)} else output end`;
}

async function updateRun(
  database: Database,
  { deviceId, runId, step }: FixRunReport,
  set: ReturnType<typeof sql>,
  where: ReturnType<typeof sql>,
): Promise<FixRunChange | undefined> {
  const { rows } = await sql<FixRunChange>`
    update fix_runs set ${set}
    where id = ${runId} and device_id = ${deviceId} and step = ${step} and ${where}
    returning tenant_id as "tenantId", device_id as "deviceId", alert_id as "alertId", id as "runId",
      rollout_id as "rolloutId", state`.execute(database);
  return rows[0];
}

/** Deletes runs that were over before so many days. */
export async function forgetFixRuns(database: Database, days: number): Promise<void> {
  await sql`delete from fix_runs where ended_at < now() - make_interval(days => ${days})`.execute(database);
  await sql`delete from fix_rollouts where ended_at < now() - make_interval(days => ${days})`.execute(database);
}
