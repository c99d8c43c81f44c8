/** What happened to each alert, in order: written with the change itself, read as the alert's timeline. */
import { sql } from 'kysely';
import type { AlertEvent, AlertEventKind } from '@lovely/api';
import { ALERT_EVENTS_MAX } from '../limits.ts';
import type { Database } from './store.ts';

export interface AlertEventEntry {
  readonly tenantId: string;
  readonly alertId: string;
  readonly kind: AlertEventKind;
  /** Now, unless it was before. */
  readonly at?: Date;
  /** The person who did it; missing for what a gateway or the server did. */
  readonly by?: { readonly id: string; readonly name: string };
  /** In words; a comment, a reason. */
  readonly text?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Adds an entry to the timeline of an alert, in the transaction that makes the change. An alert that is gone gets none.
 * The oldest entries of a long story go; comments stay.
 */
export async function recordAlertEvent(transaction: Database, entry: AlertEventEntry): Promise<void> {
  await recordAlertEvents(transaction, [entry]);
}

/** The same for many alerts at once. */
export async function recordAlertEvents(transaction: Database, entries: readonly AlertEventEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await appendAlertEvents(transaction, entries);
  await forgetOldEvents(transaction, [...new Set(entries.map(({ alertId }) => alertId))]);
}

/** The same for what an alert has once only, or with each reopening: nothing old needs to be looked for. */
export async function appendAlertEvents(transaction: Database, entries: readonly AlertEventEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into alert_events (tenant_id, alert_id, at, kind, actor_id, actor_name, text, details)
    select new.tenant_id, new.alert_id, coalesce(new.at, now()), new.kind, new.actor_id, new.actor_name, new.text, new.details
    from unnest(${entries.map(({ tenantId }) => tenantId)}::uuid[], ${entries.map(({ alertId }) => alertId)}::uuid[],
      ${entries.map(({ at }) => at ?? null)}::timestamptz[], ${entries.map(({ kind }) => kind)}::text[],
      ${entries.map(({ by }) => by?.id ?? null)}::uuid[], ${entries.map(({ by }) => by?.name ?? null)}::text[],
      ${entries.map(({ text }) => text ?? '')}::text[], ${entries.map(({ details }) => JSON.stringify(details ?? {}))}::jsonb[])
      with ordinality as new(tenant_id, alert_id, at, kind, actor_id, actor_name, text, details, nth)
    join alerts on alerts.id = new.alert_id
    order by new.nth`.execute(transaction);
}

/** Each alert keeps its newest entries, and comments; who may write comments is limited elsewhere (alert-changes.ts). */
async function forgetOldEvents(transaction: Database, alertIds: readonly string[]): Promise<void> {
  await sql`
    delete from alert_events using unnest(${[...alertIds]}::uuid[]) as long(alert_id),
      lateral (select id from alert_events as newer where newer.alert_id = long.alert_id
        order by newer.id desc offset ${ALERT_EVENTS_MAX} limit 1) as last
    where alert_events.alert_id = long.alert_id and alert_events.id <= last.id and alert_events.kind <> 'comment'`.execute(
    transaction,
  );
}

/** The timeline of an alert, oldest first. */
export async function listAlertEvents(database: Database, tenantId: string, alertId: string): Promise<AlertEvent[]> {
  const rows = await database
    .selectFrom('alert_events')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('alert_id', '=', alertId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: String(row.id),
    at: row.at.toISOString(),
    kind: row.kind,
    by: row.actor_id === null ? null : { id: row.actor_id, name: row.actor_name ?? '' },
    text: row.text,
    details: row.details,
  }));
}
