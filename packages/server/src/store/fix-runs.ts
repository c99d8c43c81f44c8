/** Fix runs as people start, see and cancel them. What workers do with them is in fix-run-engine.ts. */
import { randomUUID } from 'node:crypto';
import { sql, type SelectQueryBuilder, type Selectable } from 'kysely';
import type { Fix, FixRun, FixRunDetail, FixRunState, FixValue } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { chosenParameters, runnableActions, type FixSubject } from '../domain/fix-action.ts';
import { LovelyError } from '../errors.ts';
import { FIX_RUN_EXPIRY_MS, FIX_RUNS_OPEN_MAX } from '../limits.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { withinScope } from './device-filter.ts';
import type { StartedBy } from './schema/fixes.ts';
import type { Database } from './store.ts';

/** What a fix is run on. */
export interface FixableAlert extends FixSubject {
  readonly id: string;
  readonly deviceId: string;
  readonly rule: string;
  /** Of the gateway, or of the sensor. */
  readonly model: string;
  readonly isOpen: boolean;
}

/** The alert, if its house is in the scope. Throws 'not-found'. */
export async function getFixableAlert(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<FixableAlert> {
  const row = await database
    .selectFrom('alerts')
    .innerJoin('devices', 'devices.id', 'alerts.device_id')
    .leftJoin('sensors', (join) =>
      join.onRef('sensors.device_id', '=', 'alerts.device_id').onRef('sensors.id', '=', 'alerts.source'),
    )
    .select([
      'alerts.id',
      'alerts.device_id as deviceId',
      'alerts.source',
      'alerts.rule',
      'alerts.values',
      'alerts.closed_at',
      'sensors.id as sensorId',
      MODEL.as('model'),
    ])
    .where('alerts.tenant_id', '=', tenantId)
    .where('alerts.id', '=', id)
    .where(withinScope(scope))
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  const { closed_at: closedAt, sensorId, ...alert } = row;
  return { ...alert, isOpen: closedAt === null, isOfSensor: sensorId !== null };
}

/** What success is counted by: the model of the sensor, or of the gateway. Needs `sensors` joined to the alert. */
export const MODEL = sql<string>`case when sensors.id is null then coalesce(devices.inventory ->> 'device_type', '')
  else coalesce(nullif(sensors.model, ''), sensors.kind) end`;

export interface RunWish {
  readonly fix: Fix;
  readonly alert: FixableAlert;
  readonly parameters: Readonly<Record<string, FixValue>>;
  readonly startedBy: StartedBy;
  readonly rolloutId?: string;
}

/**
 * Starts a run; a worker takes it up. Returns its id. Throws 'bad-input', 'fix-not-runnable', 'alert-closed', 'fix-running'
 * or 'limit-reached'.
 */
export async function insertFixRun(
  database: Database,
  tenantId: string,
  { fix, alert, parameters, startedBy, rolloutId }: RunWish,
): Promise<string> {
  if (fix.rule !== alert.rule)
    throw new LovelyError('bad-input', 'This fix is for another kind of problem.', { pointer: '/fixId' });
  if (!alert.isOpen) throw new LovelyError('alert-closed');
  const chosen = chosenParameters(fix.parameters, parameters, alert);
  const actions = runnableActions(fix, chosen, alert);
  const { count } = await database
    .selectFrom('fix_runs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= FIX_RUNS_OPEN_MAX) throw new LovelyError('limit-reached', 'Too many fixes are under way.');
  const id = randomUUID();
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('fix_runs')
    .values({
      id,
      tenant_id: tenantId,
      fix_id: fix.id,
      fix_title: fix.title,
      rule: fix.rule,
      alert_id: alert.id,
      device_id: alert.deviceId,
      source: alert.source,
      model: alert.model,
      rollout_id: rolloutId ?? null,
      parameters: JSON.stringify(chosen),
      actions: JSON.stringify(actions),
      check_ms: fix.checkMs,
      started_by: JSON.stringify(startedBy),
      expires_at: sql<Date>`now() + make_interval(secs => ${FIX_RUN_EXPIRY_MS / 1000})`,
    })
    .onConflict((conflict) => conflict.column('alert_id').where('ended_at', 'is', null).doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) throw new LovelyError('fix-running');
  return id;
}

export interface FixRunQuery {
  readonly alertId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly rolloutId?: string | undefined;
  readonly fixId?: string | undefined;
  readonly state?: FixRunState | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A page of runs on houses of the scope, newest first. */
export async function listFixRuns(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { alertId, deviceId, rolloutId, fixId, state, cursor, limit }: FixRunQuery,
): Promise<Page<FixRun>> {
  let query = selectRuns(database, tenantId, scope)
    .orderBy('fix_runs.created_at', 'desc')
    .orderBy('fix_runs.id', 'desc')
    .limit(limit + 1);
  if (alertId !== undefined) query = query.where('fix_runs.alert_id', '=', alertId);
  if (deviceId !== undefined) query = query.where('fix_runs.device_id', '=', deviceId);
  if (rolloutId !== undefined) query = query.where('fix_runs.rollout_id', '=', rolloutId);
  if (fixId !== undefined) query = query.where('fix_runs.fix_id', '=', fixId);
  if (state !== undefined) query = query.where('fix_runs.state', '=', state);
  if (cursor !== undefined) {
    const { at, id } = decodeCursor(cursor);
    query = query.where(sql<boolean>`(fix_runs.created_at, fix_runs.id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(toFixRun),
    next: last ? encodeCursor(last.exactCreatedAt, last.id) : null,
  };
}

/** Throws 'not-found'. */
export async function getFixRun(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
  outputFrom = 0,
): Promise<FixRunDetail> {
  const row = await selectRuns(database, tenantId, scope)
    .select('fix_runs.output')
    .where('fix_runs.id', '=', id)
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return { ...toFixRun(row), output: textOf(row.output).slice(outputFrom) };
}

/** Calls a run off; one that is over stays what it is. Throws 'not-found'. */
export async function cancelFixRun(database: Database, tenantId: string, id: string): Promise<void> {
  await database
    .updateTable('fix_runs')
    .set({ cancel_requested_at: sql<Date>`coalesce(cancel_requested_at, now())`, look_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

function selectRuns(database: Database, tenantId: string, scope: DeviceScope) {
  return database
    .selectFrom('fix_runs')
    .innerJoin('devices', 'devices.id', 'fix_runs.device_id')
    .select(RUN_COLUMNS)
    .select([
      'devices.name as deviceName',
      sql<number>`jsonb_array_length(fix_runs.actions)`.as('steps'),
      sql<number>`octet_length(fix_runs.output)`.as('outputBytes'),
      sql<string>`fix_runs.created_at::text`.as('exactCreatedAt'),
    ])
    .where('fix_runs.tenant_id', '=', tenantId)
    .where(withinScope(scope));
}

const RUN_COLUMNS = [
  'fix_runs.id',
  'fix_runs.fix_id',
  'fix_runs.fix_title',
  'fix_runs.rule',
  'fix_runs.alert_id',
  'fix_runs.device_id',
  'fix_runs.source',
  'fix_runs.rollout_id',
  'fix_runs.state',
  'fix_runs.reason',
  'fix_runs.code',
  'fix_runs.parameters',
  'fix_runs.step',
  'fix_runs.exit',
  'fix_runs.started_by',
  'fix_runs.created_at',
  'fix_runs.started_at',
  'fix_runs.check_until',
  'fix_runs.expires_at',
  'fix_runs.ended_at',
] as const;

type RunRow =
  ReturnType<typeof selectRuns> extends SelectQueryBuilder<infer _D, infer _T, infer Row> ? Selectable<Row> : never;

function toFixRun(row: RunRow): FixRun {
  const isPast = row.state === 'checking' || row.state === 'helped' || row.state === 'not-helped';
  return {
    id: row.id,
    fixId: row.fix_id,
    fixTitle: row.fix_title,
    rule: row.rule,
    alertId: row.alert_id,
    deviceId: row.device_id,
    deviceName: row.deviceName,
    source: row.source,
    rolloutId: row.rollout_id,
    state: row.state,
    reason: row.reason,
    code: row.code,
    parameters: row.parameters,
    steps: row.steps,
    stepsDone: isPast ? row.steps : row.step,
    exit: row.exit,
    outputBytes: row.outputBytes,
    startedBy: { type: row.started_by.type, name: row.started_by.name },
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    checkUntil: row.check_until?.toISOString() ?? null,
    expiresAt: row.expires_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

/** What a program prints may be anything; pages show text. */
function textOf(output: Buffer): string {
  return new TextDecoder().decode(output).replaceAll('\0', '');
}
