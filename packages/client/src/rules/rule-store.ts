/** The seam that keeps rules and open alerts over a restart: a file, or memory for simulated gateways. */
import {
  joinRules,
  ProtocolError,
  ruleFrames,
  type AlertName,
  type DeviceRule,
  type RulesHeld,
} from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from '../atomic-file.ts';

export interface KeptRules {
  /** The server's name for this set of rules; '' before it told any. */
  readonly version: string;
  readonly rules: readonly DeviceRule[];
  readonly open: readonly AlertName[];
}

export interface RuleStore {
  load(): KeptRules;
  /** Whether it could be kept; a disk may be full in this moment. */
  save(kept: KeptRules): boolean;
}

export const NO_RULES: KeptRules = { version: '', rules: [], open: [] };

export function memoryRuleStore(kept: KeptRules = NO_RULES): RuleStore {
  return { load: () => kept, save: () => true };
}

export function fileRuleStore(path: string): RuleStore {
  return {
    load: () => parse(readFileIfThere(path)),
    save: (kept) => tryWriteFileAtomic(path, JSON.stringify(kept)),
  };
}

/** A file that doesn't hold what it should counts as none: the server tells the rules again with every connection. */
function parse(text: string | undefined): KeptRules {
  if (text === undefined) return NO_RULES;
  try {
    const kept = JSON.parse(text) as KeptRules;
    const open = kept.open.map(({ rule, source }) => ({ rule: String(rule), source: String(source) }));
    return { version: kept.version, rules: checked(kept), open };
  } catch (error) {
    if (
      error instanceof SyntaxError ||
      error instanceof TypeError ||
      error instanceof RangeError ||
      error instanceof ProtocolError
    )
      return NO_RULES;
    throw error;
  }
}

/** The rules as they are read from the wire. */
function checked({ version, rules }: KeptRules): DeviceRule[] {
  let held: RulesHeld | undefined;
  for (const frame of ruleFrames(version, rules)) {
    const joined = joinRules(held, frame);
    if (joined.whole) return joined.whole.rules;
    held = joined.held;
  }
  throw new RangeError('more rules than there may be');
}
