/** What rules are evaluated on. Every time is of one clock that doesn't jump, whichever the caller has. */
import type { MetricValue } from '../messages/status.ts';

/** The last value of a metric. */
export interface Reading {
  readonly value: MetricValue;
  /** When it was last told, changed or not. */
  readonly atMs: number;
  /** How often it took another value since somebody counts; it never falls. */
  readonly changes: number;
}

/** The gateway, or one sensor. */
export interface SourceFacts {
  /** '' for the gateway. */
  readonly kind: string;
  readonly model: string;
  /** What people call it. */
  readonly name: string;
  readonly readings: ReadonlyMap<string, Reading>;
}

/** A service or process that a rule names. */
export interface TargetState {
  readonly state: string;
  readonly isGood: boolean;
}

/** A line of a log that fits a rule's pattern, or a signal that it waits for. */
export interface RuleEvent {
  /** The key of the rule. */
  readonly rule: string;
  readonly kind: 'hit' | 'clear';
  readonly atMs: number;
  /** The line, or the signal's first argument. */
  readonly text: string;
}

export interface Facts {
  /** By id, the gateway as ''. */
  readonly sources: ReadonlyMap<string, SourceFacts>;
  readonly targets: ReadonlyMap<string, TargetState>;
  /** What happened since the last evaluation, in order. */
  readonly events: readonly RuleEvent[];
}
