/** Houses of deployments as people see them: lists, timelines, why they failed. */
import { sql, type RawBuilder } from 'kysely';
import type {
  DeploymentDevice,
  DeploymentDeviceDetail,
  DeploymentDeviceState,
  DeploymentEvent,
  FailureGroup,
  LogLine,
  UpdateCauseFound,
  UpdatePause,
} from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { generalised, suggestionFor } from '../domain/failure-group.ts';
import { sliceAroundFailure } from '../domain/failure-cause.ts';
import { LovelyError } from '../errors.ts';
import { DEPLOYMENT_EVENTS_MAX, FAILURE_GROUPS_SHOWN_MAX } from '../software-limits.ts';
import { decodeCursor, encodeCursor, ID, type Page } from './cursor.ts';
import { withinScope } from './device-filter.ts';
import { listDeploymentSensors } from './deployment-sensors.ts';
import type { Database } from './store.ts';

interface Row {
  readonly deploymentId: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly connected: boolean;
  readonly state: DeploymentDeviceState;
  readonly substate: string;
  readonly waits: string;
  readonly percent: number | null;
  readonly phase: number | null;
  readonly attempt: number;
  readonly artifactId: string | null;
  readonly bytes: number | null;
  readonly downloaded: number;
  readonly causeCode: string | null;
  readonly causeStep: string | null;
  readonly causeMessage: string | null;
  readonly isRolledBack: boolean | null;
  readonly pauses: UpdatePause[];
  readonly passed: UpdatePause[];
  readonly pauseBefore: UpdatePause[];
  readonly hasLog: boolean;
  readonly readyAt: Date | null;
  readonly beganAt: Date | null;
  readonly heardAt: Date | null;
  readonly finishedAt: Date | null;
}

const COLUMNS =
  sql.raw(`house.deployment_id as "deploymentId", house.device_id as "deviceId", devices.name as "deviceName",
  coalesce(presence.connected, false) as connected, house.state, house.substate, house.waits, house.percent, house.phase,
  house.attempt, house.artifact_id as "artifactId", house.bytes, house.downloaded, house.cause_code as "causeCode",
  house.cause_step as "causeStep", house.cause_message as "causeMessage", house.is_rolled_back as "isRolledBack",
  house.pauses, house.passed, deployments.options -> 'pauseBefore' as "pauseBefore",
  exists (select from deployment_logs where deployment_logs.deployment_id = house.deployment_id
    and deployment_logs.device_id = house.device_id) as "hasLog",
  house.ready_at as "readyAt", house.began_at as "beganAt", house.heard_at as "heardAt", house.finished_at as "finishedAt"`);
const TABLES = sql.raw(`deployment_devices as house join deployments on deployments.id = house.deployment_id
  join devices on devices.id = house.device_id left join presence on presence.device_id = house.device_id`);

function toDevice(row: Row): DeploymentDevice {
  const { causeCode, causeStep, causeMessage, readyAt, beganAt, heardAt, finishedAt } = row;
  const isRetrying = row.state === 'pending' && row.attempt > 1 && readyAt !== null && row.waits === '';
  const pauses = new Set([...row.pauseBefore, ...row.pauses]);
  return {
    deploymentId: row.deploymentId,
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    connected: row.connected,
    state: row.state,
    substate: row.substate,
    waits: isRetrying ? `Tries again at ${readyAt.toISOString().slice(11, 16)} UTC.` : row.waits,
    percent: row.percent,
    phase: row.phase,
    attempt: row.attempt,
    artifactId: row.artifactId,
    bytes: row.bytes,
    downloadedBytes: beganAt === null ? null : row.downloaded,
    cause: causeCode === null ? null : { code: causeCode, step: causeStep ?? '', message: causeMessage ?? '' },
    isRolledBack: row.isRolledBack,
    pauseBefore: (['install', 'reboot', 'commit'] as const).filter(
      (step) => pauses.has(step) && !row.passed.includes(step),
    ),
    hasLog: row.hasLog,
    beganAt: beganAt?.toISOString() ?? null,
    heardAt: heardAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

const STATES_OF = {
  active: sql`house.finished_at is null and house.granted_at is not null`,
  paused: sql`house.state in ('pause_before_installing', 'pause_before_rebooting', 'pause_before_committing')`,
  final: sql`house.finished_at is not null`,
};

export interface HouseQuery {
  readonly state?: DeploymentDeviceState | undefined;
  readonly when?: keyof typeof STATES_OF | undefined;
  readonly failure?: string | undefined;
  readonly phase?: number | undefined;
  readonly search?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** In the order of their ids: a page costs the same wherever it is. */
export async function listHouses(
  database: Database,
  scope: DeviceScope,
  deploymentId: string,
  { state, when, failure, phase, search, cursor, limit }: HouseQuery,
): Promise<Page<DeploymentDevice>> {
  const after = cursor === undefined ? undefined : decodeHouse(cursor);
  const conditions: RawBuilder<unknown>[] = [
    sql`house.deployment_id = ${deploymentId}`,
    sql`${withinScope(scope)}`,
    ...(state === undefined ? [] : [sql`house.state = ${state}`]),
    ...(when === undefined ? [] : [STATES_OF[when]]),
    ...(failure === undefined ? [] : [sql`house.state = 'failure' and house.cause_key = ${failure}`]),
    ...(phase === undefined ? [] : [sql`house.phase = ${phase}`]),
    ...(search === undefined ? [] : [sql`position(lower(${search}) in lower(devices.name)) > 0`]),
    ...(after === undefined ? [] : [sql`house.device_id > ${after}::uuid`]),
  ];
  const { rows } = await sql<Row>`select ${COLUMNS} from ${TABLES}
    where ${sql.join(conditions, sql` and `)} order by house.device_id limit ${limit + 1}`.execute(database);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(toDevice), next: last ? Buffer.from(last.deviceId).toString('base64url') : null };
}

function decodeHouse(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (ID.test(id)) return id;
  throw new LovelyError('bad-input', 'The cursor is not one of ours; start again without it.', { pointer: '/cursor' });
}

/** Throws 'not-found'. */
export async function getHouse(
  database: Database,
  scope: DeviceScope,
  deploymentId: string,
  deviceId: string,
): Promise<DeploymentDevice> {
  const { rows } = await sql<Row>`select ${COLUMNS} from ${TABLES}
    where house.deployment_id = ${deploymentId} and house.device_id = ${deviceId} and ${withinScope(scope)}`.execute(
    database,
  );
  if (!rows[0]) throw new LovelyError('not-found');
  return toDevice(rows[0]);
}

/** With its timeline, its sensors and the lines around the failure. Throws 'not-found'. */
export async function getHouseDetail(
  database: Database,
  scope: DeviceScope,
  deploymentId: string,
  deviceId: string,
): Promise<DeploymentDeviceDetail> {
  const house = await getHouse(database, scope, deploymentId, deviceId);
  const events = await listEvents(database, deploymentId, deviceId, house.finishedAt === null);
  const sensors = await listDeploymentSensors(database, deploymentId, deviceId);
  const { lines } = await getLog(database, deploymentId, deviceId);
  return { ...house, events, sensors, logSlice: sliceAroundFailure(lines).map(toLine) };
}

async function listEvents(
  database: Database,
  deploymentId: string,
  deviceId: string,
  isOn: boolean,
): Promise<DeploymentEvent[]> {
  const stored = await database
    .selectFrom('deployment_events')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .where('device_id', '=', deviceId)
    .orderBy('id')
    .limit(2 * DEPLOYMENT_EVENTS_MAX)
    .execute();
  const rows = asTold(stored);
  return rows.map((row, at): DeploymentEvent => {
    const next = rows[at + 1];
    const untilMs = next ? timeOf(next) : isOn ? Date.now() : undefined;
    return {
      at: row.at.toISOString(),
      deviceAt: row.device_ms === null ? null : deviceTime(row.device_ms),
      attempt: row.attempt,
      kind: row.kind as DeploymentEvent['kind'],
      state: row.state,
      substate: row.substate,
      by: row.by,
      text: row.text,
      durationMs: untilMs === undefined ? null : Math.max(0, untilMs - timeOf(row)),
      bytes: row.bytes,
      cause: row.cause,
    };
  });
}

/** Several workers store what a gateway says, each when it comes to it: what stands together is in the gateway's order. */
function asTold<E extends { device_ms: number | null; attempt: number; state: string | null; substate: string }>(
  stored: readonly E[],
): E[] {
  const rows: E[] = [];
  for (const row of stored) {
    let at = rows.length;
    for (; row.device_ms !== null && at > 0; at--) {
      const before = rows[at - 1]!;
      if (before.device_ms === null || before.attempt !== row.attempt || before.device_ms <= row.device_ms) break;
    }
    rows.splice(at, 0, row);
  }
  return rows.filter((row, at) => {
    const before = rows[at - 1];
    const isRepeated =
      before?.state === row.state && before.substate === row.substate && before.attempt === row.attempt;
    return row.device_ms === null || !isRepeated;
  });
}

function timeOf({ at }: { readonly at: Date }): number {
  return at.getTime();
}

/** A gateway's clock may be anywhere. */
function deviceTime(ms: number): string | null {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() > 9999 ? null : time.toISOString();
}

function toLine({ at, level, message }: LogLine): LogLine {
  return { at, level, message };
}

/** All that is kept of its log, in the gateway's order. */
export async function getLog(
  database: Database,
  deploymentId: string,
  deviceId: string,
): Promise<{ lines: (LogLine & { attempt: number })[]; isCut: boolean }> {
  const parts = await database
    .selectFrom('deployment_logs')
    .select(['attempt', 'lines', 'is_cut'])
    .where('deployment_id', '=', deploymentId)
    .where('device_id', '=', deviceId)
    .orderBy('attempt')
    .orderBy('message_id')
    .execute();
  return {
    lines: parts.flatMap(({ attempt, lines }) => lines.map((line) => ({ ...line, attempt }))),
    isCut: parts.some((part) => part.is_cut),
  };
}

interface GroupRow {
  readonly key: string;
  readonly houses: number;
  readonly rolledBack: number;
  readonly code: string;
  readonly step: string;
  readonly message: string;
  readonly deviceId: string;
  readonly deviceName: string;
}

/** Same failures together, the most frequent first. */
export async function listFailures(
  database: Database,
  scope: DeviceScope,
  deploymentId: string,
): Promise<FailureGroup[]> {
  const { rows } = await sql<GroupRow>`
    select house.cause_key as key, count(*)::int as houses,
      (count(*) filter (where house.is_rolled_back))::int as "rolledBack", min(house.cause_code) as code,
      min(house.cause_step) as step, min(house.cause_message) as message,
      (array_agg(house.device_id order by house.finished_at, house.device_id))[1] as "deviceId",
      (array_agg(devices.name order by house.finished_at, house.device_id))[1] as "deviceName"
    from deployment_devices as house join devices on devices.id = house.device_id
    where house.deployment_id = ${deploymentId} and house.state = 'failure' and house.cause_key is not null
      and ${withinScope(scope)}
    group by house.cause_key order by 2 desc, 1 limit ${FAILURE_GROUPS_SHOWN_MAX}`.execute(database);
  const groups: FailureGroup[] = [];
  for (const { deviceId, deviceName, message, ...row } of rows) {
    const { lines } = await getLog(database, deploymentId, deviceId);
    const logSlice = sliceAroundFailure(lines).map(toLine);
    const suggestion = suggestionFor(row.code);
    groups.push({ ...row, message: generalised(message), suggestion, example: { deviceId, deviceName, logSlice } });
  }
  return groups;
}

/** What was rolled out to a house, newest first. */
export async function listDeploymentsOfHouse(
  database: Database,
  scope: DeviceScope,
  deviceId: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
) {
  const before = cursor === undefined ? undefined : decodeCursor(cursor);
  const { rows } = await sql<
    Row & {
      name: string;
      artifactName: string;
      kind: 'software' | 'configuration';
      deploymentState: 'running';
      createdAt: Date;
      exactCreatedAt: string;
    }
  >`
    select ${COLUMNS}, deployments.name, deployments.artifact_name as "artifactName", deployments.kind,
      deployments.state as "deploymentState", deployments.created_at as "createdAt",
      deployments.created_at::text as "exactCreatedAt"
    from ${TABLES}
    where house.device_id = ${deviceId} and ${withinScope(scope)}
      ${before ? sql`and (deployments.created_at, deployments.id) < (${before.at}::timestamptz, ${before.id}::uuid)` : sql``}
    order by deployments.created_at desc, deployments.id desc limit ${limit + 1}`.execute(database);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map(({ name, artifactName, kind, deploymentState, createdAt, ...row }) => ({
      deployment: {
        id: row.deploymentId,
        name,
        artifactName,
        kind,
        state: deploymentState,
        createdAt: createdAt.toISOString(),
      },
      device: toDevice(row),
    })),
    next: last ? encodeCursor(last.exactCreatedAt, last.deploymentId) : null,
  };
}

/** How a deployment ended on a house; undefined while it is on. */
export async function findEnd(
  database: Database,
  deploymentId: string,
  deviceId: string,
): Promise<{ state: DeploymentDeviceState; cause: UpdateCauseFound | null } | undefined> {
  const row = await database
    .selectFrom('deployment_devices')
    .select(['state', 'cause_code', 'cause_step', 'cause_message'])
    .where('deployment_id', '=', deploymentId)
    .where('device_id', '=', deviceId)
    .where('finished_at', 'is not', null)
    .executeTakeFirst();
  if (!row) return undefined;
  const { state, cause_code: code, cause_step: step, cause_message: message } = row;
  return { state, cause: code === null ? null : { code, step: step ?? '', message: message ?? '' } };
}
