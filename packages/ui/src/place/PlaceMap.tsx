import type { Place } from '@lovely/api';
import { lazy, Suspense } from 'react';
import styles from './PlaceMap.module.css';

const PlacePicker = lazy(async () => ({ default: (await import('../map/PlacePicker.tsx')).PlacePicker }));

/** A small map to click on; the map library comes with it only when it is shown. */
export function PlaceMap(props: { value: Place | null; onChange: (place: Place) => void }) {
  return (
    <div className={styles.map}>
      <Suspense>
        <PlacePicker {...props} />
      </Suspense>
    </div>
  );
}
