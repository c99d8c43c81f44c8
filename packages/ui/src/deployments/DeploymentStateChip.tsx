import type { Deployment } from '@lovely/api';
import {
  CalendarClock,
  CircleCheck,
  CirclePause,
  CircleSlash,
  Hourglass,
  LoaderCircle,
  OctagonX,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import { Chip, type Tone } from '../parts/Chip.tsx';

type Told = Pick<Deployment, 'state' | 'pausedBy' | 'waitsFor' | 'counts'>;

/** How a deployment fares as a whole. */
export function DeploymentStateChip({ deployment }: { deployment: Told }) {
  const [tone, icon, text] = lookOf(deployment);
  return (
    <Chip tone={tone} icon={icon}>
      {text}
    </Chip>
  );
}

function lookOf({ state, pausedBy, waitsFor, counts }: Told): readonly [Tone, LucideIcon, string] {
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
      return counts.failure > 0 ? ['warn', TriangleAlert, 'Finished, some failed'] : ['ok', CircleCheck, 'Finished'];
    case 'aborted':
      return ['offline', CircleSlash, 'Aborted'];
  }
}
