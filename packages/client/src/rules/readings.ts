/** The last values of the gateway and of each sensor, as rules are evaluated on them. */
import type { MetricValue, Reading, SourceFacts } from '@lovely/protocol';
import { RULE_METRICS_MAX } from '../limits.ts';

/** A sensor as rules tell it from others. */
export interface WatchedSensor {
  readonly id: string;
  readonly kind: string;
  readonly model: string;
  readonly name: string;
}

type Values = { readonly [metric: string]: MetricValue };

interface Source {
  kind: string;
  model: string;
  name: string;
  readonly readings: Map<string, Reading>;
}

export class Readings {
  readonly #sources = new Map<string, Source>();

  get sources(): ReadonlyMap<string, SourceFacts> {
    return this.#sources;
  }

  /** All figures of the gateway: one that is missing is there no more. */
  replaceHost(values: Values, nowMs: number): void {
    const host = this.#sourceOf('');
    for (const metric of host.readings.keys()) if (!Object.hasOwn(values, metric)) host.readings.delete(metric);
    take(host, values, nowMs);
  }

  /** Some values of a sensor; the others hold. Values of a sensor that nobody knows are passed over. */
  addSensor(id: string, values: Values, nowMs: number): void {
    const sensor = this.#sources.get(id);
    if (sensor && id !== '') take(sensor, values, nowMs);
  }

  /** All sensors there are. */
  replaceSensors(sensors: Iterable<WatchedSensor>): void {
    const known = new Set(['']);
    for (const { id, kind, model, name } of sensors) {
      if (id === '') continue;
      known.add(id);
      Object.assign(this.#sourceOf(id), { kind, model, name });
    }
    for (const id of this.#sources.keys()) if (!known.has(id)) this.#sources.delete(id);
  }

  #sourceOf(id: string): Source {
    let source = this.#sources.get(id);
    if (!source) this.#sources.set(id, (source = { kind: '', model: '', name: '', readings: new Map() }));
    return source;
  }
}

function take({ readings }: Source, values: Values, atMs: number): void {
  for (const [metric, value] of Object.entries(values)) {
    const before = readings.get(metric);
    if (!before && readings.size >= RULE_METRICS_MAX) continue;
    const changes = (before?.changes ?? 0) + (before && before.value !== value ? 1 : 0);
    readings.set(metric, { value, atMs, changes });
  }
}
