/**
 * A device's last values, grouped and written for people. A metric's name says what it is: its first part is the group,
 * its last the unit ("disk./var.usedPercent", "temperature.cpu.celsius", "uptime.seconds"), so that values of programs
 * we have never heard of are shown well too.
 */
import type { Metric } from '@lovely/api';
import { bytes, decimal } from '../format/number.ts';
import { longSpan } from '../format/time.ts';

export interface Vital {
  readonly name: string;
  readonly label: string;
  readonly text: string;
  /** 0 to 100 where the value is a share: shown as a bar. */
  readonly percent: number | null;
  /** What stands beside a share, e.g. "4.2 GiB free". */
  readonly detail: string | null;
  readonly ts: string;
}

export interface VitalGroup {
  readonly key: string;
  readonly title: string;
  readonly vitals: readonly Vital[];
}

const TITLES: Readonly<Record<string, string>> = {
  load: 'Load',
  cpu: 'Processor',
  memory: 'Memory',
  swap: 'Swap',
  disk: 'Disks',
  temperature: 'Temperature',
  network: 'Network',
  uptime: 'Uptime',
  services: 'Services',
  spool: 'Outbox',
};
const ORDER = Object.keys(TITLES);

/** The unit at the end of a name, how its value is written, and its share of 100 if it is one. */
const UNITS: readonly { suffix: RegExp; write: (value: number) => string; isShare?: true }[] = [
  { suffix: /\.?percent$/i, write: (value) => `${decimal(value)}%`, isShare: true },
  { suffix: /\.?bytesPerSecond$/i, write: (value) => `${bytes(value)}/s` },
  { suffix: /\.?bytes$/i, write: bytes },
  { suffix: /\.?celsius$/i, write: (value) => `${decimal(value)} °C` },
  { suffix: /\.?(seconds)$/i, write: (value) => longSpan(value * 1000) },
  { suffix: /\.?(ms|milliseconds)$/i, write: (value) => `${decimal(value)} ms` },
  { suffix: /\.?watts$/i, write: (value) => `${decimal(value)} W` },
  { suffix: /\.?kilowattHours$/i, write: (value) => `${decimal(value)} kWh` },
  { suffix: /\.?volts$/i, write: (value) => `${decimal(value)} V` },
  { suffix: /\.?amperes$/i, write: (value) => `${decimal(value)} A` },
  { suffix: /\.?bar$/i, write: (value) => `${decimal(value)} bar` },
  { suffix: /\.?lux$/i, write: (value) => `${decimal(value)} lx` },
];

/** The values of one source ('' is the gateway itself), known groups first. */
export function vitalGroups(metrics: readonly Metric[], source: string): VitalGroup[] {
  const groups = new Map<string, Vital[]>();
  for (const metric of metrics.filter((candidate) => candidate.source === source)) {
    const [first = ''] = metric.name.split('.', 1);
    const key = first in TITLES ? first : '';
    groups.set(key, [...(groups.get(key) ?? []), vitalOf(metric, key)]);
  }
  return [...groups]
    .map(([key, vitals]) => ({
      key,
      title: TITLES[key] ?? 'Other values',
      vitals: withAvailable(vitals).toSorted(byShareThenName),
    }))
    .toSorted((a, b) => rank(a.key) - rank(b.key));
}

/** The sensors that have sent values, by id. */
export function sources(metrics: readonly Metric[]): string[] {
  return [...new Set(metrics.map((metric) => metric.source))].filter((source) => source !== '').toSorted();
}

/** One value written for people; its label leaves out `group`, which stands above it. */
export function vitalOf({ name, value, ts }: Omit<Metric, 'source'>, group = ''): Vital {
  const rest = group === '' ? name : name.slice(group.length + 1);
  const unit = typeof value === 'number' ? UNITS.find(({ suffix }) => suffix.test(name)) : undefined;
  const label = words(unit && rest !== '' ? rest.replace(unit.suffix, '') : rest);
  if (typeof value === 'number' && unit) {
    return {
      name,
      label,
      text: unit.write(value),
      percent: unit.isShare ? Math.min(100, Math.max(0, value)) : null,
      detail: null,
      ts,
    };
  }
  const text = typeof value === 'number' ? decimal(value) : typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
  return { name, label, text, percent: null, detail: null, ts };
}

/** Puts what is free beside what is used: "disk./var.usedPercent" takes "disk./var.availableBytes" along. */
function withAvailable(vitals: readonly Vital[]): Vital[] {
  const byName = new Map(vitals.map((vital) => [vital.name, vital]));
  const taken = new Set<string>();
  const shares = vitals.map((share) => {
    const name = share.name.replace(/usedPercent$/, 'availableBytes');
    const available = share.percent === null ? undefined : byName.get(name);
    if (!available) return share;
    taken.add(name);
    return { ...share, label: share.label.replace(/ ?used$/, ''), detail: `${available.text} free` };
  });
  return shares.filter(({ name }) => !taken.has(name));
}

/** "receivedBytes" → "received bytes"; mount points and other names with signs in them stay as they are. */
function words(name: string): string {
  return name
    .replaceAll(/\.(?=\w)/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}

function byShareThenName(a: Vital, b: Vital): number {
  return (
    Number(b.percent !== null) - Number(a.percent !== null) || a.name.localeCompare(b.name, 'en', { numeric: true })
  );
}

function rank(key: string): number {
  const index = ORDER.indexOf(key);
  return index === -1 ? ORDER.length : index;
}
