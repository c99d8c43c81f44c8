/** What the server tells a device to watch (alert rules, proto 0x0101). */
import { encode } from '../message-pack/encode.ts';
import type { Frame } from '../frame.ts';
import {
  RULE_STATES_MAX,
  RULE_TARGETS_MAX,
  RULE_TIMES_MAX,
  RULES_MAX,
  RULES_PART_BYTES_MAX,
  RULES_PARTS_MAX,
} from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import {
  boolean,
  either,
  fields,
  integer,
  list,
  name,
  number,
  oneOf,
  sentence,
  string,
  tagged,
  type Read,
} from '../shape.ts';
import { severity } from './alert.ts';

const DAY_MS = 24 * 3600 * 1000;
const metric = string(128);
const direction = oneOf('above', 'below');
const forMs = integer(0, DAY_MS);
const windowMs = integer(1, DAY_MS);
const quietMs = integer(0, DAY_MS);
const times = integer(1, RULE_TIMES_MAX);

/**
 * What a device watches by itself, by kind; `rules/` says what each means. Of the gateway, a `metric` may hold one `*`:
 * each metric that fits is watched on its own, and what `*` stood for is the alert's source. A device passes over a kind
 * that it doesn't know.
 */
const watch = tagged('kind', {
  threshold: { metric, direction, raiseAt: number, clearAt: number, forMs },
  rate: { metric, direction, raiseAt: number, clearAt: number, windowMs, forMs },
  state: { metric, states: list(either(string(128), boolean), RULE_STATES_MAX), forMs },
  absence: { metric, forMs },
  flapping: { metric, changes: times, windowMs, quietMs },
  service: { targets: list(name, RULE_TARGETS_MAX), forMs },
  log: { unit: string(128), path: string(256), pattern: string(256), count: times, windowMs, quietMs },
  signal: { interface: string(256), member: string(256), path: string(256), clearMember: string(256), quietMs },
});
export type DeviceWatch = Read<typeof watch>;

const names = list(name, RULE_TARGETS_MAX);

const rule = fields({
  key: name,
  /** Counts what people changed; whatever was measured for another version is forgotten. */
  version: integer(0, Number.MAX_SAFE_INTEGER),
  severity,
  /** A template with {names} in braces, filled with the values at hand. */
  description: sentence,
  /** The gateway itself, or each sensor of these kinds and models; an empty list is every one. */
  of: tagged('kind', { gateway: {}, sensors: { kinds: names, models: names } }),
  watch,
});
export type DeviceRule = Read<typeof rule>;

/**
 * → device. Rules to watch. The parts 0 to `parts` - 1 of one `version`, in order, are all of them, and replace those told
 * before: a frame to a device holds 8192 bytes.
 */
export const alertRules = message(
  PROTO.alert,
  'rules',
  { version: name, part: integer(0, RULES_PARTS_MAX - 1), parts: integer(1, RULES_PARTS_MAX) },
  list(rule, RULES_MAX),
);

/** The size of a rule on the wire, which is at most RULES_PART_BYTES_MAX. */
export function ruleBytes(one: DeviceRule): number {
  return encode(one).length;
}

/** The frames that tell a device its rules. Throws RangeError for a rule that no frame can hold. */
export function ruleFrames(version: string, rules: readonly DeviceRule[]): Frame[] {
  const parts: DeviceRule[][] = [[]];
  let bytes = 0;
  for (const one of rules) {
    const more = ruleBytes(one);
    if (more > RULES_PART_BYTES_MAX)
      throw new RangeError(`the rule ${one.key} takes ${more} bytes, ${RULES_PART_BYTES_MAX} allowed`);
    if (bytes + more > RULES_PART_BYTES_MAX) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(one);
    bytes += more;
  }
  return parts.map((body, part) => alertRules.frame({ version, part, parts: parts.length }, body));
}

/** What came of a set that is not whole yet. */
export interface RulesHeld {
  readonly version: string;
  readonly parts: number;
  readonly next: number;
  readonly rules: readonly DeviceRule[];
}

/** Adds a part to what is held; a part out of turn drops what came before, as its set will be told again. */
export function joinRules(
  held: RulesHeld | undefined,
  from: Frame,
): { held: RulesHeld | undefined; whole: { version: string; rules: DeviceRule[] } | undefined } {
  const { props, body } = alertRules.read(from);
  const { version, part, parts } = props;
  const fits = held !== undefined && held.version === version && held.parts === parts && held.next === part;
  if (part !== 0 && !fits) return { held: undefined, whole: undefined };
  const rules = [...(part === 0 ? [] : held!.rules), ...body];
  if (rules.length > RULES_MAX) return { held: undefined, whole: undefined };
  if (part + 1 === parts) return { held: undefined, whole: { version, rules } };
  return { held: { version, parts, next: part + 1, rules }, whole: undefined };
}
