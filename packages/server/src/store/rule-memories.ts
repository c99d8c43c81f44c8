/** What workers go by when they evaluate rules: last values, what they remember, and what is to be forgotten. */
import { sql } from 'kysely';
import { keyOf, type DeviceRule, type Facts, type Reading, type RuleState, type SourceFacts } from '@lovely/protocol';
import type { Rule } from '../domain/rule.ts';
import { clearAlerts } from './alert-openings.ts';
import type { AlertOutcome } from './alerts.ts';
import { lockDevices, refreshHealth } from './health.ts';
import { inTarget } from './rule-targets.ts';
import type { Scalar } from './schema.ts';
import type { Database, Store } from './store.ts';

/** Of one rule on one device, by the alerts' source. */
export interface RuleMemory {
  readonly open: readonly string[];
  readonly subjects: { readonly [source: string]: SubjectMemory };
}
type SubjectMemory = RuleState['memories'] extends ReadonlyMap<string, infer M> ? M : never;

export const NO_MEMORY: RuleMemory = { open: [], subjects: {} };

export function stateOf(key: string, { open, subjects }: RuleMemory): RuleState {
  const named = (source: string): string => keyOf({ rule: key, source });
  return {
    open: new Map(open.map((source) => [named(source), { rule: key, source }])),
    memories: new Map(Object.entries(subjects).map(([source, memory]) => [named(source), memory])),
  };
}

/** What must be remembered; undefined where the next evaluation would find the same without. */
export function memoryOf({ key, watch }: DeviceRule, { open, memories }: RuleState): RuleMemory | undefined {
  const prefix = keyOf({ rule: key, source: '' });
  const subjects = Object.fromEntries(
    [...memories]
      .filter(([, memory]) => isWorthKeeping(watch, memory))
      .map(([name, memory]) => [name.slice(prefix.length), memory]),
  );
  const names = [...open.values()].map(({ source }) => source);
  return names.length === 0 && Object.keys(subjects).length === 0 ? undefined : { open: names, subjects };
}

/** When a value was told is known from the value itself; since when none has come is not. */
function isWorthKeeping({ kind }: DeviceRule['watch'], { sinceMs, lastMs, samples }: SubjectMemory): boolean {
  return sinceMs !== undefined || samples !== undefined || (kind === 'absence' && lastMs === undefined);
}

export interface DeviceFacts {
  readonly deviceId: string;
  /** Whether a connection was there once and is no more. */
  readonly isAway: boolean;
  readonly facts: Facts;
}

/** What these devices told last, and their sensors where the rule looks at sensors. */
export async function readFacts(
  database: Database,
  tenantId: string,
  of: DeviceRule['of'],
  deviceIds: readonly string[],
): Promise<DeviceFacts[]> {
  const ids = [...deviceIds];
  const isOfGateway = of.kind === 'gateway';
  const { rows: values } = await sql<{
    deviceId: string;
    source: string;
    values: { readonly [metric: string]: readonly [value: Scalar, tsMs: number] };
  }>`select device_id as "deviceId", source, values from status_values
    where tenant_id = ${tenantId} and device_id = any(${ids}::uuid[])
      and ${isOfGateway ? sql`source = ''` : sql`true`}`.execute(database);
  const { rows: sensors } = await sql<{ deviceId: string; id: string; kind: string; model: string; name: string }>`
    select device_id as "deviceId", id, kind, model, name from sensors
    where tenant_id = ${tenantId} and device_id = any(${ids}::uuid[]) and removed_at is null
      and ${isOfGateway ? sql`false` : sql`true`}`.execute(database);
  const { rows: away } = await sql<{ deviceId: string }>`
    select device_id as "deviceId" from presence where device_id = any(${ids}::uuid[]) and not connected`.execute(
    database,
  );
  const told = new Map(values.map((row) => [`${row.deviceId} ${row.source}`, row.values]));
  const sensorsOf = Map.groupBy(sensors, (row) => row.deviceId);
  const isAway = new Set(away.map((row) => row.deviceId));
  return ids.map((deviceId) => {
    const sources = [GATEWAY, ...(sensorsOf.get(deviceId) ?? [])].map(
      ({ id, kind, model, name }): [string, SourceFacts] => [
        id,
        { kind, model, name, readings: readingsOf(told.get(`${deviceId} ${id}`) ?? {}) },
      ],
    );
    return {
      deviceId,
      isAway: isAway.has(deviceId),
      facts: { sources: new Map(sources), targets: new Map(), events: [] },
    };
  });
}

const GATEWAY = { id: '', kind: '', model: '', name: '' };

function readingsOf(values: {
  readonly [metric: string]: readonly [value: Scalar, tsMs: number];
}): Map<string, Reading> {
  return new Map(Object.entries(values).map(([metric, [value, atMs]]) => [metric, { value, atMs, changes: 0 }]));
}

/** Whether this worker may evaluate the rules of the tenant until the transaction ends: one at a time does. */
export async function takeTurn(transaction: Database, tenantId: string): Promise<boolean> {
  const { rows } = await sql<{ isMine: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`rule watch ${tenantId}`}, 0)) as "isMine"`.execute(
    transaction,
  );
  return rows[0]!.isMine;
}

export async function readMemories(
  database: Database,
  tenantId: string,
  key: string,
  deviceIds: readonly string[],
): Promise<Map<string, RuleMemory>> {
  const { rows } = await sql<{ deviceId: string; memory: RuleMemory }>`
    select device_id as "deviceId", memory from rule_memories
    where tenant_id = ${tenantId} and key = ${key} and device_id = any(${[...deviceIds]}::uuid[])`.execute(database);
  return new Map(rows.map((row) => [row.deviceId, row.memory]));
}

/** Remembers these, and forgets those that are undefined; what is of a rule or device that is gone is passed over. */
export async function saveMemories(
  database: Database,
  tenantId: string,
  key: string,
  memories: ReadonlyMap<string, RuleMemory | undefined>,
): Promise<void> {
  const kept = [...memories].filter(([, memory]) => memory !== undefined);
  const forgotten = [...memories].filter(([, memory]) => memory === undefined).map(([id]) => id);
  if (forgotten.length > 0)
    await sql`delete from rule_memories
      where tenant_id = ${tenantId} and key = ${key} and device_id = any(${forgotten}::uuid[])`.execute(database);
  if (kept.length > 0)
    await sql`insert into rule_memories (tenant_id, key, device_id, memory)
      select ${tenantId}::uuid, rules.key, devices.id, new.memory
      from unnest(${kept.map(([id]) => id)}::uuid[], ${kept.map(([, memory]) => JSON.stringify(memory))}::jsonb[]) as new(id, memory)
      join devices on devices.id = new.id join rules on rules.tenant_id = ${tenantId} and rules.key = ${key}
      order by devices.id for key share of devices, rules
      on conflict (tenant_id, key, device_id) do update set memory = excluded.memory`.execute(database);
}

/** What is open of a rule on a device that it looks at no more. */
export interface StrayAlerts {
  readonly tenantId: string;
  readonly key: string;
  readonly deviceId: string;
  readonly sources: readonly string[];
}

/** Forgets, and returns, what is remembered of rules that workers evaluate no more. */
export async function takeStrays(database: Database, limit: number): Promise<StrayAlerts[]> {
  return await take(
    database,
    sql`select rule_memories.tenant_id, rule_memories.key, rule_memories.device_id
      from rule_memories join rules using (tenant_id, key)
      where not rules.enabled or rules.evaluated_by <> 'server' limit ${limit}`,
  );
}

/** The same for devices that are not among those that the rule is for. */
export async function takeOutsiders(
  database: Database,
  tenantId: string,
  { key, target }: Pick<Rule, 'key' | 'target'>,
  limit: number,
): Promise<StrayAlerts[]> {
  return await take(
    database,
    sql`select rule_memories.tenant_id, rule_memories.key, rule_memories.device_id
      from rule_memories join devices on devices.id = rule_memories.device_id
      where rule_memories.tenant_id = ${tenantId} and rule_memories.key = ${key}
        and not (devices.status = 'accepted' and ${await inTarget(database, tenantId, target)}) limit ${limit}`,
  );
}

async function take(database: Database, which: ReturnType<typeof sql>): Promise<StrayAlerts[]> {
  const { rows } = await sql<Omit<StrayAlerts, 'sources'> & { memory: RuleMemory }>`
    delete from rule_memories where (tenant_id, key, device_id) in (${which})
    returning tenant_id as "tenantId", key, device_id as "deviceId", memory`.execute(database);
  return rows.map(({ memory, ...row }) => ({ ...row, sources: memory.open }));
}

/** Closes some open alerts of rules that people deleted, and forgets those deletions that every house has heard of. */
export async function closeDeletedRules(store: Store, keepMs: number, limit: number): Promise<AlertOutcome> {
  return await store.database.transaction().execute(async (transaction) => {
    await sql`delete from deleted_rules where deleted_at < now() - make_interval(secs => ${keepMs / 1000})`.execute(
      transaction,
    );
    const { rows } = await sql<{ deviceId: string; source: string; rule: string }>`
      select alerts.device_id as "deviceId", alerts.source, alerts.rule
      from deleted_rules join alerts on alerts.tenant_id = deleted_rules.tenant_id and alerts.rule = deleted_rules.key
      where alerts.closed_at is null limit ${limit}`.execute(transaction);
    const devices = await lockDevices(
      transaction,
      rows.map((row) => row.deviceId),
    );
    const clears = rows.map((row) => ({
      ...row,
      ts: new Date(),
      by: 'server' as const,
      reason: 'The rule was deleted.',
    }));
    return {
      alerts: await clearAlerts(transaction, clears),
      health: await refreshHealth(transaction, [...devices.keys()]),
    };
  });
}
