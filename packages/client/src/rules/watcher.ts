/**
 * Watches the rules that the server told, also without a network, and raises and clears their alerts through the spool.
 *
 * Each change reaches the spool first and the kept set of open alerts second. A crash in between is made good at the
 * next start, by replaying the alerts that still wait in the spool over the kept set: nothing is raised or cleared twice.
 */
import {
  alertClear,
  alertRaise,
  alertRules,
  decodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  ProtocolError,
  type DeviceRule,
} from '@lovely/protocol';
import type { Handler } from '../channel.ts';
import type { Clock } from '../clock.ts';
import { OPEN_ALERTS_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import type { SpooledMessage } from '../spool/journal.ts';
import { evaluate, keyOf, type AlertChange, type AlertName, type Facts, type RuleState } from './evaluate.ts';
import type { RuleStore } from './rule-store.ts';

export interface RuleWatcherOptions {
  readonly store: RuleStore;
  /** Services and processes to watch on this gateway, where a rule leaves open which. */
  readonly watched?: readonly string[];
  /** What waits in the spool at the start. */
  readonly waiting: Iterable<SpooledMessage>;
  readonly submit: Submit;
  readonly clock: Clock;
  readonly log: Log;
}

export class RuleWatcher {
  readonly #options: RuleWatcherOptions;
  #version: string;
  #rules: readonly DeviceRule[];
  #state: RuleState;
  #isSaved = true;

  constructor(options: RuleWatcherOptions) {
    this.#options = options;
    const { version, rules, open } = options.store.load();
    this.#version = version;
    this.#rules = rules;
    this.#state = { open: replay(open, options.waiting), badSinceMs: new Map() };
  }

  /** The services and processes to look at. */
  get targets(): readonly string[] {
    return [...new Set(this.#localRules().flatMap(({ kind, targets }) => (kind === 'service' ? targets : [])))];
  }

  get openAlerts(): readonly AlertName[] {
    return [...this.#state.open.values()];
  }

  /** Takes a new set of rules; what is open under a rule that is gone clears with the next facts. */
  readonly handle: Handler = (frame) => {
    if (!alertRules.is(frame)) throw new ProtocolError('bad-message', `unknown message type "${frame.typ}" of alert`);
    const { props, body } = alertRules.read(frame);
    const isSame = props.version === this.#version && JSON.stringify(body) === JSON.stringify(this.#rules);
    if (isSame) return;
    this.#version = props.version;
    this.#rules = body;
    this.#save();
    this.#options.log.info('rules told', { version: props.version, rules: body.length });
  };

  evaluate(facts: Facts): void {
    const { clock } = this.#options;
    const { state, changes } = evaluate(this.#state, this.#localRules(), facts, clock.monotonicMs(), OPEN_ALERTS_MAX);
    this.#state = state;
    for (const change of changes) this.#submit(change);
    if (changes.length > 0 || !this.#isSaved) this.#save();
  }

  /** The rules as they are for this gateway: a service rule that names nobody watches what the gateway itself names. */
  #localRules(): DeviceRule[] {
    const { watched = [] } = this.#options;
    return this.#rules.map((rule) =>
      rule.kind === 'service' && rule.targets.length === 0 ? { ...rule, targets: [...watched] } : rule,
    );
  }

  #submit(change: AlertChange): void {
    const { submit, clock, log } = this.#options;
    const { rule, source } = change.name;
    const ts = clock.nowMs();
    if (change.kind === 'raise') {
      const { severity, description, values } = change;
      submit((id) => alertRaise.frame({ id }, { ts, source, rule, severity, description, values }));
      log.warn('alert raised', { rule, source, description });
    } else {
      submit((id) => alertClear.frame({ id }, { ts, source, rule }));
      log.info('alert cleared', { rule, source });
    }
  }

  #save(): void {
    this.#isSaved = this.#options.store.save({ version: this.#version, rules: this.#rules, open: this.openAlerts });
  }
}

function replay(kept: readonly AlertName[], waiting: Iterable<SpooledMessage>): Map<string, AlertName> {
  const open = new Map(kept.map((name) => [keyOf(name), name]));
  for (const { proto, bytes } of waiting) {
    if (proto !== PROTO.alert) continue;
    const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
    const isRaise = alertRaise.is(frame);
    const { rule, source } = isRaise ? alertRaise.read(frame).body : alertClear.read(frame).body;
    const name = { rule, source };
    if (isRaise) open.set(keyOf(name), name);
    else open.delete(keyOf(name));
  }
  return open;
}
