/** A device's state in one word, worst news first. */
import type { Device } from '@lovely/api';
import {
  CircleCheck,
  CircleHelp,
  CircleSlash,
  Clock,
  OctagonAlert,
  TriangleAlert,
  WifiOff,
  type LucideIcon,
} from 'lucide-react';
import type { Tone } from '../parts/Chip.tsx';

export interface DeviceState {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly label: string;
  /** When it began, where its length tells something. */
  readonly since: string | null;
}

export type DeviceStateInput = Pick<Device, 'status' | 'health' | 'connected' | 'connectionChangedAt'>;

export function deviceState(device: DeviceStateInput): DeviceState {
  const { status, health, connected, connectionChangedAt } = device;
  switch (status) {
    case 'pending':
      return { tone: 'pending', icon: Clock, label: 'Pending', since: null };
    case 'preauthorized':
      return { tone: 'pending', icon: Clock, label: 'Pre-authorised', since: null };
    case 'rejected':
      return { tone: 'offline', icon: CircleSlash, label: 'Rejected', since: null };
    case 'noauth':
      return { tone: 'offline', icon: CircleSlash, label: 'No valid key', since: null };
    case 'accepted':
      break;
  }
  if (connectionChangedAt === null) return { tone: 'offline', icon: CircleHelp, label: 'Never connected', since: null };
  if (health === 'offline') return { tone: 'bad', icon: WifiOff, label: 'Offline', since: connectionChangedAt };
  if (!connected) return { tone: 'offline', icon: WifiOff, label: 'Disconnected', since: connectionChangedAt };
  switch (health) {
    case 'critical':
      return { tone: 'bad', icon: OctagonAlert, label: 'Critical', since: null };
    case 'warning':
      return { tone: 'warn', icon: TriangleAlert, label: 'Warning', since: null };
    case 'ok':
    case 'unknown':
      return { tone: 'ok', icon: CircleCheck, label: 'Healthy', since: null };
  }
}
