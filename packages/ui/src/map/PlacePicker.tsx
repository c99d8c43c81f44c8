/** A small map to say where a house stands: click, or drag the pin. Load it lazily, the map library comes with it. */
import type { Place } from '@lovely/api';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { canDrawMap, loadMapFonts } from './map-library.ts';
import { PALETTES } from './palette.ts';
import { PinMap } from './pin-map.ts';
import styles from './PlacePicker.module.css';

interface PlacePickerProps {
  readonly value: Place | null;
  readonly onChange: (place: Place) => void;
}

/** Fills the element it stands in. Nothing where the browser can't draw maps: there are other ways to name a place. */
export function PlacePicker({ value, onChange }: PlacePickerProps) {
  const [isDrawable] = useState(canDrawMap);
  const theme = useComputedColorScheme('dark');
  const container = useRef<HTMLElement>(null);
  const [map, setMap] = useState<PinMap | null>(null);
  const changed = useEffectEvent(onChange);
  const create = useEffectEvent(
    (element: HTMLElement) => new PinMap(element, PALETTES[theme], value, (place) => changed(place)),
  );

  useEffect(() => {
    if (!isDrawable) return;
    let made: PinMap | undefined;
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
  useEffect(() => map?.show(value), [map, value]);

  if (!isDrawable) return null;
  return <section ref={container} className={styles.map} aria-label="Map with the place of the house" />;
}
