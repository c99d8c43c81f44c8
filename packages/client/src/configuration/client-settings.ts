/** Settings of the client that the server may change while it runs: those of its owner, with `client/…` of the configuration over them. */
import type { ConfigurationProblems, ConfigurationValues } from '@lovely/protocol';
import { sleep, type Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { HEARTBEAT_MS_MAX, HEARTBEAT_MS_MIN, INVENTORY_INTERVAL_MS, REPORT_BATCH_MS } from '../limits.ts';

export interface Settings {
  readonly sampleIntervalMs: number;
  readonly reportBatchMs: number;
  readonly fullReportIntervalMs: number;
  readonly inventoryIntervalMs: number;
  /** Undefined: as the server asks. */
  readonly heartbeatMs: number | undefined;
  readonly shellsMax: number;
  readonly shellsPerUserMax: number;
}

type Name = keyof Settings;

const HOUR_MS = 3600_000;

/** The limits that the schema of the server names too (default-configuration-schemas.ts); here they are obeyed. */
const RANGES: { readonly [K in Name]: readonly [min: number, max: number] } = {
  sampleIntervalMs: [100, HOUR_MS],
  reportBatchMs: [100, HOUR_MS],
  fullReportIntervalMs: [1000, 24 * HOUR_MS],
  inventoryIntervalMs: [10_000, 24 * HOUR_MS],
  heartbeatMs: [HEARTBEAT_MS_MIN, HEARTBEAT_MS_MAX],
  shellsMax: [0, 256],
  shellsPerUserMax: [1, 256],
};

/** What may only become less than the gateway's owner allows. */
const OWNERS: ReadonlySet<Name> = new Set(['shellsMax', 'shellsPerUserMax']);

export const CLIENT_KEY_PREFIX = 'client/';

export class ClientSettings {
  readonly #own: Settings;
  #current: Settings;
  readonly #listeners = new Set<() => void>();

  constructor(config: Pick<Config, 'sampleIntervalMs' | 'fullReportIntervalMs' | 'shellsMax' | 'shellsPerUserMax'>) {
    const { sampleIntervalMs, fullReportIntervalMs, shellsMax, shellsPerUserMax } = config;
    this.#own = {
      sampleIntervalMs,
      reportBatchMs: REPORT_BATCH_MS,
      fullReportIntervalMs,
      inventoryIntervalMs: INVENTORY_INTERVAL_MS,
      heartbeatMs: undefined,
      shellsMax,
      shellsPerUserMax,
    };
    this.#current = this.#own;
  }

  get current(): Settings {
    return this.#current;
  }

  /** Calls `listener` with each change, until the function that it returns is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes the `client/…` of these values, and the owner's where there is none; returns what it can't take. */
  apply(values: ConfigurationValues): ConfigurationProblems {
    const problems: ConfigurationProblems = [];
    const taken: { [K in Name]?: number } = {};
    for (const [key, value] of Object.entries(values)) {
      if (!key.startsWith(CLIENT_KEY_PREFIX)) continue;
      const name = key.slice(CLIENT_KEY_PREFIX.length);
      const wrong = isName(name) ? this.#wrongWith(name, value) : 'This client has no such setting.';
      if (wrong !== undefined) problems.push({ key, message: wrong });
      else taken[name as Name] = value as number;
    }
    const next = { ...this.#own, ...taken };
    if (JSON.stringify(next) !== JSON.stringify(this.#current)) {
      this.#current = next;
      for (const listener of this.#listeners) listener();
    }
    return problems;
  }

  /** Waits for as long as a setting says; ends early when that changes, or `signal` is aborted. */
  async pause(name: 'sampleIntervalMs' | 'inventoryIntervalMs', clock: Clock, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    const before = this.#current[name];
    const stop = this.listen(() => {
      if (this.#current[name] !== before) changed.abort();
    });
    await sleep(clock, before, AbortSignal.any([signal, changed.signal]));
    stop();
  }

  #wrongWith(name: Name, value: ConfigurationValues[string]): string | undefined {
    const [min, max] = RANGES[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      return `It is a whole number from ${min} to ${max}.`;
    const owners = this.#own[name];
    return OWNERS.has(name) && owners !== undefined && value > owners
      ? `The gateway's owner allows at most ${owners}.`
      : undefined;
  }
}

function isName(name: string): name is Name {
  return Object.hasOwn(RANGES, name);
}
