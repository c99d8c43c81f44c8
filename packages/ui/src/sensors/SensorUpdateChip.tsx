import type { SensorUpdateState } from '@lovely/protocol';
import { CircleCheck, CircleX, Clock, LoaderCircle, ScanSearch, Send, Undo2, type LucideIcon } from 'lucide-react';
import { Chip, type Tone } from '../parts/Chip.tsx';

const LOOKS: Readonly<Record<SensorUpdateState, readonly [Tone, LucideIcon, string]>> = {
  waiting: ['offline', Clock, 'Waiting'],
  transferring: ['pending', Send, 'Transferring'],
  verifying: ['pending', ScanSearch, 'Verifying'],
  activating: ['pending', LoaderCircle, 'Activating'],
  success: ['ok', CircleCheck, 'Done'],
  'rolling-back': ['warn', Undo2, 'Going back'],
  'rolled-back': ['warn', Undo2, 'Rolled back'],
  failure: ['bad', CircleX, 'Failed'],
  'already-installed': ['ok', CircleCheck, 'Had it already'],
};

/** How far the update of a sensor's firmware is, or what it came to. */
export function SensorUpdateChip({ state, percent }: { state: string; percent: number | null }) {
  const [tone, icon, text] = LOOKS[state as SensorUpdateState] ?? (['offline', Clock, state] as const);
  return (
    <Chip tone={tone} icon={icon}>
      {percent === null || tone !== 'pending' ? text : `${text} ${percent}%`}
    </Chip>
  );
}
