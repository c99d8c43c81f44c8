/** Alerts: exactly one open one for each (device, source, rule), and the device's health with it. */
import { sql } from 'kysely';
import type { Severity } from '@lovely/api';
import { clearAlerts, raiseAlerts, type AlertChange } from './alert-openings.ts';
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
  const raises = wave.flatMap(({ event, count }) =>
    event.kind === 'raise' ? [{ ...event, count, tenantId: tenants.get(event.deviceId)! }] : [],
  );
  const clears = wave.flatMap(({ event }) =>
    event.kind === 'clear'
      ? [{ ...event, by: event.messageId === undefined ? ('server' as const) : ('device' as const) }]
      : [],
  );
  return [...(await raiseAlerts(database, raises)), ...(await clearAlerts(database, clears))];
}
