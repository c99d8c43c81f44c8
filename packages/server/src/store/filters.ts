/** Saved filters before they are saved: whether PostgreSQL takes them, what passes, and what they can ask for. */
import { sql } from 'kysely';
import type { Device, DeviceFilter } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import {
  ATTRIBUTE_SAMPLE_DEVICES,
  FILTER_ATTRIBUTE_VALUES_MAX,
  FILTER_ATTRIBUTES_MAX,
  FILTER_SAMPLE_DEVICES,
  FILTER_TIMEOUT_MS,
  FILTER_TRIAL_DEVICES,
} from '../limits.ts';
import { compileFilter, withinScope } from './device-filter.ts';
import { listDevices } from './devices.ts';
import { isBadRegex, isTimeout } from './errors.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/** Tries a filter on some devices. Throws 'bad-input' for one that can't be saved. */
export async function tryFilter(database: Database, tenantId: string, filter: DeviceFilter): Promise<void> {
  await trying(database, filter, async (transaction) => {
    await sql`select count(*) filter (where ${compileFilter(filter)})
      from (select * from devices where tenant_id = ${tenantId} limit ${FILTER_TRIAL_DEVICES}) as devices`.execute(
      transaction,
    );
  });
}

/** How many devices of the scope pass, and the newest of them. Throws 'bad-input'. */
export async function previewFilter(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  filter: DeviceFilter,
): Promise<{ devices: number; sample: Device[] }> {
  return await trying(database, filter, async (transaction) => {
    const { rows } = await sql<{ devices: number }>`
      select count(*) as devices from devices
      where tenant_id = ${tenantId} and ${withinScope(scope)} and ${compileFilter(filter)}`.execute(transaction);
    const { devices } = rows[0]!;
    if (devices === 0) return { devices, sample: [] };
    const { items } = await listDevices(transaction, tenantId, scope, {
      group: { id: '', kind: 'dynamic', filter },
      limit: FILTER_SAMPLE_DEVICES,
    });
    return { devices, sample: items };
  });
}

/** Runs queries with a filter that may be anything, within FILTER_TIMEOUT_MS each. */
async function trying<T>(
  database: Database,
  filter: DeviceFilter,
  work: (transaction: Database) => Promise<T>,
): Promise<T> {
  // Such a group would change with names of others, and might contain itself.
  if (filter.all.some(({ scope, attribute }) => scope === 'system' && attribute === 'group'))
    throw new LovelyError('bad-input', 'A group is not made of groups.', { pointer: '/filter' });
  return await inTransaction(database, async (transaction) => {
    const usual = await limitStatements(transaction, `${FILTER_TIMEOUT_MS}ms`);
    try {
      // On no device at all, a regular expression would not be looked at.
      for (const { type, value } of filter.all)
        if (type === '$regex') await sql`select '' ~ ${String(value)}`.execute(transaction);
      const result = await work(transaction);
      await limitStatements(transaction, usual);
      return result;
    } catch (cause) {
      if (isBadRegex(cause))
        throw new LovelyError('bad-input', `Not a regular expression: ${(cause as Error).message}`, {
          cause,
          pointer: '/filter',
        });
      if (isTimeout(cause))
        throw new LovelyError('bad-input', 'This filter takes too long: ask for fewer or simpler things.', {
          cause,
          pointer: '/filter',
        });
      throw cause;
    }
  });
}

/** Sets how long a statement of the transaction may take, and returns what it was. */
async function limitStatements(transaction: Database, timeout: string): Promise<string> {
  const { rows } = await sql<{ usual: string }>`
    with before as materialized (select current_setting('statement_timeout') as usual)
    select usual, set_config('statement_timeout', ${timeout}, true) from before`.execute(transaction);
  return rows[0]!.usual;
}

export interface FilterAttribute {
  readonly scope: 'identity' | 'inventory' | 'system' | 'tags';
  readonly attribute: string;
  readonly devices: number;
  readonly values: string[];
}

/** The attributes of the newest devices of the scope, the most common first: bounded, however many devices there are. */
export async function listFilterAttributes(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
): Promise<FilterAttribute[]> {
  const { rows } = await sql<FilterAttribute>`
    with newest as materialized (
      select id, name, address, status, health, identity, inventory, tags from devices
      where tenant_id = ${tenantId} and ${withinScope(scope)}
      order by created_at desc, id desc limit ${ATTRIBUTE_SAMPLE_DEVICES}),
    occurring(device, scope, attribute, value) as (
      select id, 'identity', key, value from newest, jsonb_each(identity)
      union all select id, 'identity', 'status', to_jsonb(status) from newest
      union all select id, 'inventory', key, value from newest, jsonb_each(inventory)
      union all select id, 'tags', tag, to_jsonb(tag) from newest, unnest(tags) as tag
      union all select id, 'system', 'health', to_jsonb(health) from newest
      union all select id, 'system', 'name', to_jsonb(name) from newest
      union all select id, 'system', 'address', to_jsonb(address) from newest where address <> ''),
    texts as (
      select device, scope, attribute, case jsonb_typeof(value) when 'array' then value ->> 0 else value #>> '{}' end as value
      from occurring where length(attribute) between 1 and 200),
    counted as (
      select scope, attribute, value, count(*) as times,
        row_number() over (partition by scope, attribute order by count(*) desc, value) as place
      from texts group by 1, 2, 3)
    select scope, attribute, sum(times)::bigint as devices,
      coalesce(array_agg(value order by place) filter (
        where place <= ${FILTER_ATTRIBUTE_VALUES_MAX} and length(value) between 1 and 200), '{}') as values
    from counted group by 1, 2 order by devices desc, scope, attribute limit ${FILTER_ATTRIBUTES_MAX}`.execute(
    database,
  );
  return rows;
}
