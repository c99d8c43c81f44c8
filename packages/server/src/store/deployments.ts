/** Deployments as people make and see them. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Deployment, DeploymentDetail, DeploymentOptions, DeploymentTarget } from '@lovely/api';
import { scopeKey, type DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import {
  DEPLOYMENT_COLLECT_NOW_HOUSES,
  DEPLOYMENT_EVENTS_SHOWN_MAX,
  DEPLOYMENTS_OPEN_MAX,
} from '../software-limits.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { artifactsOfName } from './deployment-artifacts.ts';
import { collectHouses } from './deployment-collection.ts';
import { readCounts, type DeploymentRow } from './deployment-facts.ts';
import type { CountRow } from '../domain/deployment-counts.ts';
import { deploymentEvent, insertDeploymentEvents } from './deployment-houses.ts';
import { toDeployment } from './deployment-shown.ts';
import { announceToWebhooks } from './deployment-webhooks.ts';
import { withinScope } from './device-filter.ts';
import { areDevicesIn } from './devices-in-scope.ts';
import { getDeviceGroup } from './groups.ts';
import type { StartedBy } from './schema/fixes.ts';
import type { Database } from './store.ts';

export interface DeploymentWish {
  readonly name: string;
  readonly artifactName: string;
  readonly kind: Deployment['kind'];
  readonly target: DeploymentTarget;
  readonly options: DeploymentOptions;
  /** What whoever makes it may reach. */
  readonly scope: DeviceScope;
  readonly createdBy: StartedBy;
  /** Only the houses that failed there, and of these those of one group of failures. */
  readonly retryOf?: { readonly id: string; readonly failure: string | undefined } | undefined;
}

/**
 * Makes a deployment, with as many of its houses as are found at once; workers find the rest. Returns its id.
 * Throws 'not-found' for a target that is not there or not in the scope, 'no-such-artifact', 'no-houses', 'limit-reached'.
 */
export async function insertDeployment(transaction: Database, tenantId: string, wish: DeploymentWish): Promise<string> {
  const { name, artifactName, kind, target, options, scope, createdBy, retryOf } = wish;
  await requireRoom(transaction, tenantId);
  if (!(await isThere(transaction, tenantId, kind, artifactName))) throw new LovelyError('no-such-artifact');
  // What is tried again is for houses of before, whatever became of the group or the others that were chosen then.
  if (!retryOf) await requireTarget(transaction, tenantId, target, scope);
  const startsNow = options.startAt === null || Date.parse(options.startAt) <= Date.now();
  const now = new Date();
  const row = await transaction
    .insertInto('deployments')
    .values({
      id: randomUUID(),
      tenant_id: tenantId,
      name,
      artifact_name: artifactName,
      kind,
      target: JSON.stringify(target),
      scope: JSON.stringify(scope),
      options: JSON.stringify(options),
      priority: options.priority,
      state: startsNow ? 'running' : 'scheduled',
      retry_of: retryOf?.id ?? null,
      created_by: JSON.stringify(createdBy),
      ...(startsNow
        ? { started_at: now, phase_marks: JSON.stringify([{ startedMs: now.getTime(), overMs: null }]) }
        : {}),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const named = { id: row.id, tenantId };
  const by = createdBy.name;
  await insertDeploymentEvents(transaction, [
    deploymentEvent(named, 'created', '', by),
    ...(startsNow ? [deploymentEvent(named, 'started', '')] : []),
  ]);
  if (startsNow) await announceToWebhooks(transaction, row, 'deployment.started');
  const isAll = retryOf
    ? await collectFailed(transaction, row, retryOf)
    : await collectHouses(transaction, row, now.getTime(), DEPLOYMENT_COLLECT_NOW_HOUSES);
  if (isAll && !options.joins) await requireHouses(transaction, row.id);
  return row.id;
}

async function requireRoom(database: Database, tenantId: string): Promise<void> {
  const { open } = await database
    .selectFrom('deployments')
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .where('tenant_id', '=', tenantId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (open >= DEPLOYMENTS_OPEN_MAX) throw new LovelyError('limit-reached', 'End a deployment that is under way first.');
}

/**
 * Whoever deletes an artifact of this name meanwhile waits, and finds it in use. The configuration of a house is made an
 * artifact too, and is for that one alone.
 */
async function isThere(
  database: Database,
  tenantId: string,
  kind: Deployment['kind'],
  artifactName: string,
): Promise<boolean> {
  if (kind === 'configuration') return (await artifactsOfName(database, tenantId, artifactName)).length > 0;
  const artifacts = await database
    .selectFrom('artifacts')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', artifactName)
    .orderBy('id')
    .forKeyShare()
    .execute();
  return artifacts.length > 0;
}

export async function requireTarget(
  database: Database,
  tenantId: string,
  target: DeploymentTarget,
  scope: DeviceScope,
): Promise<void> {
  if (target.kind === 'devices' && !(await areDevicesIn(database, tenantId, scope, target.ids)))
    throw new LovelyError('not-found', 'Not all of these houses are there.');
  if (target.kind !== 'group') return;
  const group = await getDeviceGroup(database, tenantId, target.groupId);
  // A group that somebody holds nothing of is not there for them.
  if (scope.kind === 'all' || scope.groups.some(({ id }) => id === group.id)) return;
  const { rows } = await sql`select from devices
    where tenant_id = ${tenantId} and ${withinScope(scope)} and ${withinScope({ kind: 'some', groups: [group] })}
    limit 1`.execute(database);
  if (rows.length === 0) throw new LovelyError('not-found');
}

async function requireHouses(transaction: Database, id: string): Promise<void> {
  const { rows } = await sql`select from deployment_devices where deployment_id = ${id} limit 1`.execute(transaction);
  if (rows.length === 0) throw new LovelyError('no-houses');
}

/** A retry is for the houses that failed, as they are now, and not for others of the target. */
async function collectFailed(
  transaction: Database,
  row: DeploymentRow,
  { id, failure }: { readonly id: string; readonly failure: string | undefined },
): Promise<true> {
  await sql`
    insert into deployment_devices (deployment_id, device_id, tenant_id)
    select ${row.id}::uuid, old.device_id, old.tenant_id
    from deployment_devices as old join devices on devices.id = old.device_id
    where old.deployment_id = ${id} and old.state = 'failure' and devices.status = 'accepted'
      and (${failure ?? null}::text is null or old.cause_key = ${failure ?? null}) and ${withinScope(row.scope)}
    order by old.device_id`.execute(transaction);
  await transaction
    .updateTable('deployments')
    // All of it: each sees of it what is theirs.
    .set({ collected_at: sql<Date>`now()`, target: sql`(select target from deployments where id = ${id})` })
    .where('id', '=', row.id)
    .execute();
  return true;
}

export interface DeploymentQuery {
  readonly id?: string | undefined;
  readonly state?: Deployment['state'] | undefined;
  readonly when?: 'active' | 'over' | undefined;
  readonly kind?: Deployment['kind'] | undefined;
  readonly search?: string | undefined;
  readonly artifactName?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Those with a house of the scope, newest first; the counts are of its houses. */
export async function listDeployments(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  query: DeploymentQuery,
): Promise<Page<Deployment>> {
  const { id, state, when, kind, search, artifactName, deviceId, cursor, limit } = query;
  let select = selectVisible(database, tenantId, scope)
    .selectAll('deployments')
    .select(sql<string>`deployments.created_at::text`.as('exactCreatedAt'))
    .orderBy('deployments.created_at', 'desc')
    .orderBy('deployments.id', 'desc')
    .limit(limit + 1);
  if (id !== undefined) select = select.where('deployments.id', '=', id);
  if (state !== undefined) select = select.where('deployments.state', '=', state);
  if (when !== undefined)
    select = select.where('deployments.state', when === 'active' ? 'in' : 'not in', ['scheduled', 'running', 'paused']);
  if (kind !== undefined) select = select.where('deployments.kind', '=', kind);
  if (artifactName !== undefined) select = select.where('deployments.artifact_name', '=', artifactName);
  if (search !== undefined)
    select = select.where(
      sql<boolean>`(position(lower(${search}) in lower(deployments.name)) > 0
        or position(lower(${search}) in lower(deployments.artifact_name)) > 0)`,
    );
  if (deviceId !== undefined)
    select = select.where(
      sql<boolean>`exists (select from deployment_devices as house join devices on devices.id = house.device_id
        where house.deployment_id = deployments.id and house.device_id = ${deviceId} and ${withinScope(scope)})`,
    );
  if (cursor !== undefined) {
    const { at, id: last } = decodeCursor(cursor);
    select = select.where(sql<boolean>`(deployments.created_at, deployments.id) < (${at}::timestamptz, ${last}::uuid)`);
  }
  const rows = await select.execute();
  const page = await withSeenReasons(database, scope, await withSeenTargets(database, scope, rows.slice(0, limit)));
  const counts = Map.groupBy(
    await countsIn(
      database,
      page.map((row) => row.id),
      scope,
    ),
    ({ deploymentId }) => deploymentId,
  );
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map((row) => toDeployment(row, counts.get(row.id) ?? [], Date.now())),
    next: last ? encodeCursor(last.exactCreatedAt, last.id) : null,
  };
}

/** Of the houses that were chosen one by one, those of the scope. */
async function withSeenTargets<R extends DeploymentRow>(
  database: Database,
  scope: DeviceScope,
  rows: readonly R[],
): Promise<R[]> {
  const ids = rows.flatMap(({ target }) => (target.kind === 'devices' ? target.ids : []));
  if (scope.kind === 'all' || ids.length === 0) return [...rows];
  const { rows: found } = await sql<{ id: string }>`select devices.id from devices
    where devices.id = any(${ids}::uuid[]) and ${withinScope(scope)}`.execute(database);
  const seen = new Set(found.map(({ id }) => id));
  return rows.map((row) =>
    row.target.kind === 'devices'
      ? { ...row, target: { ...row.target, ids: row.target.ids.filter((id) => seen.has(id.toLowerCase())) } }
      : row,
  );
}

/** What a gate saw is of all houses of the deployment: who does not see them all is not told. */
async function withSeenReasons<R extends DeploymentRow>(
  database: Database,
  scope: DeviceScope,
  rows: readonly R[],
): Promise<R[]> {
  const seen: R[] = [];
  for (const row of rows) {
    const isHidden = row.paused_by === 'gate' && (await reachesOutside(database, scope, row.id));
    seen.push(isHidden ? { ...row, reason: 'A gate paused it.' } : row);
  }
  return seen;
}

function selectVisible(database: Database, tenantId: string, scope: DeviceScope) {
  const query = database.selectFrom('deployments').where('deployments.tenant_id', '=', tenantId);
  if (scope.kind === 'all') return query;
  return query.where(
    sql<boolean>`exists (select from deployment_devices as house join devices on devices.id = house.device_id
      where house.deployment_id = deployments.id and ${withinScope(scope)})`,
  );
}

/** Throws 'not-found'. */
export async function getDeployment(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<Deployment> {
  const { items } = await listDeployments(database, tenantId, scope, { id, limit: 1 });
  if (!items[0]) throw new LovelyError('not-found');
  return items[0];
}

/** With what its gates saw last and what happened to it. Throws 'not-found'. */
export async function getDeploymentDetail(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<Omit<DeploymentDetail, 'maySteer'>> {
  const deployment = await getDeployment(database, tenantId, scope, id);
  const isAllSeen = !(await reachesOutside(database, scope, id));
  const { figures } = await database
    .selectFrom('deployments')
    .select('figures')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const events = await database
    .selectFrom('deployment_events')
    .select(['at', 'kind', 'by', 'text'])
    .where('deployment_id', '=', id)
    .where('device_id', 'is', null)
    .orderBy('id', 'desc')
    .limit(DEPLOYMENT_EVENTS_SHOWN_MAX)
    .execute();
  const retries = await selectVisible(database, tenantId, scope)
    .select('deployments.id')
    .where('retry_of', '=', id)
    .orderBy('created_at', 'desc')
    .limit(DEPLOYMENT_EVENTS_SHOWN_MAX)
    .execute();
  return {
    ...deployment,
    // Alerts and reconnects are held against those of the whole fleet.
    gates: isAllSeen ? figures.filter(({ gate }) => gate === 'failures' || scope.kind === 'all') : [],
    events: events.map(({ at, kind, by, text }) => ({
      at: at.toISOString(),
      kind: kind as DeploymentDetail['events'][number]['kind'],
      by,
      text: kind === 'paused' && !isAllSeen ? '' : text,
    })),
    retriedBy: retries.map((row) => row.id),
  };
}

export async function countDeployments(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
): Promise<Record<Deployment['state'], number>> {
  const rows = await selectVisible(database, tenantId, scope)
    .select(['deployments.state', (eb) => eb.fn.countAll<number>().as('count')])
    .groupBy('deployments.state')
    .execute();
  const counts = { scheduled: 0, running: 0, paused: 0, finished: 0, aborted: 0 };
  for (const { state, count } of rows) counts[state] = count;
  return counts;
}

/** Of somebody who sees all houses there are counters; of others the houses they see are counted. */
async function countsIn(database: Database, ids: readonly string[], scope: DeviceScope): Promise<CountRow[]> {
  if (scope.kind === 'all' || ids.length === 0) return await readCounts(database, ids);
  const { rows } = await sql<CountRow>`
    select house.deployment_id as "deploymentId", coalesce(house.phase, -1) as phase, house.state,
      count(*)::int as houses, sum(coalesce(house.bytes, 0))::float8 as wanted, sum(house.downloaded)::float8 as downloaded,
      sum(house.attempt - 1)::int as retried, sum(house.reconnects)::int as reconnects
    from deployment_devices as house join devices on devices.id = house.device_id
    where house.deployment_id = any(${[...ids]}::uuid[]) and ${withinScope(scope)} group by 1, 2, 3`.execute(database);
  return rows;
}

/** Whether some house of it is out of the scope: who steers it must be allowed to roll out to all. */
export async function reachesOutside(database: Database, scope: DeviceScope, id: string): Promise<boolean> {
  if (scope.kind === 'all') return false;
  const { rows } = await sql`select from deployment_devices as house join devices on devices.id = house.device_id
    where house.deployment_id = ${id} and not ${withinScope(scope)} limit 1`.execute(database);
  if (rows.length > 0) return true;
  // Who joins later, or is not found yet, may be anywhere.
  const row = await database
    .selectFrom('deployments')
    .select(['scope', 'options', 'collected_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return (row.options.joins || row.collected_at === null) && scopeKey(row.scope) !== scopeKey(scope);
}
