/** The sensors of a house and what they measure at a moment. Pure: both follow from the house, the moment and a fault. */
import type { SensorDescription } from '@lovely/protocol';
import type { Figures } from './figures.ts';
import type { House } from './house.ts';
import { SENSOR_STEP_MS } from './limits.ts';
import { between, pick, randomOf, type Random } from './random.ts';
import type { SensorFault } from './sensor-faults.ts';

/** The kinds of SENSOR_KINDS in @lovely/api, with models that are sold. */
const MODELS = {
  'power-outlet': ['Steckfix PO-16', 'Nordplug S2'],
  'light-bulb': ['Lumo E27', 'Lumo E27 Color', 'Glow A60'],
  oven: ['Backmeister 600', 'HeatChef 3'],
  heating: ['Thermax G20', 'Thermax G25', 'Aerotherm WP8'],
  'solar-plant': ['Solvia 6000', 'Heliox H8'],
} as const;
export type SensorKindName = keyof typeof MODELS;
export const SENSOR_KIND_NAMES = Object.keys(MODELS) as readonly SensorKindName[];

export interface HouseSensor extends SensorDescription {
  readonly kind: SensorKindName;
  /** Shifts its ups and downs against those of others, and makes it a little larger or smaller, from 0 to 1. */
  readonly phase: number;
}

const OUTLETS = ['Dishwasher', 'Washing machine', 'Freezer', 'Television', 'Desk'];
const ROOMS = ['Kitchen', 'Living room', 'Bedroom', 'Hall', 'Office'];

/** Three to six: a heating, outlets, bulbs, in most an oven, in some a solar plant. */
export function sensorsOf(seed: number, { index }: Pick<House, 'index'>): HouseSensor[] {
  const random = randomOf(seed, 'sensors', index);
  const sensors = [
    sensor(random, 'heating', 1, 'Heating', 'Cellar'),
    sensor(random, 'power-outlet', 1, pick(random, OUTLETS), 'Kitchen'),
    sensor(random, 'light-bulb', 1, 'Ceiling lamp', pick(random, ROOMS)),
  ];
  if (random() < 0.6) sensors.push(sensor(random, 'oven', 1, 'Oven', 'Kitchen'));
  if (random() < 0.45) sensors.push(sensor(random, 'solar-plant', 1, 'Solar plant', 'Roof'));
  if (random() < 0.4) sensors.push(sensor(random, 'power-outlet', 2, pick(random, OUTLETS), pick(random, ROOMS)));
  return sensors;
}

function sensor(random: Random, kind: SensorKindName, number: number, name: string, place: string): HouseSensor {
  const firmware = `${pick(random, [1, 2, 2, 2])}.${Math.floor(between(random, 0, 6))}`;
  const serial = Math.floor(between(random, 1e7, 1e8)).toString();
  return {
    id: `${kind}-${number}`,
    kind,
    name,
    model: pick(random, MODELS[kind]),
    serial,
    firmware,
    place,
    phase: random(),
  };
}

/** What a sensor tells; it changes every few minutes, a fault at once. */
export function sensorFigures(
  { kind, phase }: Pick<HouseSensor, 'kind' | 'phase'>,
  house: Pick<House, 'index' | 'longitude' | 'latitude'>,
  fault: SensorFault | undefined,
  nowMs: number,
): Figures {
  const atMs = steppedMs(house.index, nowMs);
  const now: Now = {
    day: Math.floor(localHours(atMs, house.longitude) / 24),
    hour: localHours(atMs, house.longitude) % 24,
    atMs,
    phase,
  };
  const figures = TELLS[kind](now, Math.abs(house.latitude));
  return fault === undefined ? figures : { ...figures, ...fault.figures };
}

interface Now {
  readonly day: number;
  /** By the sun. */
  readonly hour: number;
  readonly atMs: number;
  readonly phase: number;
}

/** All sensors of a house speak in the same moment, so that they make one message. */
function steppedMs(index: number, nowMs: number): number {
  const shiftMs = (index * 37_000) % SENSOR_STEP_MS;
  return Math.floor((nowMs - shiftMs) / SENSOR_STEP_MS) * SENSOR_STEP_MS + shiftMs;
}

const localHours = (atMs: number, longitude: number): number => atMs / 3600_000 + longitude / 15;

const TELLS: { readonly [K in SensorKindName]: (now: Now, latitude: number) => Figures } = {
  'power-outlet'({ day, hour, atMs, phase }) {
    const isOn = chance(phase, day * 24 + Math.floor(hour)) < (hour > 6 && hour < 23 ? 0.6 : 0.2);
    const watts = isOn ? Math.round(40 + 1800 * phase * chance(phase, Math.floor(atMs / SENSOR_STEP_MS))) : 0;
    const volts = 229 + 2 * Math.sin(hour);
    return {
      'relay.on': isOn,
      'power.watts': watts,
      'current.amperes': rounded(watts / volts, 2),
      'voltage.volts': rounded(volts, 0),
      'energy.kilowattHours': rounded((atMs / 3600_000 - 490_000) * 0.2 * (0.3 + phase), 0),
      'outlet.celsius': rounded(24 + watts / 150, 0),
    };
  },
  'light-bulb'({ day, hour, atMs, phase }) {
    const isEvening = hour > 17.5 + phase && hour < 21.5 + 2 * phase;
    const isMorning = hour > 6 && hour < 7.5 && chance(phase, day) < 0.7;
    const percent = isEvening ? 80 : isMorning ? 50 : 0;
    return {
      'light.on': percent > 0,
      'brightness.percent': percent,
      'power.watts': rounded(percent * 0.09, 1),
      'energy.kilowattHours': rounded((atMs / 3600_000 - 490_000) * 0.002 * (1 + phase), 0),
      'link.state': 'ok',
    };
  },
  oven({ day, hour, phase }) {
    const meals = [12, 18.5].map((at) => at + phase);
    const begin = meals.find((at, meal) => hour >= at && hour < at + 1.4 && chance(phase, day * 2 + meal) < 0.35);
    const target = begin === undefined ? 0 : 180 + 10 * Math.round(4 * phase);
    const isHeating = begin !== undefined && hour < begin + 0.9;
    const celsius = begin === undefined ? 22 : isHeating ? Math.min(target, 22 + (hour - begin) * 600) : target * 0.6;
    return {
      'oven.state': isHeating ? 'heating' : 'off',
      'oven.celsius': rounded(celsius, 0),
      'target.celsius': isHeating ? target : 0,
      'door.open': false,
      'power.watts': isHeating ? (celsius < target ? 2400 : 700) : 0,
    };
  },
  heating({ day, hour, phase }, latitude) {
    const warmest = 24 - 0.35 * latitude;
    const outdoor = warmest + 5 * Math.cos(((hour - 15) / 12) * Math.PI) + 6 * (chance(phase, day) - 0.5);
    const isRunning = outdoor < 17 && chance(phase, Math.floor(hour * 3) + 72 * day) < 0.6;
    const flow = isRunning ? Math.min(70, 48 - outdoor * 0.7) : 31;
    return {
      'burner.state': isRunning ? 'on' : 'standby',
      'flow.celsius': rounded(flow, 0),
      'return.celsius': rounded(flow - (isRunning ? 11 : 3), 0),
      'water.celsius': rounded(52 - 4 * Math.cos(((hour - 4) / 12) * Math.PI), 0),
      'pressure.bar': rounded(1.4 + 0.3 * phase, 1),
      'outdoor.celsius': rounded(outdoor, 0),
    };
  },
  'solar-plant'({ day, hour, phase }) {
    const peakWatts = 4000 + 6000 * phase;
    const clear = 0.35 + 0.65 * chance(phase, day);
    const isDay = hour > SUNRISE && hour < SUNRISE + SUN_HOURS;
    const turn = ((hour - SUNRISE) / SUN_HOURS) * Math.PI;
    const watts = isDay ? Math.round((peakWatts * clear * Math.sin(turn)) / 10) * 10 : 0;
    const dayShare = isDay ? (1 - Math.cos(turn)) / 2 : hour < SUNRISE ? 0 : 1;
    return {
      'inverter.state': isDay ? 'feeding' : 'night',
      'power.watts': watts,
      'today.kilowattHours': rounded((peakWatts / 1000) * clear * (SUN_HOURS / Math.PI) * 2 * dayShare, 1),
      'grid.volts': rounded(230 + watts / 2500, 0),
      'panel.volts': isDay ? 400 + Math.round(20 * phase) : 0,
      'inverter.celsius': rounded(20 + watts / 300, 0),
    };
  },
};

const SUNRISE = 5.5;
const SUN_HOURS = 13;

/** A number from 0 to below 1 that follows from both. */
function chance(phase: number, slot: number): number {
  const wild = Math.sin(slot * 12.9898 + phase * 78.233) * 43_758.5453;
  return wild - Math.floor(wild);
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
