/** Alerts (0x0101): a problem opens and closes; alert-rules.ts says what is watched. */
import { ALERT_BATCH_MAX, METRICS_MAX } from '../limits.ts';
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
