/** Tells the rest of the system what a committed transaction changed. */
import type { Bus } from '../bus/bus.ts';
import { event, type Event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import type { AlertOutcome } from '../store/alerts.ts';
import type { PresenceOutcome } from '../store/presence.ts';

export function announceAlerts(bus: Bus, { alerts, health }: AlertOutcome): void {
  const ts = Date.now();
  for (const [tenant, changes] of byTenant(health))
    publishItems(
      bus,
      event(tenant, 'health'),
      changes.map(({ deviceId, health }): Event<'health'> => ({ device: deviceId, health, ts })),
    );
  for (const [tenant, changes] of byTenant(alerts))
    publishItems(
      bus,
      event(tenant, 'alert'),
      changes.map(({ deviceId, alertId, change }): Event<'alert'> => ({
        device: deviceId,
        alert: alertId,
        change,
        ts,
      })),
    );
}

export function announcePresence(bus: Bus, presence: PresenceOutcome['presence']): void {
  for (const [tenant, changes] of byTenant(presence))
    publishItems(
      bus,
      event(tenant, 'presence'),
      changes.map(({ deviceId, connected, ts, reason }): Event<'presence'> => ({
        device: deviceId,
        connected,
        ts: ts.getTime(),
        ...(reason ? { reason } : {}),
      })),
    );
}

function byTenant<T extends { readonly tenantId: string }>(items: readonly T[]): Map<string, T[]> {
  return Map.groupBy(items, (item) => item.tenantId);
}
