import type { Sensor } from '@lovely/api';
import { CircleCheck, CircleHelp, OctagonAlert, TriangleAlert, Unplug, WifiOff } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

/** How a sensor fares; nothing stands for one that is fine where `isQuiet`, so that problems are seen first. */
export function SensorHealth({ sensor, isQuiet = false }: { sensor: Sensor; isQuiet?: boolean }) {
  if (sensor.removedAt !== null)
    return (
      <Chip tone="offline" icon={Unplug}>
        Removed
      </Chip>
    );
  switch (sensor.health) {
    case 'critical':
      return (
        <Chip tone="bad" icon={OctagonAlert}>
          Critical
        </Chip>
      );
    case 'offline':
      return (
        <Chip tone="bad" icon={WifiOff}>
          Silent
        </Chip>
      );
    case 'warning':
      return (
        <Chip tone="warn" icon={TriangleAlert}>
          Warning
        </Chip>
      );
    case 'unknown':
      return (
        <Chip tone="offline" icon={CircleHelp}>
          No values yet
        </Chip>
      );
    case 'ok':
      return isQuiet ? null : (
        <Chip tone="ok" icon={CircleCheck}>
          Healthy
        </Chip>
      );
  }
}
