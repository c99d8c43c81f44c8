/** What the api role tells the rest of the system, once the change is committed. */
import type { DeviceStatus } from '@lovely/api';
import type { Bus } from '../bus/bus.ts';
import { event, revoked, type Event } from '../bus/subjects.ts';
import { publishItems, publishTo } from '../bus/topic.ts';
import type { AuthSetChange } from '../store/auth-sets.ts';
import type { ApiContext } from './context.ts';

/** A device was made, changed (accepted, rejected, placed, named) or deleted. */
export function announceDevice(
  bus: Bus,
  tenantId: string,
  device: string,
  change: Event<'device'>['change'],
  status: DeviceStatus,
): void {
  publishItems(bus, event(tenantId, 'device'), [{ device, change, status }]);
}

/** The same for many at once. */
export function announceDevices(
  bus: Bus,
  tenantId: string,
  deviceIds: readonly string[],
  change: Event<'device'>['change'],
  status: DeviceStatus,
): void {
  publishItems(
    bus,
    event(tenantId, 'device'),
    deviceIds.map((device) => ({ device, change, status })),
  );
}

/** Keys of a device changed: what was revoked must reach open sockets everywhere within the second. */
export function announceAuthSets(context: ApiContext, tenantId: string, change: AuthSetChange): void {
  announceRevoked(context, change.deviceId, change.revoked);
  announceDevice(context.bus, tenantId, change.deviceId, 'updated', change.status);
}

export function announceRevoked(context: ApiContext, device: string, authSetIds: readonly string[]): void {
  if (authSetIds.length === 0) return;
  const revokedAtMs = Date.now();
  context.revocations.add(authSetIds.map((authSetId) => ({ authSetId, revokedAtMs })));
  publishTo(context.bus, revoked, { device, authSetIds: [...authSetIds], revokedAtMs });
}

/** Devices came into a static group or left it. */
export function announceGroup(bus: Bus, tenantId: string, group: string, devices: readonly string[]): void {
  if (devices.length > 0) publishItems(bus, event(tenantId, 'group'), [{ group, devices: [...devices] }]);
}
