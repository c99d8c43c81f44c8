/** What a full spool gives up: history before last values, and status before alerts. Pure. */
import {
  alertClear,
  alertRaise,
  decodeFrame,
  FRAME_BYTES_MAX_UP,
  METRICS_MAX,
  statusReport,
  type MetricValue,
  type StatusReport,
} from '@lovely/protocol';
import { COALESCED_REPORTS_MAX } from '../limits.ts';
import type { SpooledMessage } from './journal.ts';

/** The last value of each (source, metric) in `messages`, as few batches of reports; order by time is kept. */
export function coalesceStatus(messages: readonly SpooledMessage[]): StatusReport[][] {
  const last = new Map<string, { ts: number; source: string; metric: string; value: MetricValue }>();
  for (const { bytes } of messages) {
    for (const { ts, source, values } of statusReport.read(decodeFrame(bytes, FRAME_BYTES_MAX_UP)).body) {
      for (const [metric, value] of Object.entries(values)) {
        const key = `${source}\0${metric}`;
        // Deleting first moves the key to the end, so that reports stay in the order of their last change.
        last.delete(key);
        last.set(key, { ts, source, metric, value });
      }
    }
  }
  const reports = new Map<string, { ts: number; source: string; values: { [metric: string]: MetricValue } }>();
  for (const { ts, source, metric, value } of last.values()) {
    const key = `${ts}\0${source}`;
    let report = reports.get(key);
    if (report === undefined) reports.set(key, (report = { ts, source, values: {} }));
    report.values[metric] = value;
  }
  return batches([...reports.values()].flatMap(splitReport), COALESCED_REPORTS_MAX);
}

/** The alert messages among `messages` that a later one about the same (source, rule) makes history. */
export function supersededAlerts(messages: readonly SpooledMessage[]): number[] {
  const last = new Map<string, number>();
  const superseded: number[] = [];
  for (const { id, bytes } of messages) {
    const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
    const { source, rule } = alertRaise.is(frame) ? alertRaise.read(frame).body : alertClear.read(frame).body;
    const key = `${source}\0${rule}`;
    const earlier = last.get(key);
    if (earlier !== undefined) superseded.push(earlier);
    last.set(key, id);
  }
  return superseded;
}

function splitReport(report: StatusReport): StatusReport[] {
  const parts = batches(Object.entries(report.values), METRICS_MAX);
  return parts.map((part) => ({ ...report, values: Object.fromEntries(part) }));
}

function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
