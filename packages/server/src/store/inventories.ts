/** Inventories in the terms of Mender's search: conditions, orders and numbered pages (COMPAT section 3.3). */
import { sql } from 'kysely';
import type { DeviceCondition } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { searchWords } from '../domain/search-words.ts';
import { LovelyError } from '../errors.ts';
import { attributeOf, compileFilter, withinScope } from './device-filter.ts';
import { ID } from './cursor.ts';
import { hasWord } from './device-order.ts';
import type { DeviceRecord } from './devices.ts';
import { isBadRegex, isTimeout } from './errors.ts';
import type { Database } from './store.ts';

export interface InventoryQuery {
  readonly scope: DeviceScope;
  readonly conditions: readonly DeviceCondition[];
  /** Each word begins a word of the device. */
  readonly text?: string | undefined;
  /** Ids that are no UUIDs match nothing. */
  readonly ids?: readonly string[] | undefined;
  readonly inStaticGroup?: boolean | undefined;
  readonly sort: readonly {
    readonly scope: DeviceCondition['scope'];
    readonly attribute: string;
    readonly order: 'asc' | 'desc';
  }[];
  readonly page: number;
  readonly perPage: number;
}

/** A device with what people say of it. */
export interface InventoryRecord extends DeviceRecord {
  readonly tags: readonly string[];
  readonly version: number;
  /** The names of the static groups that it is in. */
  readonly groups: readonly string[];
}

/**
 * A page of devices, oldest first unless sorted, and how many there are in all. Filters and orders by attributes read the
 * devices of the tenant; what takes longer than a person's statement may is refused. Throws 'bad-input'.
 */
export async function searchInventories(
  database: Database,
  tenantId: string,
  query: InventoryQuery,
): Promise<{ records: InventoryRecord[]; total: number }> {
  let rows = database.selectFrom('devices').where('devices.tenant_id', '=', tenantId).where(withinScope(query.scope));
  if (query.conditions.length > 0) rows = rows.where(compileFilter({ all: [...query.conditions] }));
  for (const word of searchWords(query.text ?? '')) rows = rows.where(hasWord(tenantId, word));
  if (query.ids) rows = rows.where(sql<boolean>`devices.id = any(${query.ids.filter((id) => ID.test(id))}::uuid[])`);
  if (query.inStaticGroup !== undefined)
    rows = rows.where(
      sql<boolean>`exists (select from group_devices where group_devices.device_id = devices.id) = ${query.inStaticGroup}`,
    );
  let page = rows
    .leftJoin('presence', 'presence.device_id', 'devices.id')
    .select([
      'devices.id',
      'devices.identity',
      'devices.status',
      'devices.inventory',
      'devices.tags',
      'devices.version',
      'devices.inventory_at as inventoryAt',
      'devices.created_at as createdAt',
      'devices.updated_at as updatedAt',
      'presence.changed_at as checkInAt',
    ])
    .select(
      sql<string[]>`array(select groups.name from group_devices join groups on groups.id = group_devices.group_id
        where group_devices.device_id = devices.id order by groups.name)`.as('groups'),
    )
    .limit(query.perPage)
    .offset((query.page - 1) * query.perPage);
  for (const { scope, attribute, order } of query.sort)
    page = page.orderBy(sql`${attributeOf(scope, attribute)} ${sql.raw(order)} nulls last`);
  try {
    const records = await page.orderBy('devices.created_at').orderBy('devices.id').execute();
    const { total } = await rows.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    return { records, total };
  } catch (cause) {
    if (isBadRegex(cause)) throw new LovelyError('bad-input', 'This is not a regular expression.', { cause });
    if (isTimeout(cause)) throw new LovelyError('too-slow', undefined, { cause });
    throw cause;
  }
}
