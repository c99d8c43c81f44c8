/** Everything that was ever wrong with one device. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { BellOff } from 'lucide-react';
import { AlertList } from '../alerts/AlertList.tsx';
import { alertsQuery } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Waiting } from '../parts/Waiting.tsx';

const route = getRouteApi('/app/devices/$id');

export function AlertsTab() {
  const { id } = route.useParams();
  const query = useInfiniteQuery(alertsQuery({ deviceId: id }));
  const alerts = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card isFlush>
      {query.isPending && <Waiting rows={4} />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && alerts.length === 0 && (
        <EmptyState
          icon={BellOff}
          tone="ok"
          title="Never an alert"
          detail="Nothing has ever been wrong with this house."
        />
      )}
      <AlertList alerts={alerts} />
      <MoreButton query={query} />
    </Card>
  );
}
