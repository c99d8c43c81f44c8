/** The seam that keeps rules and open alerts over a restart: a file, or memory for simulated gateways. */
import { alertRules, ProtocolError, type DeviceRule } from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from '../atomic-file.ts';
import type { AlertName } from './evaluate.ts';

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
    const { props, body } = alertRules.read(alertRules.frame({ version: kept.version }, [...kept.rules]));
    const open = kept.open.map(({ rule, source }) => ({ rule: String(rule), source: String(source) }));
    return { version: props.version, rules: body, open };
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
