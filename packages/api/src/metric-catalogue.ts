/**
 * What is known of metrics beyond their name: how a chart titles, scales and judges them. A metric that is not in here is
 * charted by the unit that its name ends with.
 */

export type MetricKind =
  /** A number that goes up and down. */
  | 'gauge'
  /** A number that only grows until it starts again; charts show how fast. */
  | 'counter'
  /** Words of a small set. */
  | 'state'
  /** Yes or no. */
  | 'boolean';

export interface MetricDescription {
  /** `*` stands for a mount point, an interface or a zone. */
  readonly pattern: string;
  readonly title: string;
  readonly kind: MetricKind;
  /** A key of METRIC_UNITS; '' where there is none. */
  readonly unit: MetricUnit;
  readonly decimals: number;
  /** Values outside of it are drawn as remarkable. */
  readonly good?: { readonly min?: number; readonly max?: number };
  /** Where a chart's axis begins and ends at the least, whatever the values are. */
  readonly axis?: { readonly min?: number; readonly max?: number };
  /** What `*` is, in one word: also the name of its label in Prometheus. */
  readonly star?: string;
}

/** By the word a name ends with, in small letters: how it is written behind a number, and how many decimals it has. */
export const METRIC_UNITS = {
  '': { symbol: '', decimals: 2 },
  percent: { symbol: '%', decimals: 1 },
  bytes: { symbol: 'B', decimals: 0 },
  celsius: { symbol: '°C', decimals: 1 },
  watts: { symbol: 'W', decimals: 0 },
  amperes: { symbol: 'A', decimals: 2 },
  volts: { symbol: 'V', decimals: 1 },
  kilowatthours: { symbol: 'kWh', decimals: 2 },
  bar: { symbol: 'bar', decimals: 2 },
  seconds: { symbol: 's', decimals: 0 },
  milliseconds: { symbol: 'ms', decimals: 0 },
  messages: { symbol: '', decimals: 0 },
  alerts: { symbol: '', decimals: 0 },
  processes: { symbol: '', decimals: 2 },
  services: { symbol: '', decimals: 0 },
} as const;

export type MetricUnit = keyof typeof METRIC_UNITS;

const percent = (pattern: string, title: string, goodMax: number, star?: string): MetricDescription => ({
  pattern,
  title,
  kind: 'gauge',
  unit: 'percent',
  decimals: 1,
  good: { max: goodMax },
  axis: { min: 0, max: 100 },
  ...(star === undefined ? {} : { star }),
});

const gauge = (
  pattern: string,
  title: string,
  unit: MetricUnit,
  more: Pick<MetricDescription, 'good' | 'axis' | 'star'> = {},
): MetricDescription => ({ pattern, title, kind: 'gauge', unit, decimals: METRIC_UNITS[unit].decimals, ...more });

const counter = (pattern: string, title: string, unit: MetricUnit, star?: string): MetricDescription => ({
  pattern,
  title,
  kind: 'counter',
  unit,
  decimals: METRIC_UNITS[unit].decimals,
  axis: { min: 0 },
  ...(star === undefined ? {} : { star }),
});

const word = (pattern: string, title: string, kind: 'state' | 'boolean'): MetricDescription => ({
  pattern,
  title,
  kind,
  unit: '',
  decimals: 0,
});

const fromZero = { axis: { min: 0 } };

/** What the client reports of a gateway, and what the sensors of SENSOR_KINDS do. The first that fits counts. */
export const METRIC_CATALOGUE: readonly MetricDescription[] = [
  gauge('load.1m', 'Load, 1 minute', 'processes', fromZero),
  gauge('load.15m', 'Load, 15 minutes', 'processes', fromZero),
  percent('memory.usedPercent', 'Memory in use', 90),
  gauge('memory.availableBytes', 'Memory available', 'bytes', fromZero),
  percent('swap.usedPercent', 'Swap in use', 80),
  percent('disk.*.usedPercent', 'Disk in use', 90, 'mount'),
  gauge('disk.*.availableBytes', 'Disk available', 'bytes', { ...fromZero, star: 'mount' }),
  gauge('temperature.*.celsius', 'Temperature', 'celsius', { good: { max: 80 }, star: 'zone' }),
  counter('network.*.receivedBytes', 'Received', 'bytes', 'interface'),
  counter('network.*.sentBytes', 'Sent', 'bytes', 'interface'),
  gauge('uptime.seconds', 'Up for', 'seconds', fromZero),
  gauge('services.failed', 'Failed services', 'services', { ...fromZero, good: { max: 0 } }),
  counter('spool.droppedMessages', 'Messages given up', 'messages'),
  counter('spool.droppedAlerts', 'Alerts given up', 'alerts'),
  gauge('clock.offsetSeconds', 'Clock off by', 'seconds', { ...fromZero, good: { max: 60 } }),
  counter('spool.coalescedMessages', 'Reports merged', 'messages'),

  word('relay.on', 'Switched on', 'boolean'),
  word('light.on', 'Switched on', 'boolean'),
  word('door.open', 'Door open', 'boolean'),
  word('link.state', 'Radio link', 'state'),
  word('oven.state', 'Oven', 'state'),
  word('burner.state', 'Burner', 'state'),
  word('inverter.state', 'Inverter', 'state'),
  gauge('power.watts', 'Power', 'watts', fromZero),
  gauge('current.amperes', 'Current', 'amperes', fromZero),
  gauge('voltage.volts', 'Voltage', 'volts', { good: { min: 207, max: 253 } }),
  gauge('grid.volts', 'Grid voltage', 'volts', { good: { min: 207, max: 253 } }),
  gauge('panel.volts', 'Panel voltage', 'volts', fromZero),
  counter('energy.kilowattHours', 'Energy', 'kilowatthours'),
  gauge('today.kilowattHours', 'Energy today', 'kilowatthours', fromZero),
  { ...gauge('brightness.percent', 'Brightness', 'percent'), axis: { min: 0, max: 100 } },
  gauge('outlet.celsius', 'Outlet temperature', 'celsius', { good: { max: 70 } }),
  gauge('oven.celsius', 'Oven temperature', 'celsius', { good: { max: 300 } }),
  gauge('target.celsius', 'Target temperature', 'celsius'),
  gauge('flow.celsius', 'Flow temperature', 'celsius', { good: { max: 85 } }),
  gauge('return.celsius', 'Return temperature', 'celsius'),
  gauge('water.celsius', 'Hot water', 'celsius', { good: { max: 80 } }),
  gauge('outdoor.celsius', 'Outdoors', 'celsius'),
  gauge('inverter.celsius', 'Inverter temperature', 'celsius', { good: { max: 75 } }),
  gauge('pressure.bar', 'Pressure', 'bar', { good: { min: 1, max: 2.5 } }),
];

/** What is known of a metric; of an unknown one, what its name tells. */
export function describeMetric(name: string): MetricDescription {
  const known = METRIC_CATALOGUE.find(({ pattern }) => starOf(pattern, name) !== undefined);
  return known ?? guess(name);
}

/** What `*` of the pattern stands for in the name ('' for a pattern without one); undefined when they don't match. */
export function starOf(pattern: string, name: string): string | undefined {
  const at = pattern.indexOf('*');
  if (at < 0) return pattern === name ? '' : undefined;
  const [head, tail] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const fits = name.length > head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
  return fits ? name.slice(head.length, name.length - tail.length) : undefined;
}

function guess(name: string): MetricDescription {
  const last = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const unit = UNITS_LONGEST_FIRST.find((word) => last.endsWith(word)) ?? '';
  const kind = last === 'state' ? 'state' : 'gauge';
  return { pattern: name, title: name, kind, unit, decimals: METRIC_UNITS[unit].decimals };
}

/** `milliseconds` before `seconds`; '' fits every name, so it is none to look for. */
const UNITS_LONGEST_FIRST = (Object.keys(METRIC_UNITS) as MetricUnit[])
  .filter((unit) => unit !== '')
  .toSorted((a, b) => b.length - a.length);
