import type { FixRollout } from '@lovely/api';
import {
  CircleCheck,
  CirclePause,
  CircleSlash,
  FlaskConical,
  LoaderCircle,
  OctagonX,
  type LucideIcon,
} from 'lucide-react';
import { Chip, type Tone } from '../parts/Chip.tsx';
import { ROLLOUT_STATES } from './rollout-text.ts';

const LOOKS: Readonly<Record<FixRollout['state'], readonly [Tone, LucideIcon]>> = {
  trial: ['pending', FlaskConical],
  running: ['pending', LoaderCircle],
  paused: ['warn', CirclePause],
  stopped: ['bad', OctagonX],
  aborted: ['offline', CircleSlash],
  done: ['ok', CircleCheck],
};

export function RolloutState({ state }: Pick<FixRollout, 'state'>) {
  const [tone, icon] = LOOKS[state];
  return (
    <Chip tone={tone} icon={icon}>
      {ROLLOUT_STATES[state]}
    </Chip>
  );
}
