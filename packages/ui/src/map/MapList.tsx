/** The map page where the browser can't draw a map: the same houses in words. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MonitorX } from 'lucide-react';
import { count } from '../format/number.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { EmptyFleet } from './EmptyFleet.tsx';
import { useFleet } from './fleet.ts';
import { Hero } from './Hero.tsx';
import { HouseList } from './HouseList.tsx';
import { housesInViewQuery } from './map-queries.ts';
import styles from './MapList.module.css';
import { NeedsAttention } from './NeedsAttention.tsx';
import { NoRole } from './NoRole.tsx';
import { boxOf } from './visible-tiles.ts';

const WORLD = boxOf({ west: -180, south: -90, east: 180, north: 90 });

export function MapList() {
  const fleet = useFleet();
  const navigate = useNavigate();
  const isAllowed = useMay()('fleet.read');
  const query = useQuery(housesInViewQuery(WORLD));
  const houses = query.data?.items ?? [];
  if (!isAllowed) return <NoRole />;
  if (fleet?.devices === 0) return <EmptyFleet pending={fleet.pending} />;
  return (
    <Page>
      <Notice icon={MonitorX} tone="plain" title="This browser can't draw the map">
        It has no WebGL, or it is switched off. These are the same houses, the ones that need attention first.
      </Notice>
      <div className={styles.top}>
        {fleet && <Hero fleet={fleet} />}
        {fleet && <NeedsAttention fleet={fleet} isPhone={false} />}
      </div>
      <Card isFlush title="Houses on the map" aside={<b>{query.data && count(query.data.total)}</b>}>
        {query.isPending && <Waiting rows={8} />}
        {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        <HouseList
          label="Houses on the map, worst first"
          houses={houses}
          selected={undefined}
          onSelect={(device) => void navigate(paths.device(device.id))}
        />
      </Card>
    </Page>
  );
}
