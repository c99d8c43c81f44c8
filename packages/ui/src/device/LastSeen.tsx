import type { Device } from '@lovely/api';
import { RelativeTime } from '../parts/RelativeTime.tsx';

/** When a gateway was last heard of: "now" while it is connected. */
export function LastSeen({ device }: { device: Pick<Device, 'connected' | 'connectionChangedAt'> }) {
  if (device.connected) return 'now';
  if (device.connectionChangedAt === null) return 'never';
  return <RelativeTime time={device.connectionChangedAt} />;
}
