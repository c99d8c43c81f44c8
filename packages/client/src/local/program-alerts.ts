/**
 * The alerts that programs raise and clear. One that is open is raised once, whatever is restarted in between: what is to
 * be sent is written down before it goes into the spool, so that after a crash it is known whose the messages there are
 * and what is still to do. A message that was delivered in the very moment of a crash goes out again; the backend takes
 * an alert that is open already for the same.
 */
import { alertClear, alertRaise, decodeFrame, FRAME_BYTES_MAX_UP, PROTO, type Severity } from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from '../atomic-file.ts';
import type { Clock } from '../clock.ts';
import { PROGRAM_ALERTS_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import type { SpooledMessage } from '../spool/journal.ts';
import type { Values } from './interface.ts';

export interface ProgramAlert {
  readonly source: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly description: string;
  readonly values: Values;
}

export interface ProgramAlertsOptions {
  readonly path: string;
  /** What waits in the spool at the start. */
  readonly waiting: Iterable<SpooledMessage>;
  readonly submit: Submit;
  readonly clock: Clock;
  readonly log: Log;
}

type Entry = { readonly source: string; readonly rule: string } & (
  | { readonly state: 'raising'; readonly ts: number; readonly alert: ProgramAlert }
  | { readonly state: 'open' }
  | { readonly state: 'clearing'; readonly ts: number }
);
type Name = Pick<Entry, 'source' | 'rule'>;

export class ProgramAlerts {
  readonly #options: ProgramAlertsOptions;
  readonly #entries: Map<string, Entry>;

  constructor(options: ProgramAlertsOptions) {
    this.#options = options;
    this.#entries = new Map(parse(readFileIfThere(options.path)).map((entry) => [keyOf(entry), entry]));
    this.#finish(lastWords(options.waiting));
  }

  get size(): number {
    return this.#entries.size;
  }

  isOpen(name: Name): boolean {
    return this.#entries.has(keyOf(name));
  }

  openOf(source: string): Name[] {
    return [...this.#entries.values()].filter((entry) => entry.source === source);
  }

  /** Does nothing when it is open. */
  raise(alert: ProgramAlert): void {
    if (this.isOpen(alert)) return;
    const { source, rule } = alert;
    const entry: Entry = { source, rule, state: 'raising', ts: this.#options.clock.nowMs(), alert };
    this.#set(entry);
    this.#submitRaise(entry);
    this.#set({ source, rule, state: 'open' });
  }

  /** Does nothing when it isn't open. */
  clear({ source, rule }: Name): void {
    if (!this.isOpen({ source, rule })) return;
    const entry: Entry = { source, rule, state: 'clearing', ts: this.#options.clock.nowMs() };
    this.#set(entry);
    this.#submitClear(entry);
    this.#entries.delete(keyOf(entry));
    this.#save();
  }

  /** The messages that are not about alerts of programs. */
  *others(waiting: Iterable<SpooledMessage>): Generator<SpooledMessage> {
    for (const message of waiting)
      if (message.proto !== PROTO.alert || !this.isOpen(nameIn(message).name)) yield message;
  }

  /** Does what a crash left undone. */
  #finish(lastWord: ReadonlyMap<string, 'raise' | 'clear'>): void {
    for (const [key, entry] of this.#entries) {
      const { source, rule } = entry;
      if (entry.state === 'raising') {
        if (lastWord.get(key) !== 'raise') this.#submitRaise(entry);
        this.#set({ source, rule, state: 'open' });
      } else if (entry.state === 'clearing') {
        if (lastWord.get(key) !== 'clear') this.#submitClear(entry);
        this.#entries.delete(key);
        this.#save();
      }
    }
  }

  #submitRaise({ ts, alert }: Extract<Entry, { state: 'raising' }>): void {
    const { submit, log } = this.#options;
    submit((id) => alertRaise.frame({ id }, { ts, ...alert }));
    log.warn('alert raised', { rule: alert.rule, source: alert.source, description: alert.description });
  }

  #submitClear({ ts, source, rule }: Extract<Entry, { state: 'clearing' }>): void {
    const { submit, log } = this.#options;
    submit((id) => alertClear.frame({ id }, { ts, source, rule }));
    log.info('alert cleared', { rule, source });
  }

  #set(entry: Entry): void {
    this.#entries.set(keyOf(entry), entry);
    this.#save();
  }

  /** A disk that refuses now gets the whole list with the next change. */
  #save(): void {
    tryWriteFileAtomic(this.#options.path, JSON.stringify([...this.#entries.values()]));
  }
}

function keyOf({ source, rule }: Name): string {
  return `${source}\0${rule}`;
}

function nameIn({ bytes }: SpooledMessage): { kind: 'raise' | 'clear'; name: Name } {
  const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
  return alertRaise.is(frame)
    ? { kind: 'raise', name: alertRaise.read(frame).body }
    : { kind: 'clear', name: alertClear.read(frame).body };
}

/** What the spool last has to say about each alert. */
function lastWords(waiting: Iterable<SpooledMessage>): Map<string, 'raise' | 'clear'> {
  const words = new Map<string, 'raise' | 'clear'>();
  for (const message of waiting) {
    if (message.proto !== PROTO.alert) continue;
    const { kind, name } = nameIn(message);
    words.set(keyOf(name), kind);
  }
  return words;
}

/** A file that doesn't hold what it should counts as none. */
function parse(text: string | undefined): Entry[] {
  try {
    const kept = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(kept) ? kept.flatMap(readEntry).slice(0, PROGRAM_ALERTS_MAX) : [];
  } catch {
    return [];
  }
}

function readEntry(value: unknown): Entry[] {
  const { source, rule, state, ts, alert } = value as Partial<Extract<Entry, { state: 'raising' }>>;
  if (typeof source !== 'string' || typeof rule !== 'string') return [];
  if (state === 'raising' && typeof ts === 'number' && alert) {
    // Whatever the file says, only what can be sent is taken.
    const { body } = alertRaise.read(alertRaise.frame({ id: 0 }, { ts, ...alert, source, rule }));
    const { severity, description, values } = body;
    return [{ source, rule, state, ts, alert: { source, rule, severity, description, values } }];
  }
  if ((state as string) === 'clearing' && typeof ts === 'number') return [{ source, rule, state: 'clearing', ts }];
  return [{ source, rule, state: 'open' }];
}
