/** The last values of many devices, a page at a time. */
import { sql } from 'kysely';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { inGroup, withinScope } from './device-filter.ts';
import type { Scalar } from './schema.ts';
import type { Database } from './store.ts';

export interface LastValues {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly sources: readonly {
    readonly source: string;
    readonly newestMs: number;
    readonly values: { readonly [metric: string]: [value: Scalar, tsMs: number] };
  }[];
}

/** Accepted devices of the scope, by id, each with what its gateway and sensors told last. */
export async function listLastValues(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { group, after, limit }: { group: DeviceGroup | undefined; after: string | undefined; limit: number },
): Promise<LastValues[]> {
  const { rows } = await sql<LastValues>`
    select page.id, page.name, coalesce(presence.connected, false) as connected, coalesce(told.sources, '[]') as sources
    from (
      select id, name from devices
      where tenant_id = ${tenantId} and status = 'accepted' and ${withinScope(scope)}
        and ${group ? inGroup(group) : sql`true`} and ${after === undefined ? sql`true` : sql`id > ${after}`}
      order by id limit ${limit}) as page
    left join presence on presence.device_id = page.id
    cross join lateral (
      select jsonb_agg(jsonb_build_object('source', source, 'newestMs', newest_ms, 'values', values) order by source) as sources
      from status_values where device_id = page.id) as told
    order by page.id`.execute(database);
  return rows;
}
