import { expect, test } from 'bun:test';
import { deviceState, type DeviceStateInput } from './state.ts';

const device = (part: Partial<DeviceStateInput>): DeviceStateInput => ({
  status: 'accepted',
  health: 'ok',
  connected: true,
  connectionChangedAt: '2026-11-22T12:00:00Z',
  ...part,
});

test('a device is called by its worst news', () => {
  const labels = [
    device({}),
    device({ health: 'warning' }),
    device({ health: 'critical' }),
    device({ connected: false }),
    device({ connected: false, health: 'offline' }),
    device({ connected: false, health: 'unknown', connectionChangedAt: null }),
    device({ status: 'pending', connected: false }),
    device({ status: 'rejected', health: 'critical' }),
  ].map((input) => deviceState(input).label);
  expect(labels).toEqual([
    'Healthy',
    'Warning',
    'Critical',
    'Disconnected',
    'Offline',
    'Never connected',
    'Pending',
    'Rejected',
  ]);
});

test('no two states of one colour share an icon', () => {
  const critical = deviceState(device({ health: 'critical' }));
  const offline = deviceState(device({ health: 'offline', connected: false }));
  expect(critical.tone).toBe(offline.tone);
  expect(critical.icon).not.toBe(offline.icon);
});
