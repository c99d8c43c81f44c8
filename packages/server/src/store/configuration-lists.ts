/** Houses by how they stand to what they should be set to. */
import { sql } from 'kysely';
import type {
  ConfigurationCounts,
  ConfigurationState,
  listConfigurations as listContract,
  Query,
  Result,
} from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { inGroup, withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

type Item = Result<typeof listContract>['items'][number];
type State = Query<typeof listContract>['state'];

const BEHIND: readonly ConfigurationState[] = ['waiting', 'confirming', 'reverted', 'failed', 'differs'];

/** Accepted houses of the scope, and of the group if there is one, that were desired longest ago first. */
export async function listConfigurations(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  group: DeviceGroup | undefined,
  { state, cursor, limit }: { state?: State; cursor?: string | undefined; limit: number },
): Promise<Page<Item>> {
  const states = state === undefined ? [...BEHIND, 'current'] : state === 'behind' ? BEHIND : [state];
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const { rows } = await sql<
    Omit<Item, 'desiredAt' | 'reportedAt'> & { at: string; desiredAt: Date; reportedAt: Date | null }
  >`
    select devices.id as "deviceId", devices.name as "deviceName", coalesce(presence.connected, false) as connected,
      configurations.state, configurations.version as "desiredVersion", configurations.reported_version as "reportedVersion",
      configurations.desired_at as "desiredAt", configurations.reported_at as "reportedAt", configurations.desired_at::text as at
    from configurations join devices on devices.id = configurations.device_id
    left join presence on presence.device_id = devices.id
    where configurations.tenant_id = ${tenantId} and configurations.state = any(${states}::text[])
      and configurations.desired_at is not null and devices.status = 'accepted' and ${withinScope(scope)}
      and ${group ? inGroup(group) : sql`true`}
      and ${after ? sql`(configurations.desired_at, devices.id) > (${after.at}::timestamptz, ${after.id}::uuid)` : sql`true`}
    order by configurations.desired_at, devices.id limit ${limit + 1}`.execute(database);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ deviceId, deviceName, connected, state: each, desiredVersion, reportedVersion, ...item }) => ({
      deviceId,
      deviceName,
      connected,
      state: each,
      desiredVersion,
      reportedVersion,
      desiredAt: item.desiredAt.toISOString(),
      reportedAt: item.reportedAt?.toISOString() ?? null,
    })),
    next: rows.length > limit && last ? encodeCursor(last.at, last.deviceId) : null,
  };
}

/** How many accepted houses of the scope, and of the group if there is one, are in each state. */
export async function countStates(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  group: DeviceGroup | undefined,
): Promise<ConfigurationCounts> {
  const { rows } = await sql<{ state: keyof ConfigurationCounts; houses: number }>`
    select configurations.state, count(*)::int as houses
    from configurations join devices on devices.id = configurations.device_id
    where configurations.tenant_id = ${tenantId} and configurations.state <> 'none' and devices.status = 'accepted'
      and ${withinScope(scope)} and ${group ? inGroup(group) : sql`true`}
    group by 1`.execute(database);
  const counts = { current: 0, waiting: 0, confirming: 0, reverted: 0, failed: 0, differs: 0 };
  for (const { state, houses } of rows) counts[state] = houses;
  return counts;
}
