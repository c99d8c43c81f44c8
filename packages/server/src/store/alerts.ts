/** Alerts: exactly one open one for each (device, source, rule), and the device's health with it. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Alert, Severity } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { fillTemplate } from '../domain/rule.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { withinScope } from './device-filter.ts';
import { lockDevices, refreshHealth, type HealthChange } from './health.ts';
import type { Scalar } from './schema.ts';
import type { Database, Store } from './store.ts';

/** One raise or clear. `messageId` is missing for what the server itself found out. */
export type AlertEvent = {
  readonly deviceId: string;
  readonly messageId?: number;
  readonly ts: Date;
  readonly source: string;
  readonly rule: string;
} & (
  | {
      readonly kind: 'raise';
      readonly severity: Severity;
      readonly description: string;
      readonly values: Readonly<Record<string, Scalar>>;
      /** How often it happened; once where nothing is said. */
      readonly count?: number;
    }
  | { readonly kind: 'clear' }
);

export interface AlertChange {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly alertId: string;
  readonly change: 'opened' | 'closed';
}

export interface AlertOutcome {
  readonly alerts: AlertChange[];
  readonly health: HealthChange[];
}

/** Stores a batch in one transaction. Events that were stored before and events of unknown devices change nothing. */
export async function applyAlertEvents(store: Store, events: readonly AlertEvent[]): Promise<AlertOutcome> {
  return await store.database.transaction().execute(async (transaction) => {
    const tenants = await lockDevices(
      transaction,
      events.map((event) => event.deviceId),
    );
    const fresh = await keepFresh(
      transaction,
      tenants,
      events.filter((event) => tenants.has(event.deviceId)),
    );
    const alerts: AlertChange[] = [];
    for (const wave of waves(fresh)) alerts.push(...(await applyWave(transaction, tenants, wave)));
    return { alerts, health: await refreshHealth(transaction, [...tenants.keys()]) };
  });
}

/** Remembers the message ids and drops the events whose id was there already. */
async function keepFresh(
  database: Database,
  tenants: ReadonlyMap<string, string>,
  events: readonly AlertEvent[],
): Promise<AlertEvent[]> {
  const sent = events.filter((event) => event.messageId !== undefined);
  if (sent.length === 0) return [...events];
  const { rows } = await sql<{ deviceId: string; messageId: number }>`
    insert into alert_messages (device_id, message_id, tenant_id)
    select * from unnest(${sent.map((event) => event.deviceId)}::uuid[], ${sent.map((event) => event.messageId)}::bigint[],
      ${sent.map((event) => tenants.get(event.deviceId))}::uuid[])
    on conflict do nothing
    returning device_id as "deviceId", message_id as "messageId"`.execute(database);
  const stored = new Set(rows.map((row) => `${row.deviceId} ${row.messageId}`));
  // A message that stands twice in one batch is kept once: taking it out of the set drops the second.
  return events.filter(
    (event) => event.messageId === undefined || stored.delete(`${event.deviceId} ${event.messageId}`),
  );
}

interface FoldedEvent {
  readonly event: AlertEvent;
  count: number;
}

/**
 * Orders a batch into waves in which each (device, source, rule) occurs once, so that a wave is one statement of each
 * kind. Repeats in a row are folded into one with a count: ten thousand equal raises are one wave.
 */
export function waves(events: readonly AlertEvent[]): FoldedEvent[][] {
  const result: FoldedEvent[][] = [];
  const last = new Map<string, { wave: number; folded: FoldedEvent }>();
  for (const event of events) {
    const key = `${event.deviceId} ${event.rule} ${event.source}`;
    const before = last.get(key);
    if (before && before.folded.event.kind === event.kind) {
      before.folded.count += countOf(event);
      continue;
    }
    const wave = before ? before.wave + 1 : 0;
    const folded = { event, count: countOf(event) };
    (result[wave] ??= []).push(folded);
    last.set(key, { wave, folded });
  }
  return result;
}

function countOf(event: AlertEvent): number {
  return event.kind === 'raise' ? (event.count ?? 1) : 1;
}

async function applyWave(
  database: Database,
  tenants: ReadonlyMap<string, string>,
  wave: readonly FoldedEvent[],
): Promise<AlertChange[]> {
  const raises = wave.flatMap(({ event, count }) => (event.kind === 'raise' ? [{ ...event, count }] : []));
  const clears = wave.flatMap(({ event }) => (event.kind === 'clear' ? [event] : []));
  const changes: AlertChange[] = [];
  if (raises.length > 0) {
    const { rows } = await sql<{ tenantId: string; deviceId: string; alertId: string; opened: boolean }>`
      insert into alerts (id, tenant_id, device_id, source, rule, severity, description, values, opened_at, count)
      select * from unnest(
        ${raises.map(() => randomUUID())}::uuid[], ${raises.map((raise) => tenants.get(raise.deviceId))}::uuid[],
        ${raises.map((raise) => raise.deviceId)}::uuid[], ${raises.map((raise) => raise.source)}::text[],
        ${raises.map((raise) => raise.rule)}::text[], ${raises.map((raise) => raise.severity)}::text[],
        ${raises.map((raise) => raise.description)}::text[], ${raises.map((raise) => JSON.stringify(raise.values))}::jsonb[],
        ${raises.map((raise) => raise.ts)}::timestamptz[], ${raises.map((raise) => raise.count)}::int[])
      on conflict (device_id, source, rule) where closed_at is null do update
        set count = alerts.count + excluded.count, description = excluded.description, values = excluded.values, severity = excluded.severity
      returning tenant_id as "tenantId", device_id as "deviceId", id as "alertId", xmax = 0 as opened`.execute(
      database,
    );
    for (const { opened, ...row } of rows) if (opened) changes.push({ ...row, change: 'opened' });
  }
  if (clears.length > 0) {
    const { rows } = await sql<Omit<AlertChange, 'change'>>`
      update alerts set closed_at = greatest(cleared.ts, alerts.opened_at)
      from unnest(${clears.map((clear) => clear.deviceId)}::uuid[], ${clears.map((clear) => clear.source)}::text[],
        ${clears.map((clear) => clear.rule)}::text[], ${clears.map((clear) => clear.ts)}::timestamptz[]) as cleared(device_id, source, rule, ts)
      where alerts.device_id = cleared.device_id and alerts.source = cleared.source and alerts.rule = cleared.rule and alerts.closed_at is null
      returning alerts.tenant_id as "tenantId", alerts.device_id as "deviceId", alerts.id as "alertId"`.execute(
      database,
    );
    changes.push(...rows.map((row) => ({ ...row, change: 'closed' as const })));
  }
  return changes;
}

export interface AlertFilter {
  readonly state?: 'open' | 'closed' | undefined;
  readonly deviceId?: string | undefined;
  readonly rule?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A page of alerts, newest first, each with what its rule says about cause and solution. */
export async function listAlerts(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  filter: AlertFilter,
): Promise<Page<Alert>> {
  let query = database
    .selectFrom('alerts')
    .innerJoin('devices', 'devices.id', 'alerts.device_id')
    .leftJoin('rules', (join) =>
      join.onRef('rules.tenant_id', '=', 'alerts.tenant_id').onRef('rules.key', '=', 'alerts.rule'),
    )
    .selectAll('alerts')
    .select([
      'devices.name as deviceName',
      'rules.title',
      'rules.cause',
      'rules.suggestion',
      sql<string>`alerts.opened_at::text`.as('exactOpenedAt'),
    ])
    .where('alerts.tenant_id', '=', tenantId)
    .where(withinScope(scope))
    .orderBy('alerts.opened_at', 'desc')
    .orderBy('alerts.id', 'desc')
    .limit(filter.limit + 1);
  if (filter.state) query = query.where('alerts.closed_at', filter.state === 'open' ? 'is' : 'is not', null);
  if (filter.deviceId) query = query.where('alerts.device_id', '=', filter.deviceId);
  if (filter.rule) query = query.where('alerts.rule', '=', filter.rule);
  if (filter.cursor) {
    const { at, id } = decodeCursor(filter.cursor);
    query = query.where(sql<boolean>`(alerts.opened_at, alerts.id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => ({
      id: row.id,
      deviceId: row.device_id,
      deviceName: row.deviceName,
      source: row.source,
      rule: row.rule,
      severity: row.severity,
      title: row.title ?? row.rule,
      description: row.description,
      cause: row.cause ?? '',
      suggestion: (row.suggestion ?? []).map((step) =>
        fillTemplate(step, { ...row.values, source: row.source, target: row.source }),
      ),
      values: row.values,
      openedAt: row.opened_at.toISOString(),
      closedAt: row.closed_at?.toISOString() ?? null,
      count: row.count,
    })),
    next: rows.length > filter.limit && last ? encodeCursor(last.exactOpenedAt, last.id) : null,
  };
}
