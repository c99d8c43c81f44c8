import type { FixRunState } from '@lovely/api';
import {
  CircleCheck,
  CircleSlash,
  CircleX,
  Clock,
  Frown,
  LoaderCircle,
  ScanSearch,
  ShieldX,
  type LucideIcon,
} from 'lucide-react';
import { Chip, type Tone } from '../parts/Chip.tsx';
import { RUN_STATES } from './fix-text.ts';

const LOOKS: Readonly<Record<FixRunState, readonly [Tone, LucideIcon]>> = {
  waiting: ['pending', Clock],
  running: ['pending', LoaderCircle],
  checking: ['pending', ScanSearch],
  helped: ['ok', CircleCheck],
  'not-helped': ['warn', Frown],
  failed: ['bad', CircleX],
  refused: ['bad', ShieldX],
  cancelled: ['offline', CircleSlash],
};

export function RunStateChip({ state }: { state: FixRunState }) {
  const [tone, icon] = LOOKS[state];
  return (
    <Chip tone={tone} icon={icon}>
      {RUN_STATES[state]}
    </Chip>
  );
}
