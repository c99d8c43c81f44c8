/** The devices of a scope as the maps want them: where each house is and how it fares. */
import { sql } from 'kysely';
import type { Health } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

export interface MapHouse {
  readonly id: string;
  readonly health: Health;
  /** Null for a device that isn't accepted or has no place: it is on no map. */
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** Every device of the scope; those without a place are left out of the scope of all, which needs no list of its own. */
export async function listMapHouses(database: Database, tenantId: string, scope: DeviceScope): Promise<MapHouse[]> {
  const isPlaced = scope.kind === 'all' ? sql`status = 'accepted' and latitude is not null` : sql`true`;
  const { rows } =
    await sql<MapHouse>`${SELECT} where tenant_id = ${tenantId} and ${isPlaced} and ${withinScope(scope)}`.execute(
      database,
    );
  return rows;
}

/** Those of these devices that are in the scope. */
export async function findMapHouses(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  ids: readonly string[],
): Promise<MapHouse[]> {
  const { rows } = await sql<MapHouse>`${SELECT}
    where tenant_id = ${tenantId} and id = any(${[...ids]}::uuid[]) and ${withinScope(scope)}`.execute(database);
  return rows;
}

const SELECT = sql`select id, health,
  case when status = 'accepted' then latitude end as latitude,
  case when status = 'accepted' then longitude end as longitude
  from devices`;
