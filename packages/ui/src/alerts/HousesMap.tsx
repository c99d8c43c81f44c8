import { useInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { devicesQuery } from '../api.ts';
import type { Area } from '../map/dot-map.ts';
import styles from './HousesMap.module.css';

const DotMapView = lazy(async () => ({ default: (await import('../map/DotMapView.tsx')).DotMapView }));

/** Where the houses with a problem are, as far as they have a place; nothing when none has. */
export function HousesMap({ rule, area }: { rule: string; area: Area | null }) {
  const { data } = useInfiniteQuery(devicesQuery({ rule }));
  const places = data?.pages.flatMap(({ items }) => items).flatMap(({ location }) => location ?? []) ?? [];
  if (places.length === 0 && area === null) return null;
  return (
    <div className={styles.map}>
      <Suspense>
        <DotMapView places={places} area={area} />
      </Suspense>
    </div>
  );
}
