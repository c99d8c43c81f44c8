/** Status (0x0100): values at a time. */
import { METRICS_MAX, REPORTS_MAX } from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import { boolean, either, fields, list, messageId, number, record, string, timeMs, type Read } from '../shape.ts';

/** A metric's value: a number in the unit its name ends with, a state in words, or a yes or no. */
const metricValue = either(either(number, string(256)), boolean);

const report = fields({
  ts: timeMs,
  /** '' for the gateway itself, else a sensor's id. */
  source: string(128),
  values: record(metricValue, METRICS_MAX),
});

export type MetricValue = Read<typeof metricValue>;
export type StatusReport = Read<typeof report>;

/**
 * ← device. A batch of reports. `props.id` is unique for the device and rises by one a message within one spool, which
 * starts at a random number, so that a wiped spool or a wrong clock can't repeat an id. Sending it again is harmless.
 */
export const statusReport = message(PROTO.status, 'report', { id: messageId }, list(report, REPORTS_MAX));
