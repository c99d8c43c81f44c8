import type { Alert } from '@lovely/api';
import { AlarmClock, CircleCheck, Eye } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';

/** What people did about an alert or an incident; nothing while nobody has. */
export function AlertStateChip({ alert: { state, snoozedUntil } }: { alert: Pick<Alert, 'state' | 'snoozedUntil'> }) {
  switch (state) {
    case 'open':
      return null;
    case 'acknowledged':
      return (
        <Chip tone="pending" icon={Eye}>
          Acknowledged
        </Chip>
      );
    case 'snoozed':
      return (
        <Chip tone="offline" icon={AlarmClock}>
          Snoozed
          {snoozedUntil !== null && (
            <>
              , <RemainingTime time={snoozedUntil} />
            </>
          )}
        </Chip>
      );
    case 'closed':
      return (
        <Chip tone="ok" icon={CircleCheck}>
          Closed
        </Chip>
      );
  }
}
