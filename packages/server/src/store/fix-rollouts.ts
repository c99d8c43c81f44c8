/** Rollouts of fixes over many houses: the houses are chosen when it starts, and have their turn one after the other. */
import { randomUUID } from 'node:crypto';
import { sql, type Selectable } from 'kysely';
import type { Device, Fix, FixRollout, FixRolloutTarget, FixValue } from '@lovely/api';
import { ALL_DEVICES, type DeviceScope } from '../domain/device-scope.ts';
import { requireRunnable } from '../domain/fix-action.ts';
import { phasesOf } from '../domain/fix-rollout.ts';
import { LovelyError } from '../errors.ts';
import { FILTER_SAMPLE_DEVICES, FIX_ROLLOUT_HOUSES_MAX, FIX_ROLLOUTS_OPEN_MAX } from '../limits.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { withinScope } from './device-filter.ts';
import { listDevices } from './devices.ts';
import { MODEL } from './fix-runs.ts';
import type { Schema } from './schema.ts';
import type { StartedBy } from './schema/fixes.ts';
import type { Database } from './store.ts';

type RolloutRow = Selectable<Schema['fix_rollouts']>;

/** Open alerts of the rule that no fix runs for, on houses of the scope. */
function selectHouses(
  database: Database,
  tenantId: string,
  scopes: readonly DeviceScope[],
  { rule, target }: { readonly rule: string; readonly target: FixRolloutTarget },
) {
  let query = database
    .selectFrom('alerts')
    .innerJoin('devices', 'devices.id', 'alerts.device_id')
    .leftJoin('presence', 'presence.device_id', 'devices.id')
    .leftJoin('sensors', (join) =>
      join.onRef('sensors.device_id', '=', 'alerts.device_id').onRef('sensors.id', '=', 'alerts.source'),
    )
    .where('alerts.tenant_id', '=', tenantId)
    .where('alerts.rule', '=', rule)
    .where('alerts.closed_at', 'is', null)
    .where('devices.status', '=', 'accepted');
  for (const scope of scopes) query = query.where(withinScope(scope));
  if (target.model !== null) query = query.where(MODEL, '=', target.model);
  if (target.incidentId !== null) query = query.where('alerts.incident_id', '=', target.incidentId);
  return query;
}

export interface RolloutPreview {
  readonly houses: number;
  readonly connected: number;
  readonly phases: FixRollout['phases'];
  readonly sample: Device[];
}

/** @param scopes all of which a house must be in: those of the person and of the group */
export async function previewRollout(
  database: Database,
  tenantId: string,
  scopes: readonly DeviceScope[],
  of: { readonly rule: string; readonly target: FixRolloutTarget },
): Promise<RolloutPreview> {
  const { houses, connected } = await selectHouses(database, tenantId, scopes, of)
    .select([
      sql<number>`count(distinct devices.id)::int`.as('houses'),
      sql<number>`(count(distinct devices.id) filter (where presence.connected))::int`.as('connected'),
    ])
    .executeTakeFirstOrThrow();
  const some = await selectHouses(database, tenantId, scopes, of)
    .select('devices.id')
    .distinct()
    .limit(FILTER_SAMPLE_DEVICES)
    .execute();
  const ids = some.map(({ id }) => id);
  const { items } = await listDevices(database, tenantId, ALL_DEVICES, { ids, limit: FILTER_SAMPLE_DEVICES });
  return { houses, connected, phases: shown(phasesOf(houses)), sample: items };
}

export interface RolloutWish {
  readonly fix: Fix;
  readonly target: FixRolloutTarget;
  readonly parameters: Readonly<Record<string, FixValue>>;
  readonly parallelMax: number;
  readonly minSuccess: number;
  readonly startedBy: StartedBy;
}

/** Chooses the houses, those that are connected first. Throws 'fix-not-runnable', 'alert-closed' for no house, or 'limit-reached'. */
export async function insertRollout(
  database: Database,
  tenantId: string,
  scopes: readonly DeviceScope[],
  { fix, target, parameters, parallelMax, minSuccess, startedBy }: RolloutWish,
): Promise<string> {
  requireRunnable(fix);
  const { open } = await database
    .selectFrom('fix_rollouts')
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .where('tenant_id', '=', tenantId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (open >= FIX_ROLLOUTS_OPEN_MAX) throw new LovelyError('limit-reached', 'End a rollout that is under way first.');
  const chosen = await selectHouses(database, tenantId, scopes, { rule: fix.rule, target })
    .select([
      'devices.id as deviceId',
      'alerts.id as alertId',
      sql<boolean>`coalesce(presence.connected, false)`.as('connected'),
    ])
    .distinctOn('devices.id')
    .orderBy('devices.id')
    .orderBy('alerts.opened_at')
    .limit(FIX_ROLLOUT_HOUSES_MAX)
    .execute();
  if (chosen.length === 0) throw new LovelyError('alert-closed', 'No house has this problem.');
  const houses = [...chosen.filter(({ connected }) => connected), ...chosen.filter(({ connected }) => !connected)];
  const id = randomUUID();
  await database
    .insertInto('fix_rollouts')
    .values({
      id,
      tenant_id: tenantId,
      fix_id: fix.id,
      fix_title: fix.title,
      fix_version: fix.version,
      rule: fix.rule,
      target: JSON.stringify(target),
      parameters: JSON.stringify(parameters),
      state: 'trial',
      phases: JSON.stringify(phasesOf(houses.length)),
      parallel_max: parallelMax,
      min_success: minSuccess,
      started_by: JSON.stringify(startedBy),
    })
    .execute();
  await sql`insert into fix_rollout_houses (rollout_id, position, tenant_id, device_id, alert_id)
    select ${id}, position - 1, ${tenantId}, device_id, alert_id
    from unnest(${houses.map(({ deviceId }) => deviceId)}::uuid[], ${houses.map(({ alertId }) => alertId)}::uuid[])
      with ordinality as house(device_id, alert_id, position)`.execute(database);
  return id;
}

/** Rollouts with at least one house of the scope, newest first; the counts are of its houses. */
export async function listRollouts(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  {
    rule,
    id,
    cursor,
    limit,
  }: { rule?: string | undefined; id?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<Page<FixRollout>> {
  let query = database
    .selectFrom('fix_rollouts')
    .selectAll('fix_rollouts')
    .select(sql<string>`fix_rollouts.created_at::text`.as('exactCreatedAt'))
    .where('fix_rollouts.tenant_id', '=', tenantId)
    .where(
      sql<boolean>`exists (select from fix_rollout_houses as house join devices on devices.id = house.device_id
        where house.rollout_id = fix_rollouts.id and ${withinScope(scope)})`,
    )
    .orderBy('fix_rollouts.created_at', 'desc')
    .orderBy('fix_rollouts.id', 'desc')
    .limit(limit + 1);
  if (rule !== undefined) query = query.where('fix_rollouts.rule', '=', rule);
  if (id !== undefined) query = query.where('fix_rollouts.id', '=', id);
  if (cursor !== undefined) {
    const { at, id: last } = decodeCursor(cursor);
    query = query.where(sql<boolean>`(fix_rollouts.created_at, fix_rollouts.id) < (${at}::timestamptz, ${last}::uuid)`);
  }
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const counts = await countHouses(
    database,
    page.map((row) => row.id),
    scope,
  );
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map((row) => toRollout(row, counts.get(row.id) ?? NO_HOUSES)),
    next: last ? encodeCursor(last.exactCreatedAt, last.id) : null,
  };
}

/** Throws 'not-found'. */
export async function getRollout(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<FixRollout> {
  const { items } = await listRollouts(database, tenantId, scope, { id, limit: 1 });
  if (!items[0]) throw new LovelyError('not-found');
  return items[0];
}

/** Whether some house of the rollout is out of the scope: who steers it must be allowed to run fixes on all. */
export async function reachesBeyond(database: Database, scope: DeviceScope, id: string): Promise<boolean> {
  const { rows } = await sql`select from fix_rollout_houses as house join devices on devices.id = house.device_id
    where house.rollout_id = ${id} and not ${withinScope(scope)} limit 1`.execute(database);
  return rows.length > 0;
}

/** Throws 'rollout-over' for one that is not under way, or 'changed-meanwhile'. */
export async function pauseRollout(database: Database, id: string, ifVersion: number | undefined): Promise<void> {
  await steer(database, id, ifVersion, ['trial', 'running'], {
    paused_state: sql`state`,
    state: 'paused',
    reason: 'Paused: nothing new is started.',
  });
}

/** Goes on where it was; results before count no more against one that had stopped by itself. */
export async function continueRollout(database: Database, id: string, ifVersion: number | undefined): Promise<void> {
  await steer(database, id, ifVersion, ['paused', 'stopped'], {
    forgiven: sql`case when state = 'stopped' then (select jsonb_build_object(
        'tried', count(*) filter (where run.state in ('helped', 'not-helped', 'failed')),
        'helped', count(*) filter (where run.state = 'helped'))
      from fix_runs as run where run.rollout_id = fix_rollouts.id) else forgiven end`,
    state: sql`case when state = 'paused' then paused_state when phase = 0 then 'trial' else 'running' end`,
    paused_state: null,
    ended_at: null,
    reason: '',
  });
}

/** Ends it for good; runs that wait are called off. */
export async function abortRollout(database: Database, id: string, ifVersion: number | undefined): Promise<void> {
  await steer(database, id, ifVersion, ['trial', 'running', 'paused', 'stopped'], {
    state: 'aborted',
    reason: 'Ended by a person.',
    ended_at: sql`now()`,
  });
  await callOffWaiting(database, id);
}

/** Calls off the runs that wait. */
export async function callOffWaiting(database: Database, id: string): Promise<void> {
  await sql`update fix_runs set cancel_requested_at = now(), look_at = now()
    where rollout_id = ${id} and state = 'waiting' and cancel_requested_at is null`.execute(database);
}

async function steer(
  database: Database,
  id: string,
  ifVersion: number | undefined,
  from: readonly FixRollout['state'][],
  set: Record<string, unknown>,
): Promise<void> {
  const row = await database
    .selectFrom('fix_rollouts')
    .select(['state', 'version'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  if (ifVersion !== undefined && row.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  if (!from.includes(row.state)) throw new LovelyError('rollout-over', `The rollout is ${row.state}.`);
  await database
    .updateTable('fix_rollouts')
    .set({ ...set, version: sql`version + 1` })
    .where('id', '=', id)
    .execute();
}

export interface RolloutCounts extends Record<keyof FixRollout['counts'], number> {
  /** Of those that wait, on houses that are not connected. */
  readonly away: number;
}

export const NO_HOUSES: RolloutCounts = {
  houses: 0,
  pending: 0,
  skipped: 0,
  waiting: 0,
  away: 0,
  running: 0,
  checking: 0,
  helped: 0,
  notHelped: 0,
  failed: 0,
  refused: 0,
  cancelled: 0,
};

/** What came of the houses of each rollout, as far as they are in the scope. */
export async function countHouses(
  database: Database,
  ids: readonly string[],
  scope: DeviceScope,
): Promise<Map<string, RolloutCounts>> {
  if (ids.length === 0) return new Map();
  const within =
    scope.kind === 'all' ? sql`` : sql`join devices on devices.id = house.device_id and ${withinScope(scope)}`;
  const state = (name: string) => sql`(count(*) filter (where run.state = ${name}))::int`;
  const { rows } = await sql<RolloutCounts & { id: string }>`
    select house.rollout_id as id, count(*)::int as houses,
      (count(*) filter (where house.run_id is null and not house.skipped))::int as pending,
      (count(*) filter (where house.skipped))::int as skipped,
      ${state('waiting')} as waiting,
      (count(*) filter (where run.state = 'waiting' and not coalesce(presence.connected, false)))::int as away,
      ${state('running')} as running, ${state('checking')} as checking, ${state('helped')} as helped,
      ${state('not-helped')} as "notHelped", ${state('failed')} as failed, ${state('refused')} as refused,
      ${state('cancelled')} as cancelled
    from fix_rollout_houses as house ${within}
    left join fix_runs as run on run.id = house.run_id
    left join presence on presence.device_id = house.device_id
    where house.rollout_id = any(${[...ids]}::uuid[]) group by house.rollout_id`.execute(database);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Shares of the houses, as people see them; the trial is one house. */
function shown(phases: readonly number[]): FixRollout['phases'] {
  const houses = phases.at(-1) ?? 0;
  return phases.map((end, index) => ({ share: index === 0 ? 0 : end / houses, houses: end }));
}

function toRollout(row: RolloutRow, all: RolloutCounts): FixRollout {
  const { houses, pending, skipped, waiting, running, checking, helped, notHelped, failed, refused, cancelled } = all;
  return {
    id: row.id,
    fixId: row.fix_id,
    fixTitle: row.fix_title,
    rule: row.rule,
    target: row.target,
    parameters: row.parameters,
    state: row.state,
    reason: row.reason,
    phase: row.phase,
    phases: shown(row.phases),
    parallelMax: row.parallel_max,
    minSuccess: row.min_success,
    counts: { houses, pending, skipped, waiting, running, checking, helped, notHelped, failed, refused, cancelled },
    startedBy: { type: row.started_by.type, name: row.started_by.name },
    createdAt: row.created_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    version: row.version,
  };
}
