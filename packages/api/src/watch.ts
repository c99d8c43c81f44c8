/** What a rule watches, by kind: the shape that people write, that is stored, and that devices are told. */
import { z } from 'zod';
import {
  WATCH_FOR_MS_MAX,
  WATCH_METRIC_LENGTH_MAX,
  WATCH_PATTERN_LENGTH_MAX,
  WATCH_STATES_MAX,
  WATCH_TARGETS_MAX,
  WATCH_TIMES_MAX,
  WATCH_WINDOW_MS_MAX,
  WATCH_WINDOW_MS_MIN,
} from './limits.ts';

/** U+0000 can't be stored. */
const text = (lengthMax: number, lengthMin = 0) =>
  z
    .string()
    .min(lengthMin)
    .max(lengthMax)
    .regex(/^[^\0]*$/);
const metric = text(WATCH_METRIC_LENGTH_MAX, 1);
const direction = z.enum(['above', 'below']);
const forMs = z.number().int().min(0).max(WATCH_FOR_MS_MAX);
const windowMs = z.number().int().min(WATCH_WINDOW_MS_MIN).max(WATCH_WINDOW_MS_MAX);
const quietMs = z.number().int().min(WATCH_WINDOW_MS_MIN).max(WATCH_WINDOW_MS_MAX);
const times = z.number().int().min(1).max(WATCH_TIMES_MAX);
const level = z.number().min(-1e15).max(1e15);

export const watch = z.discriminatedUnion('kind', [
  /**
   * At or beyond `raiseAt` for `forMs`; good again at `clearAt`. On the gateway, `metric` may hold one `*`, and each that
   * fits is watched on its own.
   */
  z.object({ kind: z.literal('threshold'), metric, direction, raiseAt: level, clearAt: level, forMs }),
  /** As a threshold, of how much the metric changed within the window; below is for what falls, with figures below 0. */
  z.object({ kind: z.literal('rate'), metric, direction, raiseAt: level, clearAt: level, windowMs, forMs }),
  /** The metric has one of these values for `forMs`. */
  z.object({
    kind: z.literal('state'),
    metric,
    states: z
      .array(z.union([text(WATCH_METRIC_LENGTH_MAX), z.boolean()]))
      .min(1)
      .max(WATCH_STATES_MAX),
    forMs,
  }),
  /** No value of the metric came for `forMs`; of any metric where it is ''. */
  z.object({
    kind: z.literal('absence'),
    metric: text(WATCH_METRIC_LENGTH_MAX),
    forMs: z.number().int().min(WATCH_WINDOW_MS_MIN).max(WATCH_FOR_MS_MAX),
  }),
  /** The metric took another value so often within the window; good again after so long without a change. */
  z.object({ kind: z.literal('flapping'), metric, changes: times, windowMs, quietMs }),
  /** A system service or process is not running for `forMs`; without targets, those that the gateway itself names. */
  z.object({
    kind: z.literal('service'),
    targets: z.array(text(WATCH_METRIC_LENGTH_MAX, 1)).max(WATCH_TARGETS_MAX),
    forMs,
  }),
  /**
   * So many lines fit the pattern within the window; good again after so long without one. Of the journal of `unit` ('' =
   * of all) where `path` is '', else of the file there.
   */
  z.object({
    kind: z.literal('log'),
    unit: text(WATCH_METRIC_LENGTH_MAX),
    path: text(WATCH_PATTERN_LENGTH_MAX),
    pattern: text(WATCH_PATTERN_LENGTH_MAX, 1),
    count: times,
    windowMs,
    quietMs,
  }),
  /**
   * A signal on the system D-Bus; good again with the signal `clearMember` of the same interface, or, where `quietMs` is
   * not 0, after so long without one. `path` '' is any object.
   */
  z.object({
    kind: z.literal('signal'),
    interface: text(WATCH_METRIC_LENGTH_MAX).regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/, 'as org.example.Thing1'),
    member: text(WATCH_METRIC_LENGTH_MAX).regex(/^[A-Za-z_]\w*$/, 'as Changed'),
    path: text(WATCH_METRIC_LENGTH_MAX).regex(/^(\/(\w+(\/\w+)*)?)?$/, 'as /org/example/things/1'),
    clearMember: text(WATCH_METRIC_LENGTH_MAX).regex(/^([A-Za-z_]\w*)?$/, 'as Changed'),
    quietMs: z.number().int().min(0).max(WATCH_WINDOW_MS_MAX),
  }),
  /** The gateway is out of reach for `forMs`; built in, the server finds out. */
  z.object({
    kind: z.literal('offline'),
    forMs: z.number().int().min(WATCH_WINDOW_MS_MIN).max(WATCH_FOR_MS_MAX).nullable(),
  }),
  /** Two gateways have one key; built in, the server finds out. */
  z.object({ kind: z.literal('clone') }),
  /** The gateway went back from a configuration by itself; built in, the server is told. */
  z.object({ kind: z.literal('configuration') }),
]);
export type Watch = z.infer<typeof watch>;
