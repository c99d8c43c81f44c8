/** What rules listen to: logs and signals. Each is followed only while a rule wants it. */
import type { DeviceRule } from '@lovely/protocol';
import { watchLog } from './log-watch.ts';
import { watchSignals, type SignalWatchOptions } from './signal-watch.ts';

export interface EventSourcesOptions extends SignalWatchOptions {
  /** What the files of logs may be in. */
  readonly folders: readonly string[];
}

export class EventSources {
  readonly #options: EventSourcesOptions;
  /** What ends each, by what it is. */
  readonly #running = new Map<string, () => void>();

  constructor(options: EventSourcesOptions) {
    this.#options = options;
  }

  /** Follows what these rules want, and nothing else; what is followed already goes on undisturbed. */
  follow(rules: readonly DeviceRule[]): void {
    const { folders, clock, log, happened } = this.#options;
    const wanted = new Map<string, () => () => void>();
    for (const { key, version, watch } of rules)
      if (watch.kind === 'log')
        wanted.set(JSON.stringify([key, version, watch]), () =>
          watchLog(watch, folders, clock, log, (text) => happened({ rule: key, kind: 'hit', text })),
        );
    const signals = rules.filter((rule) => rule.watch.kind === 'signal') as Parameters<typeof watchSignals>[0];
    if (signals.length > 0) wanted.set(JSON.stringify(signals), () => watchSignals(signals, this.#options));
    for (const [name, stop] of this.#running)
      if (!wanted.has(name)) {
        this.#running.delete(name);
        stop();
      }
    for (const [name, start] of wanted) if (!this.#running.has(name)) this.#running.set(name, start());
  }

  close(): void {
    this.follow([]);
  }
}
