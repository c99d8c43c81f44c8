/** Houses of deployments as rows: read whole, changed by the plans of domain/, written whole. */
import { sql } from 'kysely';
import type { UpdateCauseFound } from '@lovely/api';
import { isActive, type House } from '../domain/deployment-house.ts';
import { DEPLOYMENT_EVENTS_MAX } from '../software-limits.ts';
import type { DeploymentTables } from './schema/deployments.ts';
import type { Database } from './store.ts';

const ms = (column: string): string => `(extract(epoch from house.${column}) * 1000)::float8`;

/** The columns of `deployment_devices as house`, as a House. */
export const HOUSE = sql.raw(`house.deployment_id as "deploymentId", house.device_id as "deviceId",
  house.tenant_id as "tenantId", house.state, house.position, house.phase, house.attempt,
  house.artifact_id as "artifactId", house.bytes, house.downloaded, house.percent, house.substate, house.waits,
  house.cause_code as "causeCode", house.cause_step as "causeStep", house.cause_message as "causeMessage",
  house.cause_key as "causeKey", house.is_rolled_back as "isRolledBack", house.pauses, house.passed,
  house.told_pauses as "toldPauses", house.tells_abort as "tellsAbort", ${ms('ready_at')} as "readyMs",
  ${ms('granted_at')} as "grantedMs", ${ms('sent_at')} as "sentMs", house.sent_epoch as "sentEpoch", house.sends,
  ${ms('link_until')} as "linkUntilMs", house.reported_ms as "reportedMs", house.events, ${ms('heard_at')} as "heardMs",
  ${ms('began_at')} as "beganMs", ${ms('finished_at')} as "finishedMs", ${ms('look_at')} as "lookMs"`);

const WRITTEN_MAX = 1000;

/** Writes them whole. The transaction has locked them. */
export async function writeHouses(transaction: Database, houses: readonly House[]): Promise<void> {
  // A gateway has its turn in one deployment only: who leaves goes before who comes.
  await writeAll(
    transaction,
    houses.filter((house) => !isActive(house)),
  );
  await writeAll(transaction, houses.filter(isActive));
}

async function writeAll(transaction: Database, houses: readonly House[]): Promise<void> {
  for (let at = 0; at < houses.length; at += WRITTEN_MAX) {
    const rows = JSON.stringify(houses.slice(at, at + WRITTEN_MAX));
    await sql`
      update deployment_devices as house set state = new.state, position = new.position, phase = new.phase,
        attempt = new.attempt, artifact_id = new."artifactId", bytes = new.bytes, downloaded = new.downloaded,
        percent = new.percent, substate = new.substate, waits = new.waits, cause_code = new."causeCode",
        cause_step = new."causeStep", cause_message = new."causeMessage", cause_key = new."causeKey",
        is_rolled_back = new."isRolledBack", pauses = new.pauses, passed = new.passed, told_pauses = new."toldPauses",
        tells_abort = new."tellsAbort", ready_at = to_timestamp(new."readyMs" / 1000),
        granted_at = to_timestamp(new."grantedMs" / 1000), sent_at = to_timestamp(new."sentMs" / 1000),
        sent_epoch = new."sentEpoch", sends = new.sends, link_until = to_timestamp(new."linkUntilMs" / 1000),
        reported_ms = new."reportedMs", events = new.events, heard_at = to_timestamp(new."heardMs" / 1000),
        began_at = to_timestamp(new."beganMs" / 1000), finished_at = to_timestamp(new."finishedMs" / 1000),
        look_at = to_timestamp(new."lookMs" / 1000)
      from jsonb_to_recordset(${rows}::jsonb) as new("deploymentId" uuid, "deviceId" uuid, state text, position integer,
        phase smallint, attempt smallint, "artifactId" uuid, bytes bigint, downloaded bigint, percent smallint,
        substate text, waits text, "causeCode" text, "causeStep" text, "causeMessage" text, "causeKey" text,
        "isRolledBack" boolean, pauses text[], passed text[], "toldPauses" text[], "tellsAbort" boolean,
        "readyMs" float8, "grantedMs" float8, "sentMs" float8, "sentEpoch" bigint, sends smallint, "linkUntilMs" float8,
        "reportedMs" bigint, events smallint, "heardMs" float8, "beganMs" float8, "finishedMs" float8, "lookMs" float8)
      where house.deployment_id = new."deploymentId" and house.device_id = new."deviceId"`.execute(transaction);
  }
}

export interface NewEvent {
  readonly deploymentId: string;
  /** Null: of the deployment as a whole. */
  readonly deviceId: string | null;
  readonly tenantId: string;
  readonly attempt: number;
  readonly kind: DeploymentTables['deployment_events']['kind'];
  readonly state: string | null;
  readonly substate: string;
  /** On the gateway's clock; what it says twice is one event. */
  readonly deviceMs: number | null;
  readonly bytes: number | null;
  readonly by: string | null;
  readonly text: string;
  readonly cause: UpdateCauseFound | null;
}

export async function insertDeploymentEvents(database: Database, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await sql`
    insert into deployment_events (deployment_id, device_id, tenant_id, attempt, kind, state, substate, device_ms, bytes,
      by, text, cause)
    select "deploymentId", "deviceId", "tenantId", attempt, kind, state, substate, "deviceMs", bytes, by, text, cause
    from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as new("deploymentId" uuid, "deviceId" uuid,
      "tenantId" uuid, attempt smallint, kind text, state text, substate text, "deviceMs" bigint, bytes bigint, by text,
      text text, cause jsonb)
    on conflict do nothing`.execute(database);
}

/** An event of a house, without what most of them have not. */
export function houseEvent(
  { deploymentId, deviceId, tenantId, attempt }: House,
  kind: NewEvent['kind'],
  more: Partial<NewEvent> = {},
): NewEvent {
  const none = { state: null, substate: '', deviceMs: null, bytes: null, by: null, text: '', cause: null };
  return { deploymentId, deviceId, tenantId, attempt, kind, ...none, ...more };
}

/** An event of the deployment as a whole. */
export function deploymentEvent(
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
  kind: NewEvent['kind'],
  text: string,
  by: string | null = null,
): NewEvent {
  const none = { state: null, substate: '', deviceMs: null, bytes: null, cause: null };
  return { deploymentId: id, deviceId: null, tenantId, attempt: 1, kind, ...none, by, text };
}

/** As many as the house may still have; a gateway that never stops talking fills no table. */
export function countedEvents<E>(house: House, events: readonly E[]): { readonly house: House; readonly events: E[] } {
  const kept = events.slice(0, Math.max(0, DEPLOYMENT_EVENTS_MAX - house.events));
  return { house: { ...house, events: house.events + kept.length }, events: kept };
}

/** Text of gateways as PostgreSQL takes it. */
export function storable(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replaceAll('\0', '\uFFFD').toWellFormed();
}

/**
 * Houses that wait for something may have it now: they have their turn as soon as there is room. Those that pause after a
 * failure go on pausing. For transactions that hold other houses: rows that somebody else has are left to `wakeAllHouses`.
 */
export async function wakeHouses(transaction: Database, deviceIds: readonly string[]): Promise<void> {
  if (deviceIds.length === 0) return;
  await sql`
    with waiting as (
      select deployment_id, device_id from deployment_devices
      where device_id = any(${[...new Set(deviceIds)]}::uuid[]) and ${WAITS} and ${IS_PARKED}
      order by deployment_id, device_id for update skip locked)
    update deployment_devices as house set ready_at = null from waiting
    where house.deployment_id = waiting.deployment_id and house.device_id = waiting.device_id`.execute(transaction);
}

/**
 * The same by itself, once what they waited for is committed. Who judges one of them at this moment may still go by what was
 * before, and have it wait for long: that is waited for, and what came of it is looked at.
 */
export async function wakeAllHouses(database: Database, deviceIds: readonly string[]): Promise<void> {
  if (deviceIds.length === 0) return;
  const ofThem = sql`device_id = any(${[...new Set(deviceIds)]}::uuid[])`;
  await database.transaction().execute(async (transaction) => {
    await sql`select from deployment_devices where ${ofThem} and ${WAITS}
      order by deployment_id, device_id for update`.execute(transaction);
    await sql`update deployment_devices set ready_at = null where ${ofThem} and ${WAITS} and ${IS_PARKED}`.execute(
      transaction,
    );
  });
}

const WAITS = sql.raw('finished_at is null and granted_at is null');
const IS_PARKED = sql.raw("ready_at is not null and waits <> ''");

/** Those of these gateways that have no turn anywhere: whatever waits for them may have one. */
export async function freeHouses(database: Database, deviceIds: readonly string[]): Promise<string[]> {
  if (deviceIds.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select id from unnest(${[...new Set(deviceIds)]}::uuid[]) as device(id)
    where not exists (select from deployment_devices as house
      where house.device_id = device.id and house.finished_at is null and house.granted_at is not null)`.execute(
    database,
  );
  return rows.map(({ id }) => id);
}

/** Deployments that these houses wait for or are in the middle of. */
export async function openDeploymentsOf(database: Database, deviceIds: readonly string[]): Promise<string[]> {
  if (deviceIds.length === 0) return [];
  const { rows } = await sql<{ id: string }>`select distinct deployment_id as id from deployment_devices
    where device_id = any(${[...new Set(deviceIds)]}::uuid[]) and finished_at is null`.execute(database);
  return rows.map(({ id }) => id);
}

/** Has workers look at what is on its way to these houses, as they are back; also where one looks at them just now. */
export async function lookAtHouses(database: Database, deviceIds: readonly string[]): Promise<void> {
  if (deviceIds.length === 0) return;
  await sql`
    with active as (
      select deployment_id, device_id from deployment_devices
      where device_id = any(${[...new Set(deviceIds)]}::uuid[])
        and ((finished_at is null and granted_at is not null) or tells_abort)
      order by deployment_id, device_id for update)
    update deployment_devices as house set look_at = now() from active
    where house.deployment_id = active.deployment_id and house.device_id = active.device_id`.execute(database);
}
