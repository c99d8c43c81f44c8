/** A ring that runs away from a house whose health has just changed, in the colour of its new health. */
import type { MapChange } from '@lovely/protocol';
import { FLEET_SOURCE, FLEET_SOURCE_LAYER } from './fleet-layers.ts';
import { HEALTH_CODE, troubleShare } from './health-code.ts';
import { Marker, type MapLibre } from './map-library.ts';
import type { Palette } from './palette.ts';
import styles from './ripples.module.css';

/** More at a time would be noise; far out, where thousands of houses are in view, so would be more than one. */
const RIPPLES_MAX = 8;
const FAR_ZOOM = 6;

type State = Pick<MapChange, 'n' | 'w' | 'b' | 'h'>;

/** To be called before the changes are applied: it compares with what is shown. */
export function showRipples(map: MapLibre, changes: readonly MapChange[], palette: Palette): void {
  if (changes.length === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  // Changes come in the order of places, so the first ones are neighbours: a piece from anywhere shows more.
  const most = map.getZoom() < FAR_ZOOM ? 1 : RIPPLES_MAX;
  const start = Math.floor(Math.random() * Math.max(1, changes.length - most));
  const byId = new Map(changes.slice(start, start + most).map((change) => [change.id, change]));
  const features = map.querySourceFeatures(FLEET_SOURCE, {
    sourceLayer: FLEET_SOURCE_LAYER,
    filter: ['in', ['id'], ['literal', [...byId.keys()]]],
  });
  const bounds = map.getBounds();
  for (const feature of features) {
    const change = byId.get(Number(feature.id));
    if (!change || feature.geometry.type !== 'Point') continue;
    // The same feature may be in tiles of several zooms.
    byId.delete(change.id);
    const shown = map.getFeatureState({ source: FLEET_SOURCE, sourceLayer: FLEET_SOURCE_LAYER, id: change.id });
    const before = { ...feature.properties, ...shown } as State;
    const [longitude = 0, latitude = 0] = feature.geometry.coordinates;
    if (before.b === change.b && before.w === change.w) continue;
    if (!bounds.contains([longitude, latitude])) continue;
    const colour = troubleShare(change) > troubleShare(before) ? worseColour(change, palette) : palette.ok;
    ripple(map, [longitude, latitude], colour);
  }
}

function worseColour({ h }: State, palette: Palette): string {
  return h === HEALTH_CODE.warning ? palette.warning : palette.bad;
}

function ripple(map: MapLibre, at: [number, number], colour: string): void {
  const element = document.createElement('div');
  element.className = styles.place ?? '';
  const ring = document.createElement('div');
  ring.className = styles.ring ?? '';
  ring.style.borderColor = colour;
  element.append(ring);
  const marker = new Marker({ element }).setLngLat(at).addTo(map);
  ring.addEventListener('animationend', () => marker.remove(), { once: true });
}
