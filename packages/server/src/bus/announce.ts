/** Tells the rest of the system what a committed transaction changed. */
import type { Bus } from './bus.ts';
import { event, type Event, type EventKind } from './subjects.ts';
import { publishItems } from './topic.ts';

interface OfTenant {
  readonly tenantId: string;
}

interface AlertsAndHealth {
  readonly alerts: readonly (OfTenant & {
    readonly deviceId: string;
    readonly alertId: string;
    readonly change: Event<'alert'>['change'];
  })[];
  readonly health: readonly (OfTenant & { readonly deviceId: string; readonly health: Event<'health'>['health'] })[];
}

export function announceAlerts(bus: Bus, { alerts, health }: AlertsAndHealth): void {
  const ts = Date.now();
  tell(bus, 'health', health, ({ deviceId, health: now }) => ({ device: deviceId, health: now, ts }));
  tell(bus, 'alert', alerts, ({ deviceId, alertId, change }) => ({ device: deviceId, alert: alertId, change, ts }));
}

interface IncidentChange extends OfTenant {
  readonly incidentId: string;
  /** Null when all of its houses are gone: there is nobody to tell. */
  readonly deviceId: string | null;
  readonly change: Event<'incident'>['change'];
}

export function announceIncidents(bus: Bus, incidents: readonly IncidentChange[]): void {
  const ts = Date.now();
  const told = incidents.flatMap(({ deviceId, ...rest }) => (deviceId === null ? [] : [{ ...rest, deviceId }]));
  tell(bus, 'incident', told, ({ deviceId, incidentId, change }) => ({
    device: deviceId,
    incident: incidentId,
    change,
    ts,
  }));
}

interface PresenceChange extends OfTenant {
  readonly deviceId: string;
  readonly connected: boolean;
  readonly ts: Date;
  readonly reason: Event<'presence'>['reason'] | null;
}

export function announcePresence(bus: Bus, presence: readonly PresenceChange[]): void {
  tell(bus, 'presence', presence, ({ deviceId, connected, ts, reason }) => ({
    device: deviceId,
    connected,
    ts: ts.getTime(),
    ...(reason ? { reason } : {}),
  }));
}

interface DeploymentChange extends OfTenant {
  readonly deploymentId: string;
  /** Null: there is no house that could be told of. */
  readonly deviceId: string | null;
}

export function announceDeployments(bus: Bus, deployments: readonly DeploymentChange[]): void {
  const ts = Date.now();
  const told = deployments.flatMap(({ deviceId, ...rest }) => (deviceId === null ? [] : [{ ...rest, deviceId }]));
  tell(bus, 'deployment', told, ({ deviceId, deploymentId }) => ({ device: deviceId, deployment: deploymentId, ts }));
}

export function announceSoftware(bus: Bus, devices: readonly (OfTenant & { readonly deviceId: string })[]): void {
  const ts = Date.now();
  tell(bus, 'software', devices, ({ deviceId }) => ({ device: deviceId, ts }));
}

function tell<T extends OfTenant, K extends EventKind>(
  bus: Bus,
  kind: K,
  items: readonly T[],
  toEvent: (item: T) => Event<K>,
): void {
  for (const [tenant, changes] of Map.groupBy(items, (item) => item.tenantId))
    publishItems(bus, event(tenant, kind), changes.map(toEvent));
}
