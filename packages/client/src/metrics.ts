/**
 * Every figure that the gateway reports about itself. `*` stands for a mount point, an interface or a zone. The unit is
 * the last part of the name. `worthReporting` is the change that is news by itself; smaller ones wait for the next full
 * report, so that an idle gateway costs little.
 */
import { matchMetric, type MetricValue } from '@lovely/protocol';

export type Threshold =
  /** Any change is news. */
  | { readonly kind: 'any' }
  /** News when it moved by at least this much since it was last reported. */
  | { readonly kind: 'by'; readonly amount: number }
  /** News when it moved by at least this share of what was last reported. */
  | { readonly kind: 'share'; readonly share: number }
  /** Only told in full reports. */
  | { readonly kind: 'never' };

export interface Metric {
  readonly pattern: string;
  readonly unit: string;
  readonly meaning: string;
  readonly worthReporting: Threshold;
}

const any: Threshold = { kind: 'any' };
const never: Threshold = { kind: 'never' };
const by = (amount: number): Threshold => ({ kind: 'by', amount });
const share = (part: number): Threshold => ({ kind: 'share', share: part });

export const METRICS: readonly Metric[] = [
  { pattern: 'load.1m', unit: 'processes', meaning: 'runnable processes, mean of one minute', worthReporting: by(1) },
  {
    pattern: 'load.15m',
    unit: 'processes',
    meaning: 'runnable processes, mean of 15 minutes',
    worthReporting: by(0.5),
  },
  { pattern: 'memory.usedPercent', unit: '%', meaning: 'memory that no new program could have', worthReporting: by(3) },
  {
    pattern: 'memory.availableBytes',
    unit: 'bytes',
    meaning: 'memory that a new program could have',
    worthReporting: share(0.2),
  },
  { pattern: 'swap.usedPercent', unit: '%', meaning: 'swap in use, where there is any', worthReporting: by(5) },
  {
    pattern: 'disk.*.usedPercent',
    unit: '%',
    meaning: 'of what programs may use, as df shows it',
    worthReporting: by(1),
  },
  {
    pattern: 'disk.*.availableBytes',
    unit: 'bytes',
    meaning: 'what programs may still write',
    worthReporting: share(0.1),
  },
  { pattern: 'temperature.*.celsius', unit: '°C', meaning: 'of a thermal zone of the board', worthReporting: by(3) },
  { pattern: 'network.*.receivedBytes', unit: 'bytes', meaning: 'since the interface came up', worthReporting: never },
  { pattern: 'network.*.sentBytes', unit: 'bytes', meaning: 'since the interface came up', worthReporting: never },
  { pattern: 'uptime.seconds', unit: 's', meaning: 'since the gateway started', worthReporting: never },
  {
    pattern: 'clock.offsetSeconds',
    unit: 's',
    meaning: "between the gateway's clock and the server's, either way, once they have met",
    worthReporting: by(5),
  },
  { pattern: 'services.failed', unit: 'services', meaning: 'systemd services that failed', worthReporting: any },
  {
    pattern: 'spool.droppedMessages',
    unit: 'messages',
    meaning: 'given up undelivered since the client started',
    worthReporting: any,
  },
  {
    pattern: 'spool.droppedAlerts',
    unit: 'alerts',
    meaning: 'of the messages that were given up',
    worthReporting: any,
  },
  {
    pattern: 'spool.coalescedMessages',
    unit: 'messages',
    meaning: 'reports merged to last values since the client started',
    worthReporting: any,
  },
];

/** Whether `now` is worth a report after `before`. Unknown metrics report every change. */
export function isNews(metric: string, before: MetricValue | undefined, now: MetricValue): boolean {
  if (before === undefined) return true;
  if (before === now) return false;
  const threshold = METRICS.find(({ pattern }) => matchMetric(pattern, metric) !== undefined)?.worthReporting ?? any;
  if (threshold.kind === 'any') return true;
  if (threshold.kind === 'never') return false;
  if (typeof before !== 'number' || typeof now !== 'number') return true;
  const moved = Math.abs(now - before);
  return moved >= (threshold.kind === 'by' ? threshold.amount : Math.abs(before) * threshold.share);
}
