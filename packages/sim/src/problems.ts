/**
 * What goes wrong where and when: a story that follows from the seed, told in milliseconds since the fleet started. It
 * began long before, so that a fleet is in its steady state from its first moment.
 */
import type { House } from './house.ts';
import {
  HEALTHY_MS_MEAN,
  OUTAGE_HOUSES_MAX,
  OUTAGE_HOUSES_SHARE,
  OUTAGE_INTERVAL_MS_MEAN,
  OUTAGE_RADIUS_KM,
  STORY_LEAD_MS,
} from './limits.ts';
import { between, exponential, pick, randomOf, type Random } from './random.ts';

export type ProblemKind = 'disk-filling' | 'memory-leak' | 'service-failed' | 'link-down';

export interface Problem {
  readonly kind: ProblemKind;
  readonly startMs: number;
  readonly endMs: number;
  /** For disk and memory: how full it gets, in percent. */
  readonly peakPercent: number;
}

const MINUTE_MS = 60_000;

/** How often each kind comes, how long it takes in minutes, and how far it goes. */
const KINDS: readonly {
  readonly kind: ProblemKind;
  readonly share: number;
  readonly minutes: readonly [number, number];
  readonly peakPercent: readonly [number, number];
}[] = [
  { kind: 'disk-filling', share: 0.3, minutes: [6, 14], peakPercent: [93, 98] },
  { kind: 'memory-leak', share: 0.25, minutes: [3, 8], peakPercent: [94, 98] },
  { kind: 'service-failed', share: 0.2, minutes: [2, 6], peakPercent: [0, 0] },
  { kind: 'link-down', share: 0.25, minutes: [1.5, 5], peakPercent: [0, 0] },
];

/** The problems of one house, one after the other, for ever; those that ended before the start are left out. */
export function* problemsOf(seed: number, house: Pick<House, 'index'>): Generator<Problem, never> {
  const random = randomOf(seed, 'problems', house.index);
  for (let atMs = -STORY_LEAD_MS; ;) {
    const startMs = atMs + exponential(random, HEALTHY_MS_MEAN);
    const { kind, minutes, peakPercent } = pickKind(random);
    const endMs = startMs + between(random, ...minutes) * MINUTE_MS;
    const problem = { kind, startMs, endMs, peakPercent: between(random, ...peakPercent) };
    if (endMs > 0) yield problem;
    atMs = endMs;
  }
}

function pickKind(random: Random): (typeof KINDS)[number] {
  let left = random();
  return KINDS.find(({ share }) => (left -= share) < 0) ?? KINDS[0]!;
}

/** A region without power or internet: every one of its houses is away at once. */
export interface Outage {
  readonly startMs: number;
  readonly endMs: number;
  /** The index of each house that is away. */
  readonly houses: ReadonlySet<number>;
}

const OUTAGE_MINUTES = [2, 5] as const;
/** So many houses are looked at to find one with neighbours. */
const CENTRE_TRIES = 12;

/** The regional outages of a fleet, one after the other, for ever. */
export function* outagesOf(seed: number, houses: readonly House[]): Generator<Outage, never> {
  const random = randomOf(seed, 'outages');
  const housesMax = Math.min(OUTAGE_HOUSES_MAX, Math.ceil(houses.length * OUTAGE_HOUSES_SHARE));
  for (let atMs = 0; ;) {
    const startMs = atMs + exponential(random, OUTAGE_INTERVAL_MS_MEAN);
    const endMs = startMs + between(random, ...OUTAGE_MINUTES) * MINUTE_MS;
    yield { startMs, endMs, houses: new Set(pickRegion(random, houses, housesMax)) };
    atMs = endMs;
  }
}

/** The houses around one of them; of a few tries the region with the most. */
function pickRegion(random: Random, houses: readonly House[], housesMax: number): number[] {
  let best: number[] = [];
  for (let tries = 0; tries < CENTRE_TRIES && best.length < housesMax; tries++) {
    const centre = pick(random, houses);
    const near = houses
      .map((house) => ({ index: house.index, km: distanceKm(centre, house) }))
      .filter(({ km }) => km <= OUTAGE_RADIUS_KM)
      .sort((a, b) => a.km - b.km)
      .slice(0, housesMax);
    if (near.length > best.length) best = near.map(({ index }) => index);
  }
  return best;
}

type Place = Pick<House, 'latitude' | 'longitude'>;
const EARTH_RADIUS_KM = 6371;

/** Along the great circle (haversine). */
function distanceKm(a: Place, b: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (x: number, y: number): number => Math.sin(radians(y - x) / 2) ** 2;
  const chord =
    half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(chord));
}
