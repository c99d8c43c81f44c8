/** Which rings stand on the map: all clusters, or the few places where trouble gathers. */
import { CLUSTERS_MAX } from '@lovely/api';
import { shortCount } from '../format/number.ts';
import { donutImage, donutTextSize, type DonutSize } from './map-images.ts';
import type { MapMode } from './map-search.ts';
import type { ThemeName } from './palette.ts';
import { visibleTileCount, type Bounds } from './visible-tiles.ts';

export interface Cluster {
  readonly longitude: number;
  readonly latitude: number;
  readonly houses: number;
  readonly warning: number;
  readonly bad: number;
}

export interface Fleet {
  /** Houses in all, and how many of them are down: the baseline that makes a place remarkable. */
  readonly houses: number;
  readonly bad: number;
}

export const PROBLEMS_MAX = 9;
/** A place is remarkable from this share of houses that are down on … */
const SHARE_MIN = 0.08;
/** … and from so many times the share of the whole fleet. */
const BASELINE_FACTOR = 3;
/** Rings nearer than this hide each other. */
const DISTANCE_MIN_PIXELS = 52;
const TILE_PIXELS = 512;

/** From here on single houses are seen, and no rings. */
export const DONUT_ZOOM_MAX = 12;
const LEVEL_MIN = 2;
const LEVEL_MAX = 16;
/** A cell of this many levels below the tile is 64 to 128 px wide: room for a ring. */
const CLUSTER_LEVELS = 3;
/** And of this many 16 to 32 px: so small that an outage fills it. */
const PROBLEM_LEVELS = 5;

/** The level of the cells to count for a view, coarser where the server would not tell of all of them. */
export function donutLevel(mode: MapMode, zoom: number, bounds: Bounds): number {
  const finest = Math.floor(zoom) + (mode === 'clusters' ? CLUSTER_LEVELS : PROBLEM_LEVELS);
  let level = Math.max(LEVEL_MIN, Math.min(LEVEL_MAX, finest));
  while (level > LEVEL_MIN && visibleTileCount(bounds, level) > CLUSTERS_MAX) level--;
  return level;
}

/**
 * At most PROBLEMS_MAX clusters, the worst first, apart from each other. The measure is the fleet, not the view: inside a
 * large outage everything in view is bad, and that must not look normal.
 */
export function problemClusters(clusters: readonly Cluster[], fleet: Fleet, zoom: number): Cluster[] {
  const baseline = fleet.bad / Math.max(1, fleet.houses);
  const shareMin = Math.max(SHARE_MIN, baseline * BASELINE_FACTOR);
  const remarkable = clusters
    .filter(({ houses, bad }) => bad >= badMin(fleet.houses, zoom) && bad / houses >= Math.min(1, shareMin))
    .sort((one, other) => other.bad - one.bad);
  const chosen: Cluster[] = [];
  for (const cluster of remarkable) {
    if (chosen.length === PROBLEMS_MAX) break;
    if (chosen.every((other) => distancePixels(cluster, other, zoom) >= DISTANCE_MIN_PIXELS)) chosen.push(cluster);
  }
  return chosen;
}

/** A ring as the map draws it. */
export interface Donut {
  readonly longitude: number;
  readonly latitude: number;
  readonly houses: number;
  readonly image: string;
  readonly text: string;
  readonly textSize: number;
  /** Lower ones are placed first where there is no room for all. */
  readonly order: number;
}

/** In mode "clusters" the number is that of all houses, else of those that are down. */
export function donutOf(cluster: Cluster, mode: MapMode, theme: ThemeName): Donut {
  const { longitude, latitude, houses, warning, bad } = cluster;
  const size = mode === 'clusters' ? sizeOf(houses, [300, 3_000, 20_000]) : sizeOf(bad, [0, 1_000]);
  return {
    longitude,
    latitude,
    houses,
    image: donutImage(theme, size, { n: houses, w: mode === 'clusters' ? warning : 0, b: bad }),
    text: shortCount(mode === 'clusters' ? houses : bad),
    textSize: donutTextSize(size),
    order: mode === 'clusters' ? -houses - 20 * bad : -bad,
  };
}

/** How many houses must be down before it is worth a ring: less in a small fleet, less when looking closely. */
function badMin(fleetSize: number, zoom: number): number {
  const most = zoom < 7 ? 30 : zoom < 10 ? 12 : 5;
  return Math.max(3, Math.min(most, Math.round(fleetSize / 300)));
}

function sizeOf(value: number, steps: readonly number[]): DonutSize {
  return steps.filter((step) => value > step).length as DonutSize;
}

function distancePixels(one: Cluster, other: Cluster, zoom: number): number {
  const worldPixels = TILE_PIXELS * 2 ** zoom;
  const turns = Math.abs(one.longitude - other.longitude) / 360;
  const east = Math.min(turns, 1 - turns);
  return Math.hypot(east, southOf(one) - southOf(other)) * worldPixels;
}

/** How far from the equator on the mercator square, in its widths. */
function southOf({ latitude }: Cluster): number {
  return -Math.atanh(Math.sin((latitude * Math.PI) / 180)) / (2 * Math.PI);
}
