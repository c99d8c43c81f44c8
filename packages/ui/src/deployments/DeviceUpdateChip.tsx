import type { DeploymentDevice, DeploymentDeviceState } from '@lovely/api';
import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleSlash,
  CircleX,
  Clock,
  Download,
  HardDriveDownload,
  RotateCw,
  Undo2,
  type LucideIcon,
} from 'lucide-react';
import { Chip, type Tone } from '../parts/Chip.tsx';
import { deviceStateText } from './deployment-states.ts';

const LOOKS: Readonly<Record<DeploymentDeviceState, readonly [Tone, LucideIcon]>> = {
  pending: ['offline', Clock],
  downloading: ['pending', Download],
  pause_before_installing: ['warn', CirclePause],
  installing: ['pending', HardDriveDownload],
  pause_before_rebooting: ['warn', CirclePause],
  rebooting: ['pending', RotateCw],
  pause_before_committing: ['warn', CirclePause],
  success: ['ok', CircleCheck],
  failure: ['bad', CircleX],
  'already-installed': ['ok', CircleCheck],
  noartifact: ['offline', CircleDashed],
  aborted: ['offline', CircleSlash],
  decommissioned: ['offline', CircleSlash],
};

/** How far an update is on one house. */
export function DeviceUpdateChip({ device }: { device: Pick<DeploymentDevice, 'state' | 'percent' | 'isRolledBack'> }) {
  const isBack = device.state === 'failure' && device.isRolledBack === true;
  const [tone, icon] = isBack ? (['warn', Undo2] as const) : LOOKS[device.state];
  return (
    <Chip tone={tone} icon={icon}>
      {deviceStateText(device)}
    </Chip>
  );
}
