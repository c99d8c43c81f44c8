import type { Deployment } from '@lovely/api';
import {
  CalendarClock,
  CircleCheck,
  CirclePause,
  CircleSlash,
  Hourglass,
  LoaderCircle,
  OctagonX,
  type LucideIcon,
} from 'lucide-react';
import { Chip, type Tone } from '../parts/Chip.tsx';

/** How a deployment fares as a whole. */
export function DeploymentStateChip({
  deployment,
}: {
  deployment: Pick<Deployment, 'state' | 'pausedBy' | 'waitsFor'>;
}) {
  const [tone, icon, text] = lookOf(deployment);
  return (
    <Chip tone={tone} icon={icon}>
      {text}
    </Chip>
  );
}

function lookOf({
  state,
  pausedBy,
  waitsFor,
}: Pick<Deployment, 'state' | 'pausedBy' | 'waitsFor'>): readonly [Tone, LucideIcon, string] {
  switch (state) {
    case 'scheduled':
      return ['pending', CalendarClock, 'Scheduled'];
    case 'running':
      return waitsFor === 'person'
        ? ['warn', Hourglass, 'Waits for you']
        : waitsFor === 'pause'
          ? ['pending', Hourglass, 'Waits']
          : ['pending', LoaderCircle, 'Running'];
    case 'paused':
      return pausedBy === 'gate' ? ['bad', OctagonX, 'Paused by itself'] : ['warn', CirclePause, 'Paused'];
    case 'finished':
      return ['ok', CircleCheck, 'Finished'];
    case 'aborted':
      return ['offline', CircleSlash, 'Aborted'];
  }
}
