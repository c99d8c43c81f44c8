/** History: what metrics were over time, of one device with its sensors, or spread over the devices of a group. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  GROUP_HISTORY_POINTS_MAX,
  HISTORY_METRICS_LENGTH_MAX,
  HISTORY_METRICS_MAX,
  HISTORY_POINTS_DEFAULT,
  HISTORY_POINTS_MAX,
  METRIC_LENGTH_MAX,
} from '../limits.ts';
import { id, metricValue, time } from '../nouns.ts';

const nothing = z.undefined();
const byId = z.object({ id });

/** What the answer was made of: single reports, or what was kept of 5 minutes or of an hour. */
export const historyResolution = z.enum(['raw', '5min', '1h']);
export type HistoryResolution = z.infer<typeof historyResolution>;

const range = {
  /** Up to an hour before `to` without it. */
  from: time.optional(),
  /** Now, without it. */
  to: time.optional(),
};

const number = z.number().nullable();

/** Lists run beside `times`; null is a step without a value, which is a value that has not changed or a device that was away. */
export const historySeries = z.discriminatedUnion('kind', [
  z.object({
    metric: z.string(),
    kind: z.literal('number'),
    /** Values are the change per second of a number that only grows. */
    isRate: z.boolean(),
    min: z.array(number),
    mean: z.array(number),
    max: z.array(number),
  }),
  z.object({
    metric: z.string(),
    kind: z.literal('state'),
    /** The last in each step. */
    last: z.array(metricValue.nullable()),
    /** How often each state was reported in the whole range. */
    counts: z.record(z.string(), z.number().int()),
  }),
]);
export type HistorySeries = z.infer<typeof historySeries>;

export const history = z.object({
  from: time,
  to: time,
  resolution: historyResolution,
  stepMs: z.number().int(),
  /** The beginning of each step that has any value, in milliseconds since 1970. */
  times: z.array(z.number().int()),
  series: z.array(historySeries),
});
export type History = z.infer<typeof history>;

export const getDeviceHistory = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/history',
  summary: 'What metrics of a house or one of its sensors were over time, in about as many steps as asked for',
  access: 'fleet.read',
  params: byId,
  query: z.object({
    /** '' is the gateway, else a sensor's id. */
    source: z.string().max(METRIC_LENGTH_MAX).default(''),
    /** Names with commas between them; all that the source reported, without it. */
    metrics: z
      .string()
      .max(HISTORY_METRICS_LENGTH_MAX)
      .optional()
      .refine((text) => namesIn(text).length <= HISTORY_METRICS_MAX, `at most ${HISTORY_METRICS_MAX} metrics`),
    ...range,
    points: z.coerce.number().int().min(1).max(HISTORY_POINTS_MAX).default(HISTORY_POINTS_DEFAULT),
  }),
  body: nothing,
  result: history,
  status: 200,
});

/** `load.1m,uptime.seconds` as a list. */
export function namesIn(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(',').filter((name) => name !== ''))];
}

export const groupHistory = z.object({
  from: time,
  to: time,
  resolution: historyResolution,
  stepMs: z.number().int(),
  metric: z.string(),
  /** Values are the change per second of a number that only grows. */
  isRate: z.boolean(),
  /** Devices of the group that the caller may see, and how many of them were looked at: a sample, where there are many. */
  devices: z.number().int(),
  sampled: z.number().int(),
  times: z.array(z.number().int()),
  /** Devices that had a value in each step. */
  counts: z.array(z.number().int()),
  /** Of the means of these devices: a twentieth is below the first and above the last. */
  p5: z.array(z.number()),
  p50: z.array(z.number()),
  p95: z.array(z.number()),
});
export type GroupHistory = z.infer<typeof groupHistory>;

export const getGroupHistory = endpoint({
  method: 'GET',
  path: '/api/v1/groups/{id}/history',
  summary: 'How a metric is spread over the houses of a group over time: the 5th, 50th and 95th percentile',
  access: 'fleet.read',
  params: byId,
  query: z.object({
    source: z.string().max(METRIC_LENGTH_MAX).default(''),
    metric: z.string().min(1).max(METRIC_LENGTH_MAX),
    ...range,
    points: z.coerce.number().int().min(1).max(GROUP_HISTORY_POINTS_MAX).default(GROUP_HISTORY_POINTS_MAX),
  }),
  body: nothing,
  result: groupHistory,
  status: 200,
});
