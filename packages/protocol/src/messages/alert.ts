/** Alerts (0x0101): a problem opens and closes; the server says what to watch on the device. */
import { ALERT_BATCH_MAX, METRICS_MAX, RULES_MAX } from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import {
  binary,
  either,
  boolean,
  fields,
  integer,
  list,
  messageId,
  name,
  number,
  oneOf,
  optional,
  record,
  sentence,
  string,
  timeMs,
  type Read,
} from '../shape.ts';

export const severity = oneOf('warning', 'critical');
export type Severity = Read<typeof severity>;

const values = record(either(either(number, string(256)), boolean), METRICS_MAX);

/**
 * ← device. `rule` is the key of a rule the device was told to watch; `values` fill the rule's description. `count` is how
 * often it happened, where equal events were folded into one.
 */
export const alertRaise = message(
  PROTO.alert,
  'raise',
  { id: messageId },
  fields({
    ts: timeMs,
    source: string(128),
    rule: name,
    severity,
    description: sentence,
    values,
    count: optional(integer(1, 1_000_000)),
  }),
);

/** ← device. Closes the open alert of (device, source, rule); harmless when there is none. */
export const alertClear = message(
  PROTO.alert,
  'clear',
  { id: messageId },
  fields({ ts: timeMs, source: string(128), rule: name }),
);

/**
 * ← device. Raises and clears in the order in which they happened, each a whole frame with its own `props.id`, which are
 * acknowledged one by one. Whatever waits goes out in one batch, and the next only when this one is acknowledged: several
 * workers store what devices send, and in two messages a clear could overtake its raise.
 */
export const alertBatch = message(PROTO.alert, 'batch', {}, list(binary, ALERT_BATCH_MAX));

/**
 * One rule that a device watches by itself, also without a network.
 *  threshold: raises when `metric` is `above` (or below) `raiseAt` for `forMs`, clears when back past `clearAt`.
 *    `metric` may end in `*`: each matching metric is watched on its own, and what `*` stood for is added to the source.
 *  service: raises when the named system service is not active, or the named process is not running, for `forMs`.
 */
const rule = fields({
  key: name,
  kind: oneOf('threshold', 'service'),
  severity,
  /** A template with {metric} names in braces, filled with the values at hand. */
  description: sentence,
  metric: string(128),
  direction: oneOf('above', 'below'),
  raiseAt: number,
  clearAt: number,
  forMs: integer(0, 24 * 3600 * 1000),
  /** Names of services or processes for kind `service`, else empty. */
  targets: list(name, 64),
});
export type DeviceRule = Read<typeof rule>;

/** → device. All rules to watch, replacing those told before; `version` names the set. */
export const alertRules = message(PROTO.alert, 'rules', { version: name }, list(rule, RULES_MAX));
