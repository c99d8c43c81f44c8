import type { Place } from '@lovely/api';
import { lazy, Suspense, type ComponentType } from 'react';
import styles from './PlaceMap.module.css';

interface PickerProps {
  readonly value: Place | null;
  readonly onChange: (place: Place) => void;
}

const modules = import.meta.glob<{ PlacePicker: ComponentType<PickerProps> }>('../map/PlacePicker.tsx');
const load = modules['../map/PlacePicker.tsx'];
const PlacePicker = load && lazy(async () => ({ default: (await load()).PlacePicker }));

/** A small map to click on; the map library comes with it only when it is shown. */
export function PlaceMap(props: PickerProps) {
  if (!PlacePicker) return null;
  return (
    <div className={styles.map}>
      <Suspense>
        <PlacePicker {...props} />
      </Suspense>
    </div>
  );
}
