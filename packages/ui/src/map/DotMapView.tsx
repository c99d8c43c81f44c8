/** A small map with the houses of a problem. Load it lazily, the map library comes with it. */
import type { Place } from '@lovely/api';
import { useEffect } from 'react';
import { plural } from '../format/number.ts';
import { DotMap, type Area } from './dot-map.ts';
import { useSmallMap } from './use-small-map.ts';
import styles from './DotMapView.module.css';

/** Fills the element it stands in; says how many there are where the browser can't draw maps. */
export function DotMapView({ places, area }: { places: readonly Place[]; area: Area | null }) {
  const { isDrawable, container, map } = useSmallMap((element, palette) => new DotMap(element, palette, places, area));
  useEffect(() => map?.show(places, area), [map, places, area]);

  const label = `Map with ${plural(places.length, 'house')}`;
  if (!isDrawable) return <p className={styles.none}>{plural(places.length, 'house')} with a place on the map.</p>;
  return <section ref={container} className={styles.map} aria-label={label} />;
}
