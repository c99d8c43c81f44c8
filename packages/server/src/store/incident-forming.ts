/**
 * How alerts become incidents: what is loose of a rule is read by squares and traits, planned elsewhere
 * (domain/incident-plan.ts), and put together here. Everything is written under the locks of the houses, in batches.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Incident, IncidentTrait } from '@lovely/api';
import type { IncidentGroup, Loose, TraitCount } from '../domain/incident-plan.ts';
import {
  INCIDENT_ALERTS_PER_TURN,
  INCIDENT_HOUSES_MIN,
  INCIDENT_JOIN_MINUTES,
  INCIDENT_MARGIN_KM,
  INCIDENT_RULES_PER_TURN,
  INCIDENT_TRAIT_SHARE_MIN,
} from '../limits.ts';
import { appendAlertEvents } from './alert-events.ts';
import { refreshHealth, type HealthChange } from './health.ts';
import { TRAITS_OF_ALERT, traitKey, type Baseline } from './incident-traits.ts';
import type { Database } from './store.ts';

export interface LooseRule {
  readonly tenantId: string;
  readonly rule: string;
}

/** Rules with alerts that may become an incident or belong to one: enough of them, or one that an incident is of. */
export async function listLooseRules(database: Database, windowMinutes: number): Promise<LooseRule[]> {
  const { rows } = await sql<LooseRule>`
    select tenant_id as "tenantId", rule from alerts
    where closed_at is null and incident_id is null and active_since > now() - make_interval(mins => ${windowMinutes})
    group by tenant_id, rule
    having count(distinct device_id) >= ${INCIDENT_HOUSES_MIN}
      or exists (select from incidents where incidents.tenant_id = alerts.tenant_id and incidents.rule = alerts.rule
        and incidents.closed_at is null and incidents.merged_into is null)
    order by count(*) desc limit ${INCIDENT_RULES_PER_TURN}`.execute(database);
  return rows;
}

/** Whether nobody else forms incidents of this tenant now; they can't until the transaction ends. */
export async function lockForming(transaction: Database, tenantId: string): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('incidents ' || ${tenantId}, 0)) as locked`.execute(transaction);
  return rows[0]!.locked;
}

/** The conditions of loose alerts of a rule, within the window. */
function isLoose({ tenantId, rule }: LooseRule, windowMinutes: number): RawBuilder<boolean> {
  return sql`alerts.tenant_id = ${tenantId}::uuid and alerts.rule = ${rule} and alerts.closed_at is null
    and alerts.incident_id is null and alerts.active_since > now() - make_interval(mins => ${windowMinutes})`;
}

export async function readLoose(
  transaction: Database,
  of: LooseRule,
  windowMinutes: number,
  baseline: Baseline,
): Promise<Loose> {
  const { rows: squares } = await sql<{ cell: number | null; houses: number; housesInFleet: number }>`
    with squares as materialized (
      select devices.cell, count(distinct devices.id) as houses
      from alerts join devices on devices.id = alerts.device_id where ${isLoose(of, windowMinutes)} group by devices.cell)
    select squares.cell, squares.houses, case when squares.cell is null then 0 else
      (select count(*) from devices where tenant_id = ${of.tenantId}::uuid and status = 'accepted' and devices.cell = squares.cell)
      end as "housesInFleet"
    from squares`.execute(transaction);
  const { rows: traits } = await sql<Omit<TraitCount, 'fleetShare'>>`
    select attribute, value, count(distinct devices.id) as houses
    from alerts join devices on devices.id = alerts.device_id
      left join presence on presence.device_id = devices.id
      left join sensors on sensors.device_id = alerts.device_id and sensors.id = alerts.source, lateral ${TRAITS_OF_ALERT}
    where ${isLoose(of, windowMinutes)} and value is not null and value <> ''
    group by attribute, value having count(distinct devices.id) >= ${INCIDENT_HOUSES_MIN}`.execute(transaction);
  const { rows: fleet } = await sql<
    Pick<Loose, 'housesInFleet' | 'housesInPlaces' | 'housesInLargestPlace' | 'places'>
  >`
    select (select count(*) from devices where tenant_id = ${of.tenantId}::uuid and status = 'accepted') as "housesInFleet",
      coalesce(sum(houses), 0)::int as "housesInPlaces", coalesce(max(houses), 0) as "housesInLargestPlace", count(*) as places
    from incidents where tenant_id = ${of.tenantId}::uuid and rule = ${of.rule} and closed_at is null and merged_into is null
      and kind in ('place', 'outage') and created_at > now() - make_interval(mins => ${windowMinutes})`.execute(
    transaction,
  );
  return {
    houses: squares.reduce((total, { houses }) => total + houses, 0),
    squares: squares.flatMap(({ cell, ...square }) => (cell === null ? [] : [{ cell, ...square }])),
    traits: traits.map((trait) => ({ ...trait, fleetShare: baseline.get(traitKey(trait)) ?? 0 })),
    ...fleet[0]!,
  };
}

interface ActiveIncident {
  readonly id: string;
  readonly kind: Incident['kind'];
  readonly trait: Pick<IncidentTrait, 'attribute' | 'value'> | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly radiusKm: number | null;
}

/** Incidents of the rule that still take alerts in: those with something in common come before those of places. */
export async function listJoinable(transaction: Database, { tenantId, rule }: LooseRule): Promise<ActiveIncident[]> {
  const { rows } = await sql<ActiveIncident>`
    select id, kind, trait, latitude, longitude, radius_km as "radiusKm" from incidents
    where tenant_id = ${tenantId}::uuid and rule = ${rule} and closed_at is null and merged_into is null
      and case kind when 'fleet' then created_at else greatest(last_at, created_at) end > now() - make_interval(mins => ${INCIDENT_JOIN_MINUTES})
    order by case kind when 'fleet' then 1 else 0 end, trait is null, created_at`.execute(transaction);
  return rows;
}

/** What an incident takes in: loose alerts with its trait, near it, or any. */
export function belongsTo({ trait, latitude, longitude, radiusKm, kind }: ActiveIncident): RawBuilder<boolean> {
  if (trait) return hasTrait(trait);
  if (kind === 'fleet') return sql`true`;
  return latitude === null || longitude === null
    ? sql`false`
    : sql`${distanceKm(latitude, longitude)} <= ${(radiusKm ?? 0) + INCIDENT_MARGIN_KM}`;
}

export function belongsToGroup(group: IncidentGroup): RawBuilder<boolean> {
  switch (group.kind) {
    case 'place':
      return sql`devices.cell = any(${[...group.cells]}::int[])`;
    case 'trait':
      return hasTrait(group.trait);
    case 'fleet':
      return sql`true`;
  }
}

function hasTrait({ attribute, value }: Pick<IncidentTrait, 'attribute' | 'value'>): RawBuilder<boolean> {
  return sql`exists (select from ${TRAITS_OF_ALERT} where attribute = ${attribute} and value = ${value})`;
}

/** As on a plane, which is exact enough for what is near. */
function distanceKm(latitude: number, longitude: number): RawBuilder<number> {
  return sql`sqrt(power((devices.latitude - ${latitude}) * 111.2, 2)
    + power((devices.longitude - ${longitude}) * 111.2 * cos(radians(${latitude})), 2))`;
}

export interface LooseAlert {
  readonly id: string;
  readonly deviceId: string;
}

/** Loose alerts of a rule that pass a condition, at most INCIDENT_ALERTS_PER_TURN: the others come the next time. */
export async function listLoose(
  transaction: Database,
  of: LooseRule,
  windowMinutes: number,
  which: RawBuilder<boolean>,
): Promise<LooseAlert[]> {
  const { rows } = await sql<LooseAlert>`
    select alerts.id, alerts.device_id as "deviceId" from alerts join devices on devices.id = alerts.device_id
      left join presence on presence.device_id = devices.id
      left join sensors on sensors.device_id = alerts.device_id and sensors.id = alerts.source
    where ${isLoose(of, windowMinutes)} and ${which} limit ${INCIDENT_ALERTS_PER_TURN}`.execute(transaction);
  return rows;
}

/** Puts alerts of locked houses into an incident: they are acknowledged, assigned and snoozed as the incident itself is. */
export async function joinIncident(
  transaction: Database,
  { tenantId }: LooseRule,
  incidentId: string,
  alerts: readonly LooseAlert[],
): Promise<HealthChange[]> {
  const { rows } = await sql<{ id: string; deviceId: string; isSnoozed: boolean }>`
    update alerts set incident_id = incidents.id,
      acknowledged_at = coalesce(alerts.acknowledged_at, incidents.acknowledged_at),
      acknowledged_by = coalesce(alerts.acknowledged_by, incidents.acknowledged_by),
      assignee_id = coalesce(alerts.assignee_id, incidents.assignee_id),
      snoozed_until = coalesce(alerts.snoozed_until, incidents.snoozed_until)
    from incidents where incidents.id = ${incidentId}::uuid and alerts.id = any(${alerts.map(({ id }) => id)}::uuid[])
      and alerts.closed_at is null and alerts.incident_id is null
    returning alerts.id, alerts.device_id as "deviceId", alerts.snoozed_until is not null as "isSnoozed"`.execute(
    transaction,
  );
  await appendAlertEvents(
    transaction,
    rows.map(({ id }) => ({ tenantId, alertId: id, kind: 'incident', details: { incidentId } })),
  );
  const snoozed = rows.filter(({ isSnoozed }) => isSnoozed);
  return await refreshHealth(
    transaction,
    snoozed.map(({ deviceId }) => deviceId),
  );
}

export async function insertIncident(
  transaction: Database,
  { tenantId, rule }: LooseRule,
  { kind, trait }: Pick<ActiveIncident, 'kind' | 'trait'>,
): Promise<string> {
  const row = await transaction
    .insertInto('incidents')
    .values({
      tenant_id: tenantId,
      rule,
      kind,
      severity: 'warning',
      trait: trait && JSON.stringify(trait),
      traits: '[]',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Incidents of single places that began a short time ago and turn out to be part of a larger one. */
export async function listAbsorbed(
  transaction: Database,
  { tenantId, rule }: LooseRule,
  windowMinutes: number,
  { id, kind, trait }: Pick<ActiveIncident, 'id' | 'kind' | 'trait'>,
): Promise<string[]> {
  if (kind !== 'fleet' && !trait) return [];
  const isPart = trait
    ? sql`exists (select from jsonb_to_recordset(traits) as known(attribute text, value text, share float8)
        where attribute = ${trait.attribute} and value = ${trait.value} and share >= ${INCIDENT_TRAIT_SHARE_MIN})`
    : sql`true`;
  const { rows } = await sql<{ id: string }>`
    select id from incidents where tenant_id = ${tenantId}::uuid and rule = ${rule} and id <> ${id}::uuid and trait is null
      and closed_at is null and merged_into is null and kind in ('place', 'outage')
      and created_at > now() - make_interval(mins => ${windowMinutes}) and ${isPart}`.execute(transaction);
  return rows.map((row) => row.id);
}

/** The houses of these incidents. */
export async function listIncidentDevices(transaction: Database, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ deviceId: string }>`
    select distinct device_id as "deviceId" from alerts where incident_id = any(${[...ids]}::uuid[])`.execute(
    transaction,
  );
  return rows.map(({ deviceId }) => deviceId);
}

/** Moves everything of some incidents, whose houses are locked, into another one; they are in no list any more. */
export async function mergeIncidents(transaction: Database, from: readonly string[], into: string): Promise<void> {
  if (from.length === 0) return;
  await sql`update alerts set incident_id = ${into}::uuid where incident_id = any(${[...from]}::uuid[])`.execute(
    transaction,
  );
  await sql`update incidents set merged_into = ${into}::uuid, closed_at = coalesce(closed_at, now())
    where id = any(${[...from]}::uuid[])`.execute(transaction);
}

export interface IncidentPlace {
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly radiusKm: number | null;
  /** The end of most addresses, where they say. */
  readonly region: string | null;
}

/** Where the houses of an incident are: their middle, and how far from it four of five are. */
export async function readIncidentPlace(database: Database, incidentId: string): Promise<IncidentPlace> {
  const { rows } = await sql<IncidentPlace>`
    with houses as materialized (
      select distinct devices.id, devices.latitude, devices.longitude,
        nullif(trim(substring(devices.address from '[^,]*$')), '') as region
      from alerts join devices on devices.id = alerts.device_id where alerts.incident_id = ${incidentId}::uuid),
    middle as (
      select percentile_cont(0.5) within group (order by latitude) as latitude,
        percentile_cont(0.5) within group (order by longitude) as longitude from houses where latitude is not null)
    select middle.latitude, middle.longitude,
      (select percentile_cont(0.8) within group (order by sqrt(power((houses.latitude - middle.latitude) * 111.2, 2)
        + power((houses.longitude - middle.longitude) * 111.2 * cos(radians(middle.latitude)), 2)))
        from houses where houses.latitude is not null) as "radiusKm",
      (select region from houses where region is not null group by region
        having count(*) > (select count(*) from houses) / 2 limit 1) as region
    from middle`.execute(database);
  return rows[0]!;
}

/** What most houses of an incident have in common, with how common it is anywhere; the rarest first. */
export async function readIncidentTraits(
  database: Database,
  incidentId: string,
  baseline: Baseline,
): Promise<IncidentTrait[]> {
  const { rows } = await sql<Pick<IncidentTrait, 'attribute' | 'value' | 'share'>>`
    with found as materialized (
      select devices.id, trait.attribute, trait.value
      from alerts join devices on devices.id = alerts.device_id left join presence on presence.device_id = devices.id
        left join sensors on sensors.device_id = alerts.device_id and sensors.id = alerts.source, lateral ${TRAITS_OF_ALERT}
      where alerts.incident_id = ${incidentId}::uuid)
    select attribute, value, count(distinct id)::float8 / (select count(distinct id) from found) as share
    from found where value is not null and value <> '' group by attribute, value
    having count(distinct id) >= 0.5 * (select count(distinct id) from found)`.execute(database);
  return rows
    .map((trait) => ({ ...trait, fleetShare: baseline.get(traitKey(trait)) ?? 0 }))
    .sort((a, b) => b.share - b.fleetShare - (a.share - a.fleetShare));
}

export async function describeIncident(
  transaction: Database,
  id: string,
  { place, where, traits }: { place: IncidentPlace; where: string; traits: readonly IncidentTrait[] },
): Promise<void> {
  await transaction
    .updateTable('incidents')
    .set({
      place: where,
      latitude: place.latitude,
      longitude: place.longitude,
      radius_km: place.radiusKm,
      traits: JSON.stringify(traits),
    })
    .where('id', '=', id)
    .execute();
}
