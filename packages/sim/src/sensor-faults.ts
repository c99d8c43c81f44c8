/** What goes wrong with the sensors of a house, and when: seldom, so that a fleet stays mostly green. */
import type { Figures } from './figures.ts';
import type { House } from './house.ts';
import { SENSOR_HEALTHY_MS_MEAN, STORY_LEAD_MS } from './limits.ts';
import { between, exponential, pick, randomOf } from './random.ts';
import type { HouseSensor, SensorKindName } from './sensors.ts';

export interface SensorFault {
  /** The sensor's id. */
  readonly sensor: string;
  readonly startMs: number;
  readonly endMs: number;
  /** What it tells instead of what is usual. */
  readonly figures: Figures;
}

/** Each lasts long enough to raise the rule that a new tenant has for it. */
const FAULTS: { readonly [K in SensorKindName]?: Figures } = {
  'solar-plant': { 'inverter.state': 'fault', 'power.watts': 0 },
  heating: { 'pressure.bar': 0.6 },
  'power-outlet': { 'relay.on': true, 'power.watts': 3450, 'current.amperes': 15, 'outlet.celsius': 83 },
};
const MINUTES = [10, 25] as const;
const MINUTE_MS = 60_000;

/** The faults of one house, one after the other, for ever; those that ended before the start are left out. */
export function* sensorFaultsOf(
  seed: number,
  { index }: Pick<House, 'index'>,
  sensors: readonly HouseSensor[],
): Generator<SensorFault, never> {
  const random = randomOf(seed, 'sensor-faults', index);
  const fallible = sensors.filter(({ kind }) => FAULTS[kind] !== undefined);
  for (let atMs = -STORY_LEAD_MS; ;) {
    const startMs = atMs + exponential(random, SENSOR_HEALTHY_MS_MEAN);
    const endMs = startMs + between(random, ...MINUTES) * MINUTE_MS;
    const { id, kind } = pick(random, fallible);
    if (endMs > 0) yield { sensor: id, startMs, endMs, figures: FAULTS[kind]! };
    atMs = endMs;
  }
}
