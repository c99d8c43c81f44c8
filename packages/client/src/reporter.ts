/** Reports by exception: what changed enough to be news, and now and then everything that changed at all. */
import {
  METRICS_MAX,
  NAME_LENGTH_MAX,
  REPORTS_MAX,
  statusReport,
  type MetricValue,
  type StatusReport,
} from '@lovely/protocol';
import type { Clock } from './clock.ts';
import { CLOCK_HELD_MS_MAX, REPORT_BATCH_MS } from './limits.ts';
import { isNews } from './metrics.ts';
import type { Submit } from './outbox.ts';

export interface ReporterOptions {
  readonly clock: Clock;
  readonly submit: Submit;
  /** How often everything that changed at all is reported. */
  readonly fullIntervalMs: number;
  /** How long changed values wait for others. */
  readonly batchMs?: number;
}

type Values = { readonly [metric: string]: MetricValue };

export class Reporter {
  readonly #options: ReporterOptions;
  readonly #sources = new Map<string, SourceState>();
  #batch: StatusReport[] = [];
  #cancelBatch: (() => void) | undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Takes the figures of now; `source` is '' for the gateway or a sensor's id. The first report goes out at once. */
  observe(source: string, values: Values): void {
    const { clock, fullIntervalMs, batchMs = REPORT_BATCH_MS } = this.#options;
    let state = this.#sources.get(source);
    if (state === undefined)
      this.#sources.set(source, (state = { reported: new Map(), fullAtMs: -Infinity, toldMs: 0 }));
    const isFull = clock.monotonicMs() - state.fullAtMs >= fullIntervalMs;
    if (isFull) state.fullAtMs = clock.monotonicMs();
    const changed = takeChanges(state.reported, values, isFull);
    if (changed.length === 0) return;
    for (let at = 0; at < changed.length; at += METRICS_MAX) {
      if (this.#batch.length === REPORTS_MAX) this.flush();
      this.#batch.push({
        ts: nextTime(state, clock.nowMs()),
        source,
        values: Object.fromEntries(changed.slice(at, at + METRICS_MAX)),
      });
    }
    if (isFull) this.flush();
    else this.#cancelBatch ??= clock.after(batchMs, () => this.flush());
  }

  /** Has everything told once more with the next figures, as if nothing had been. */
  tellAgain(): void {
    for (const state of this.#sources.values()) {
      state.reported.clear();
      state.fullAtMs = -Infinity;
    }
  }

  /** Submits what is collected. */
  flush(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = undefined;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) this.#options.submit((id) => statusReport.frame({ id }, batch));
  }
}

interface SourceState {
  /** What the server knows or will know. */
  readonly reported: Map<string, MetricValue>;
  fullAtMs: number;
  /** The time of the last report. */
  toldMs: number;
}

/** The server takes the newer time for the newer value, so no report may look older than, or as old as, the one before. */
function nextTime(state: SourceState, nowMs: number): number {
  const isHeld = nowMs <= state.toldMs && state.toldMs - nowMs <= CLOCK_HELD_MS_MAX;
  state.toldMs = isHeld ? state.toldMs + 1 : nowMs;
  return state.toldMs;
}

function takeChanges(
  reported: Map<string, MetricValue>,
  values: Values,
  isFull: boolean,
): [metric: string, value: MetricValue][] {
  const changed = Object.entries(values).filter(([metric, value]) => {
    const before = reported.get(metric);
    return metric.length <= NAME_LENGTH_MAX && (isFull ? before !== value : isNews(metric, before, value));
  });
  for (const [metric, value] of changed) reported.set(metric, value);
  // A disk that went away and comes back is news again.
  for (const metric of reported.keys()) if (!Object.hasOwn(values, metric)) reported.delete(metric);
  return changed;
}
