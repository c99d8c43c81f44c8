/** A small map with the houses of a problem. Load it lazily, the map library comes with it. */
import type { Place } from '@lovely/api';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { plural } from '../format/number.ts';
import { DotMap, type Area } from './dot-map.ts';
import styles from './DotMapView.module.css';
import { canDrawMap, loadMapFonts } from './map-library.ts';
import { PALETTES } from './palette.ts';

/** Fills the element it stands in; says how many there are where the browser can't draw maps. */
export function DotMapView({ places, area }: { places: readonly Place[]; area: Area | null }) {
  const [isDrawable] = useState(canDrawMap);
  const theme = useComputedColorScheme('dark');
  const container = useRef<HTMLElement>(null);
  const [map, setMap] = useState<DotMap | null>(null);
  const create = useEffectEvent((element: HTMLElement) => new DotMap(element, PALETTES[theme], places, area));

  useEffect(() => {
    if (!isDrawable) return;
    let made: DotMap | undefined;
    let isGone = false;
    void loadMapFonts().then(() => {
      if (isGone || !container.current) return;
      made = create(container.current);
      setMap(made);
    });
    return () => {
      isGone = true;
      made?.close();
      setMap(null);
    };
  }, [isDrawable]);
  useEffect(() => map?.setPalette(PALETTES[theme]), [map, theme]);
  useEffect(() => map?.show(places, area), [map, places, area]);

  const label = `Map with ${plural(places.length, 'house')}`;
  if (!isDrawable) return <p className={styles.none}>{plural(places.length, 'house')} with a place on the map.</p>;
  return <section ref={container} className={styles.map} aria-label={label} />;
}
