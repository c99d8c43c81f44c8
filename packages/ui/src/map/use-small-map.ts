/** A small map in an element, made when its fonts are there, closed with the element, and in the colours of the theme. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react';
import { canDrawMap, loadMapFonts } from './map-library.ts';
import { PALETTES, type Palette } from './palette.ts';

interface SmallMap {
  setPalette(palette: Palette): void;
  close(): void;
}

export function useSmallMap<M extends SmallMap>(
  make: (element: HTMLElement, palette: Palette) => M,
): { readonly isDrawable: boolean; readonly container: RefObject<HTMLElement | null>; readonly map: M | null } {
  const [isDrawable] = useState(canDrawMap);
  const theme = useComputedColorScheme('dark');
  const container = useRef<HTMLElement>(null);
  const [map, setMap] = useState<M | null>(null);
  const create = useEffectEvent((element: HTMLElement) => make(element, PALETTES[theme]));

  useEffect(() => {
    if (!isDrawable) return;
    let made: M | undefined;
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
  return { isDrawable, container, map };
}
