/** What houses have in common: what they are, what runs on them, and the network they are connected by. */
import { sql } from 'kysely';
import type { IncidentTrait } from '@lovely/api';
import { INCIDENT_BASELINE_HOUSES } from '../limits.ts';
import type { Database } from './store.ts';

/**
 * The traits of a house as rows (attribute, value), beside `devices` and `presence`; where `sensors` is the sensor that an
 * alert is about, its model and firmware take the place of the gateway's.
 */
export const TRAITS_OF_ALERT = sql`(values
  ('model', coalesce(sensors.model, devices.inventory ->> 'device_type')),
  ('firmware', case when sensors.id is not null then sensors.model || ' ' || sensors.firmware
    else coalesce(devices.inventory ->> 'rootfs-image.version', devices.inventory ->> 'artifact_name') end),
  ('client', case when sensors.id is null then devices.client end),
  ('network', presence.network),
  ('region', case when devices.latitude is null then nullif(trim(substring(devices.address from '[^,]*$')), '') end))
  as trait(attribute, value)`;

/** By attribute and value: how many of the houses have it, from 0 to 1. */
export type Baseline = ReadonlyMap<string, number>;

export const traitKey = ({ attribute, value }: Pick<IncidentTrait, 'attribute' | 'value'>): string =>
  `${attribute} ${value}`;

/** How common each trait is among the accepted houses of a tenant, and among its sensors of a kind; of many, a sample. */
export async function readBaseline(database: Database, tenantId: string): Promise<Baseline> {
  const { rows } = await sql<Pick<IncidentTrait, 'attribute' | 'value'> & { share: number }>`
    with houses as materialized (
      select id, inventory, client, latitude, address from devices where tenant_id = ${tenantId} and status = 'accepted' and id <= ${await sampleEnd(database, tenantId)}::uuid),
    gateways as (
      select attribute, value, count(*)::float8 / (select count(*) from houses) as share
      from houses as devices left join presence on presence.device_id = devices.id
        left join sensors on false, lateral ${TRAITS_OF_ALERT}
      where value is not null and value <> '' group by attribute, value),
    things as (
      select model, model || ' ' || firmware as firmware, count(*)::float8 / sum(count(*)) over (partition by kind) as share
      from sensors where tenant_id = ${tenantId} and removed_at is null group by kind, model, firmware)
    select attribute, value, max(share) as share from (
      select attribute, value, share from gateways
      union all select 'model', model, sum(share) from things where model <> '' group by model
      union all select 'firmware', firmware, share from things) as every
    group by attribute, value`.execute(database);
  return new Map(rows.map((row) => [traitKey(row), row.share]));
}

/** Ids are random, so the houses with the smallest ones are a sample. */
async function sampleEnd(database: Database, tenantId: string): Promise<string> {
  const { rows } = await sql<{ houses: number }>`
    select count(*) as houses from devices where tenant_id = ${tenantId} and status = 'accepted'`.execute(database);
  const share = Math.min(1, INCIDENT_BASELINE_HOUSES / Math.max(1, rows[0]!.houses));
  const start = Math.floor(share * 0xffffffff)
    .toString(16)
    .padStart(8, '0');
  return `${start}-ffff-ffff-ffff-ffffffffffff`;
}
