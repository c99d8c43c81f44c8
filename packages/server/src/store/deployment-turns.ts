/** Turns of houses: who begins now, as the plan of its deployment says, and what those in the middle of it are told. */
import { sql } from 'kysely';
import type { UpdatePause } from '@lovely/api';
import { chooseArtifact, type ChoosableArtifact, type Provides } from '../domain/artifact-choice.ts';
import { ended, granted, parked, told, type House } from '../domain/deployment-house.ts';
import { pausesOf, planTurn, type Connection, type Turn, type TurnFacts } from '../domain/deployment-turn.ts';
import { windowAt, zoneOfHouse } from '../domain/maintenance-window.ts';
import { DEPLOYMENT_LINK_MS, DEPLOYMENT_RESEND_MS } from '../software-limits.ts';
import type { DeploymentRow } from './deployment-facts.ts';
import {
  countedEvents,
  HOUSE,
  houseEvent,
  insertDeploymentEvents,
  writeHouses,
  type NewEvent,
} from './deployment-houses.ts';
import { noteEnds } from './deployment-reports.ts';
import type { Database } from './store.ts';

/** What is known of a house beside its row. */
interface Around {
  readonly hubId: string | null;
  readonly epoch: number | null;
  readonly isLive: boolean | null;
  readonly provides: Provides | null;
  readonly inventoryType: string | null;
  readonly inventoryName: string | null;
  readonly zones: readonly (string | null)[];
  readonly isBlocked: boolean;
}

/** Somebody who gets the software: what is offered, and where the gateway is (null: it asked). */
export interface Grant {
  readonly house: House;
  readonly artifact: ChoosableArtifact;
  readonly connection: Connection | null;
  readonly pauses: readonly UpdatePause[];
  readonly options: {
    readonly isForced: boolean;
    readonly bytesPerSecond: number | null;
    readonly sensors: readonly string[] | null;
  };
}

export interface TurnsTaken {
  readonly grants: Grant[];
  /** Houses that were looked at, and all whose row changed. */
  readonly looked: number;
  readonly changed: readonly House[];
}

/** A deployment that has its turn, with what it may hand out. */
export interface TurnOf {
  readonly row: DeploymentRow;
  readonly artifacts: readonly ChoosableArtifact[];
  /** Where the organisation is. */
  readonly zone: string | null;
}

/** People say it with a tag, gateways in their inventory. */
const AROUND = sql.raw(`presence.hub_id as "hubId", presence.epoch, software.is_live as "isLive", software.provides,
  devices.inventory ->> 'device_type' as "inventoryType", devices.inventory ->> 'artifact_name' as "inventoryName",
  array[(select substr(tag, 11) from unnest(devices.tags) as tag where starts_with(tag, 'time-zone=') limit 1),
    devices.inventory ->> 'time_zone', devices.inventory ->> 'timezone'] as zones,
  exists (select from deployment_devices as other
    where other.device_id = house.device_id and other.finished_at is null and other.deployment_id <> house.deployment_id
      and (other.granted_at is not null or exists (select from deployments as one, deployments as mine
        where one.id = other.deployment_id and mine.id = house.deployment_id and one.state = 'running'
          and (-one.priority, one.created_at, one.id) < (-mine.priority, mine.created_at, mine.id)))) as "isBlocked"`);

/** Rows of `deployment_devices as house`, with what AROUND needs. */
const JOINS = sql.raw(`join devices on devices.id = house.device_id
  left join presence on presence.device_id = house.device_id and presence.connected
  left join device_software as software on software.device_id = house.device_id`);

/**
 * Gives as many ready houses their turn as the plan says, by chance, those that try again first. The transaction has the
 * deployment.
 */
export async function beginHouses(
  transaction: Database,
  of: TurnOf,
  wish: { readonly houses: number; readonly first: number },
  nowMs: number,
): Promise<TurnsTaken> {
  const { rows } = await sql<House & Around>`
    select ${HOUSE}, ${AROUND}
    from (
      select * from deployment_devices as ready
      where ready.deployment_id = ${of.row.id} and ready.finished_at is null and ready.granted_at is null
        and ready.ready_at is null ${wish.first === 0 ? sql`and ready.position < 0` : sql``}
      order by ready.position limit ${wish.houses} for update skip locked) as house
    ${JOINS} order by house.position`.execute(transaction);
  return await giveTurns(transaction, of, rows, { ...wish, isAsking: false }, nowMs);
}

/** The same for one house that asks: it waits for whoever has its row just now, as it would ask again in half an hour only. */
export async function beginHouse(
  transaction: Database,
  of: TurnOf,
  deviceId: string,
  wish: { readonly houses: number; readonly first: number },
  nowMs: number,
): Promise<TurnsTaken> {
  const { rows } = await sql<House & Around>`
    select ${HOUSE}, ${AROUND} from deployment_devices as house ${JOINS}
    where house.deployment_id = ${of.row.id} and house.device_id = ${deviceId} and house.finished_at is null
      and house.granted_at is null and (house.ready_at is null or house.ready_at <= now() or house.waits <> '')
    for update of house`.execute(transaction);
  return await giveTurns(transaction, of, rows, { ...wish, isAsking: true }, nowMs);
}

async function giveTurns(
  transaction: Database,
  { row, artifacts, zone }: TurnOf,
  rows: readonly (House & Around)[],
  { houses, first, isAsking }: { houses: number; first: number; isAsking: boolean },
  nowMs: number,
): Promise<TurnsTaken> {
  const { options } = row;
  const grants: Grant[] = [];
  const changed: House[] = [];
  const events: NewEvent[] = [];
  let firstLeft = first;
  for (const { hubId, epoch, isLive, provides, inventoryType, inventoryName, zones, isBlocked, ...house } of rows) {
    const isFirst = house.phase === null;
    if (grants.length >= houses || (isFirst && firstLeft === 0)) continue;
    const connection = hubId !== null && epoch !== null ? { hubId, epoch } : null;
    const known = provides ?? fromInventory(inventoryType, inventoryName);
    const window =
      options.window === null
        ? undefined
        : windowAt(
            options.window,
            options.window.zone === 'house' ? zoneOfHouse([...zones, zone]) : options.window.zone,
            nowMs,
          );
    const facts: TurnFacts = {
      connection,
      takes: isAsking ? 'asking' : isLive ? 'live' : 'asks',
      choice: chooseArtifact(artifacts, known, options.force),
      window,
      isBlocked,
    };
    const turn = planTurn(facts, nowMs);
    if (turn.kind === 'grant') {
      if (isFirst) firstLeft--;
      const pauses = pausesOf(house, options.pauseBefore, false);
      const artifact = artifacts.find(({ id }) => id === turn.artifactId)!;
      const tellsNow = { epoch: isAsking ? null : connection!.epoch, linkUntilMs: nowMs + DEPLOYMENT_LINK_MS, pauses };
      const begun = told(
        granted(house, { ...turn, phase: row.phase }, nowMs),
        { ...tellsNow, lookMs: nowMs + DEPLOYMENT_RESEND_MS },
        nowMs,
      );
      const counted = countedEvents(begun, [houseEvent(begun, 'offered', { text: artifact.name })]);
      grants.push({
        house: counted.house,
        artifact,
        connection: isAsking ? null : connection,
        pauses,
        options: { isForced: options.force, bytesPerSecond: options.bytesPerSecond, sensors: options.sensors },
      });
      changed.push(counted.house);
      events.push(...counted.events);
      continue;
    }
    const next = afterTurn(house, turn, facts, nowMs);
    changed.push(next);
    if (turn.kind === 'end') events.push(houseEvent(next, 'ended', { state: turn.state }));
  }
  await writeHouses(transaction, changed);
  await insertDeploymentEvents(transaction, events);
  await noteEnds(
    transaction,
    changed
      .filter(({ finishedMs }) => finishedMs !== null)
      .map((house) => ({
        house,
        end: house.state === 'already-installed' ? ('success' as const) : ('failure' as const),
      })),
  );
  return { grants, looked: rows.length, changed };
}

function afterTurn(house: House, turn: Exclude<Turn, { kind: 'grant' }>, { choice }: TurnFacts, nowMs: number): House {
  if (turn.kind === 'park') return parked(house, turn.waits, turn.untilMs);
  const artifactId = choice.kind === 'already-installed' ? choice.artifact.id : null;
  return { ...ended(house, turn.state, nowMs), artifactId };
}

/** A gateway whose client has not told what it provides may have said so in its inventory. */
function fromInventory(deviceType: string | null, artifactName: string | null): Provides {
  return {
    ...(deviceType === null ? {} : { device_type: deviceType }),
    ...(artifactName === null ? {} : { artifact_name: artifactName }),
  };
}
