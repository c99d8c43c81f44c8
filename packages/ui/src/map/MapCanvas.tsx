/** Where the map is drawn. Its data attributes say when it is, and how many houses it shows. */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useLiveChannel } from '../live/context.ts';
import { FleetMap, type FleetMapHooks } from './fleet-map.ts';
import type { FleetLook } from './fleet-layers.ts';
import styles from './LiveMap.module.css';
import { loadMapFonts } from './map-library.ts';
import type { MapView } from './view.ts';

interface MapCanvasProps {
  readonly look: FleetLook;
  /** Where to begin; the world when undefined. */
  readonly view: MapView | undefined;
  readonly houses: number | undefined;
  readonly onMap: (map: FleetMap | null) => void;
  readonly onView: FleetMapHooks['onView'];
  readonly onPick: FleetMapHooks['onPick'];
}

/** The world as a wide screen and as a phone show it best. */
const WORLD_WIDE: MapView = { longitude: 12, latitude: 28, zoom: 1.7 };
const WORLD_NARROW: MapView = { longitude: 12, latitude: 34, zoom: 1 };
const NARROW_PIXELS = 768;

export function MapCanvas({ look, view, houses, onMap, onView, onPick }: MapCanvasProps) {
  const channel = useLiveChannel();
  const container = useRef<HTMLElement>(null);
  const map = useRef<FleetMap>(null);
  const [isReady, setReady] = useState(false);
  const onViewNow = useEffectEvent(onView);
  const onPickNow = useEffectEvent(onPick);
  const create = useEffectEvent((element: HTMLElement) => {
    const world = element.clientWidth < NARROW_PIXELS ? WORLD_NARROW : WORLD_WIDE;
    return new FleetMap({
      container: element,
      channel,
      view: view ?? world,
      look,
      hooks: {
        onView: (now, bounds) => onViewNow(now, bounds),
        onPick: (pick) => onPickNow(pick),
        onReady: () => setReady(true),
      },
    });
  });
  const tell = useEffectEvent(onMap);

  useEffect(() => {
    let isGone = false;
    void loadMapFonts().then(() => {
      if (isGone || !container.current) return;
      map.current = create(container.current);
      tell(map.current);
    });
    return () => {
      isGone = true;
      tell(null);
      map.current?.close();
      map.current = null;
    };
  }, [channel]);

  const { palette, mode, radiusMin } = look;
  useEffect(() => map.current?.setLook({ palette, mode, radiusMin }), [palette, mode, radiusMin]);

  return (
    <section
      ref={container}
      className={styles.map}
      aria-label="Map of the houses. The list of houses in view says the same in words."
      data-map-ready={isReady}
      data-houses={houses}
    />
  );
}
