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
  evaluate,
  FRAME_BYTES_MAX_UP,
  joinRules,
  keyOf,
  PROTO,
  ProtocolError,
  type AlertChange,
  type AlertName,
  type DeviceRule,
  type MetricValue,
  type RuleEvent,
  type RulesHeld,
  type RuleState,
  type SourceFacts,
  type TargetState,
} from '@lovely/protocol';
import type { Handler } from '../channel.ts';
import type { Clock } from '../clock.ts';
import { OPEN_ALERTS_MAX, RULE_EVENTS_MAX, SENSOR_EVALUATION_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import type { SpooledMessage } from '../spool/journal.ts';
import { Readings, type WatchedSensor } from './readings.ts';
import type { RuleStore } from './rule-store.ts';

export interface RuleWatcherOptions {
  readonly store: RuleStore;
  /** Services and processes to watch on this gateway, where a rule leaves open which. */
  readonly watched?: readonly string[];
  /** What waits in the spool at the start. */
  readonly waiting: Iterable<SpooledMessage>;
  readonly submit: Submit;
  /** Told the rules at the start and whenever they change: for what must be listened to. */
  readonly rulesChanged?: (rules: readonly DeviceRule[]) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** The host's figures of now. */
export interface HostFacts {
  readonly values: { readonly [metric: string]: MetricValue };
  /** State of each service or process that a rule names. */
  readonly targets: ReadonlyMap<string, TargetState>;
}

export class RuleWatcher {
  readonly #options: RuleWatcherOptions;
  readonly #readings = new Readings();
  #version: string;
  #rules: readonly DeviceRule[];
  #held: RulesHeld | undefined;
  #state: RuleState;
  #targets: HostFacts['targets'] | undefined;
  #areSensorsKnown = false;
  #events: RuleEvent[] = [];
  #cancelEvaluation: (() => void) | undefined;
  #isSaved = true;

  constructor(options: RuleWatcherOptions) {
    this.#options = options;
    const { version, rules, open } = options.store.load();
    this.#version = version;
    this.#rules = rules;
    this.#state = { open: replay(open, options.waiting), memories: new Map() };
    options.rulesChanged?.(rules);
  }

  /** The services and processes to look at. */
  get targets(): readonly string[] {
    return [...new Set(this.#localRules().flatMap(({ watch }) => (watch.kind === 'service' ? watch.targets : [])))];
  }

  get openAlerts(): readonly AlertName[] {
    return [...this.#state.open.values()];
  }

  /** Whether a rule of this key is watched here. */
  watches(key: string): boolean {
    return this.#rules.some((rule) => rule.key === key);
  }

  /** Takes a new set of rules, in parts; what is open under a rule that is gone clears with the next facts. */
  readonly handle: Handler = (frame) => {
    if (!alertRules.is(frame)) throw new ProtocolError('bad-message', `unknown message type "${frame.typ}" of alert`);
    const { held, whole } = joinRules(this.#held, frame);
    this.#held = held;
    if (!whole) return;
    const isSame = whole.version === this.#version && JSON.stringify(whole.rules) === JSON.stringify(this.#rules);
    if (isSame) return;
    this.#version = whole.version;
    this.#rules = whole.rules;
    this.#save();
    this.#options.log.info('rules told', { version: whole.version, rules: whole.rules.length });
    this.#options.rulesChanged?.(whole.rules);
  };

  /** Takes the host's figures of now, all of them, and evaluates the rules. */
  evaluate({ values, targets }: HostFacts): void {
    this.#readings.replaceHost(values, this.#options.clock.monotonicMs());
    this.#targets = targets;
    this.#evaluate();
  }

  /** Takes all sensors that there are; the alerts of those that are gone clear. */
  setSensors(sensors: Iterable<WatchedSensor>): void {
    this.#areSensorsKnown = true;
    this.#readings.replaceSensors(sensors);
    this.#evaluateSoon();
  }

  /** Takes some values of a sensor; the rules are evaluated within a second. */
  observe(sensor: string, values: { readonly [metric: string]: MetricValue }): void {
    this.#readings.addSensor(sensor, values, this.#options.clock.monotonicMs());
    this.#evaluateSoon();
  }

  /** Takes a line of a log or a signal that a rule waits for; the rules are evaluated within a second. */
  happened(event: Omit<RuleEvent, 'atMs'>): void {
    if (this.#events.length >= RULE_EVENTS_MAX) this.#events.shift();
    this.#events.push({ ...event, atMs: this.#options.clock.monotonicMs() });
    this.#evaluateSoon();
  }

  close(): void {
    this.#cancelEvaluation?.();
  }

  #evaluateSoon(): void {
    this.#cancelEvaluation ??= this.#options.clock.after(SENSOR_EVALUATION_MS, () => this.#evaluate());
  }

  #evaluate(): void {
    this.#cancelEvaluation?.();
    this.#cancelEvaluation = undefined;
    // Before the host was looked at, its own alerts would seem to be over.
    if (!this.#targets) return;
    const facts = { sources: this.#sources(), targets: this.#targets, events: this.#events };
    this.#events = [];
    const nowMs = this.#options.clock.monotonicMs();
    const { state, changes } = evaluate(this.#state, this.#localRules(), facts, nowMs, OPEN_ALERTS_MAX);
    this.#state = state;
    for (const change of changes) this.#submit(change);
    if (changes.length > 0 || !this.#isSaved) this.#save();
  }

  /** What is known of gateway and sensors. After a start, sensors with open alerts count as there until all are known. */
  #sources(): ReadonlyMap<string, SourceFacts> {
    const { sources } = this.#readings;
    if (this.#areSensorsKnown) return sources;
    const rules = new Map(this.#rules.map((rule) => [rule.key, rule]));
    const unknown = [...this.#state.open.values()].flatMap(({ rule, source }): [string, SourceFacts][] => {
      const of = rules.get(rule)?.of;
      if (of?.kind !== 'sensors' || sources.has(source)) return [];
      return [[source, { kind: of.kinds[0] ?? '', model: of.models[0] ?? '', name: '', readings: new Map() }]];
    });
    return unknown.length === 0 ? sources : new Map([...sources, ...unknown]);
  }

  /** The rules as they are for this gateway: a service rule that names nobody watches what the gateway itself names. */
  #localRules(): DeviceRule[] {
    const { watched = [] } = this.#options;
    return this.#rules.map((rule) =>
      rule.watch.kind === 'service' && rule.watch.targets.length === 0
        ? { ...rule, watch: { ...rule.watch, targets: [...watched] } }
        : rule,
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
