/** Houses in the middle of an update, as workers carry them on: whoever has locked one has it. */
import { sql } from 'kysely';
import type { UpdatePause } from '@lovely/api';
import type { SensorUpdate } from '@lovely/protocol';
import type { ChoosableArtifact } from '../domain/artifact-choice.ts';
import { ended, isFinal, released, told, type House } from '../domain/deployment-house.ts';
import { withCause } from '../domain/deployment-report.ts';
import { pausesOf, planActive, type ActiveStep, type Connection } from '../domain/deployment-turn.ts';
import { DEPLOYMENT_LINK_MS, DEPLOYMENT_RESEND_MS } from '../software-limits.ts';
import { artifactsById } from './deployment-artifacts.ts';
import type { DeploymentChange } from './deployment-changes.ts';
import {
  countedEvents,
  HOUSE,
  houseEvent,
  insertDeploymentEvents,
  wakeHouses,
  writeHouses,
  type NewEvent,
} from './deployment-houses.ts';
import { storeSensorsProgress } from './deployment-sensors.ts';
import type { Database } from './store.ts';

/** What a gateway is to be told now that it is written down. */
export interface ActiveDeed {
  readonly kind: 'offer' | 'pause' | 'continue' | 'abort';
  readonly house: House;
  readonly connection: Connection;
  /** Of an offer. */
  readonly artifact: ChoosableArtifact | undefined;
  readonly pauses: readonly UpdatePause[];
  readonly isForced: boolean;
  readonly bytesPerSecond: number | null;
  readonly sensors: readonly string[] | null;
}

interface Row {
  readonly hubId: string | null;
  readonly epoch: number | null;
  readonly isLive: boolean | null;
  readonly deploymentState: string;
  readonly options: {
    readonly pauseBefore: readonly UpdatePause[];
    readonly force: boolean;
    readonly bytesPerSecond: number | null;
    readonly sensors: readonly string[] | null;
  };
}

/** Looks at houses that are due, and writes down what is done about each. */
export async function carryOnHouses(
  transaction: Database,
  { limit, only }: { readonly limit: number; readonly only?: DueHouse },
  nowMs: number,
): Promise<{ deeds: ActiveDeed[]; changes: DeploymentChange[]; looked: number }> {
  const { rows } = await sql<House & Row>`
    select ${HOUSE}, presence.hub_id as "hubId", presence.epoch, software.is_live as "isLive",
      deployments.state as "deploymentState", deployments.options
    from (
      select * from deployment_devices as due where due.look_at <= now()
        ${only ? sql`and due.deployment_id = ${only.deploymentId} and due.device_id = ${only.deviceId}` : sql``}
      order by due.look_at limit ${limit}
      for update skip locked) as house
    join deployments on deployments.id = house.deployment_id
    left join presence on presence.device_id = house.device_id and presence.connected
    left join device_software as software on software.device_id = house.device_id`.execute(transaction);
  const artifacts = await artifactsById(
    transaction,
    rows.flatMap(({ artifactId, tellsAbort }) => (artifactId === null || tellsAbort ? [] : [artifactId])),
  );
  const written: House[] = [];
  const events: NewEvent[] = [];
  const deeds: ActiveDeed[] = [];
  const news: House[] = [];
  for (const { hubId, epoch, isLive, deploymentState, options, ...house } of rows) {
    const connection = hubId !== null && epoch !== null ? { hubId, epoch } : null;
    const isPaused = deploymentState === 'paused';
    const pauses = pausesOf(house, options.pauseBefore, isPaused);
    const step = planActive({ house, connection, takes: isLive ? 'live' : 'asks', pauses }, nowMs);
    const after = applyStep(house, step, connection, pauses, nowMs);
    const counted = countedEvents(after.house, after.events);
    written.push(counted.house);
    events.push(...counted.events);
    if (counted.events.length > 0 || after.isNews) news.push(counted.house);
    const artifact = house.artifactId === null ? undefined : artifacts.get(house.artifactId);
    if (connection && isDeed(step) && (step.kind !== 'offer' || artifact))
      deeds.push({
        kind: step.kind,
        house: counted.house,
        connection,
        artifact,
        pauses,
        isForced: options.force,
        bytesPerSecond: options.bytesPerSecond,
        sensors: options.sensors,
      });
  }
  await writeHouses(transaction, written);
  await insertDeploymentEvents(transaction, events);
  await wakeHouses(
    transaction,
    written.filter(isFinal).map(({ deviceId }) => deviceId),
  );
  return {
    deeds,
    changes: news.map(({ tenantId, deploymentId, deviceId }) => ({ tenantId, deploymentId, deviceId })),
    looked: rows.length,
  };
}

type DeedStep = Extract<ActiveStep, { kind: ActiveDeed['kind'] }>;

function isDeed(step: ActiveStep): step is DeedStep {
  return step.kind === 'offer' || step.kind === 'pause' || step.kind === 'continue' || step.kind === 'abort';
}

function applyStep(
  house: House,
  step: ActiveStep,
  connection: Connection | null,
  pauses: readonly UpdatePause[],
  nowMs: number,
): { house: House; events: NewEvent[]; isNews?: boolean } {
  const tellNow = (linkUntilMs: number): House =>
    told(house, { epoch: connection!.epoch, linkUntilMs, pauses, lookMs: nowMs + DEPLOYMENT_RESEND_MS }, nowMs);
  switch (step.kind) {
    case 'offer': {
      const isFirst = house.sentMs === null;
      return { house: tellNow(nowMs + DEPLOYMENT_LINK_MS), events: isFirst ? [houseEvent(house, 'offered')] : [] };
    }
    case 'pause':
      return {
        house: tellNow(house.linkUntilMs ?? nowMs),
        events: [houseEvent(house, 'paused', { text: pauses.join(' ') })],
      };
    case 'continue':
      return { house: tellNow(house.linkUntilMs ?? nowMs), events: [houseEvent(house, 'continued')] };
    case 'abort': {
      const isFirst = house.sentMs === null || house.finishedMs === null || house.sentMs < house.finishedMs;
      return { house: tellNow(house.linkUntilMs ?? nowMs), events: isFirst ? [houseEvent(house, 'aborted')] : [] };
    }
    case 'forget':
      return { house: { ...house, tellsAbort: false, lookMs: null }, events: [] };
    case 'release':
      return { house: released(house, step.waits, step.readyMs), events: [], isNews: true };
    case 'lose': {
      const cause = { code: 'lost', step: house.state, message: 'It began and told nothing more of it.' };
      const lost = { ...ended(house, 'failure', nowMs), ...withCause(cause) };
      return { house: lost, events: [houseEvent(lost, 'lost', { state: 'failure', cause })] };
    }
    case 'wait':
      return { house: { ...house, lookMs: step.lookMs }, events: [] };
  }
}

/**
 * Notes of houses in the middle of it that what they were told has reached them: it is told again until then. Nothing, for
 * those that were told something else meanwhile.
 */
export async function noteReached(database: Database, houses: readonly House[]): Promise<void> {
  if (houses.length === 0) return;
  const told = houses.map(({ deploymentId, deviceId, sentMs }) => ({ deploymentId, deviceId, sentMs }));
  await sql`
    with reached as (
      select house.deployment_id, house.device_id
      from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as new("deploymentId" uuid, "deviceId" uuid, "sentMs" float8)
      join deployment_devices as house on house.deployment_id = new."deploymentId" and house.device_id = new."deviceId"
        and house.sent_at = to_timestamp(new."sentMs" / 1000)
      where house.finished_at is null and house.granted_at is not null
      order by 1, 2 for update of house)
    update deployment_devices as house set sends = 0 from reached
    where house.deployment_id = reached.deployment_id and house.device_id = reached.device_id`.execute(database);
}

export interface DueHouse {
  readonly deploymentId: string;
  readonly deviceId: string;
}

export async function listDueHouses(database: Database, limit: number): Promise<DueHouse[]> {
  const { rows } = await sql<DueHouse>`select deployment_id as "deploymentId", device_id as "deviceId"
    from deployment_devices where look_at <= now() order by look_at limit ${limit}`.execute(database);
  return rows;
}

/** One that can't be carried on must not be looked at again and again. */
export async function postponeHouse(
  database: Database,
  { deploymentId, deviceId }: DueHouse,
  byMs: number,
): Promise<void> {
  await sql`update deployment_devices set look_at = now() + make_interval(secs => ${byMs / 1000})
    where deployment_id = ${deploymentId} and device_id = ${deviceId}`.execute(database);
}

/** Houses that have waited for as long as they should are ready. Returns their deployments. */
export async function readyHouses(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with waited as (
      select deployment_id, device_id from deployment_devices
      where finished_at is null and granted_at is null and ready_at <= now()
      order by ready_at limit ${limit} for update skip locked)
    update deployment_devices as house set ready_at = null from waited
    where house.deployment_id = waited.deployment_id and house.device_id = waited.device_id
    returning house.deployment_id as id`.execute(database);
  return [...new Set(rows.map(({ id }) => id))];
}

/** How far a gateway is, between two states. */
export interface Progress {
  readonly deploymentId: string;
  readonly deviceId: string;
  readonly tenantId: string;
  readonly attempt: number;
  readonly percent: number;
  readonly bytes: number;
  /** Of sensors that got further. */
  readonly sensors: ReadonlyMap<string, SensorUpdate>;
}

/** Of one house the last counts. Returns those of which it was news. */
export async function storeProgress(database: Database, progress: readonly Progress[]): Promise<DeploymentChange[]> {
  const { rows } = await sql<DeploymentChange>`
    with spoken as (
      select house.deployment_id, house.device_id, new.percent, new.bytes
      from jsonb_to_recordset(${JSON.stringify(progress)}::jsonb) as new("deploymentId" uuid, "deviceId" uuid,
        "tenantId" uuid, attempt smallint, percent smallint, bytes bigint)
      join deployment_devices as house on house.deployment_id = new."deploymentId" and house.device_id = new."deviceId"
        and house.tenant_id = new."tenantId" and house.attempt = new.attempt
      where house.finished_at is null and house.granted_at is not null and house.state <> 'pending'
      order by 1, 2 for update of house)
    update deployment_devices as house set percent = spoken.percent, heard_at = now(),
      downloaded = case when house.state = 'downloading' then least(spoken.bytes, coalesce(house.bytes, spoken.bytes)) else house.downloaded end
    from spoken where house.deployment_id = spoken.deployment_id and house.device_id = spoken.device_id
    returning house.tenant_id as "tenantId", house.deployment_id as "deploymentId", house.device_id as "deviceId"`.execute(
    database,
  );
  await storeSensorsProgress(database, progress);
  return rows;
}
