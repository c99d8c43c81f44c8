/** A small map to say where a house stands: click, or drag the pin. Load it lazily, the map library comes with it. */
import type { Place } from '@lovely/api';
import { useEffect, useRef } from 'react';
import { PinMap } from './pin-map.ts';
import { useSmallMap } from './use-small-map.ts';
import styles from './PlacePicker.module.css';

interface PlacePickerProps {
  readonly value: Place | null;
  readonly onChange: (place: Place) => void;
}

/** Fills the element it stands in. Nothing where the browser can't draw maps: there are other ways to name a place. */
export function PlacePicker({ value, onChange }: PlacePickerProps) {
  // The map outlives the callback that it was made with.
  const changed = useRef(onChange);
  useEffect(() => void (changed.current = onChange), [onChange]);
  const { isDrawable, container, map } = useSmallMap(
    (element, palette) => new PinMap(element, palette, value, (place) => changed.current(place)),
  );
  useEffect(() => map?.show(value), [map, value]);

  if (!isDrawable) return null;
  return <section ref={container} className={styles.map} aria-label="Map with the place of the house" />;
}
