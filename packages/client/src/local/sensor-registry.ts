/** The sensors behind this gateway: kept on disk, and told to the backend whole whenever they change. */
import { NAME_LENGTH_MAX, sensorsTopology, type SensorDescription } from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from '../atomic-file.ts';
import type { Clock } from '../clock.ts';
import { LOCAL_SENSORS_MAX, TOPOLOGY_BATCH_MS } from '../limits.ts';
import type { Submit } from '../outbox.ts';

export interface KnownSensor extends SensorDescription {
  /** The user whose programs may speak for it. */
  readonly user: string;
}

export interface SensorRegistryOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly submit: Submit;
}

export const SENSOR_ID = /^[A-Za-z0-9._:-]{1,64}$/;

export class SensorRegistry {
  readonly #options: SensorRegistryOptions;
  readonly #sensors: Map<string, KnownSensor>;
  #cancelReport: (() => void) | undefined;

  /** Reports what was kept, as the backend may not have heard of it. */
  constructor(options: SensorRegistryOptions) {
    this.#options = options;
    const text = readFileIfThere(options.path);
    this.#sensors = new Map(parse(text).map((sensor) => [sensor.id, sensor]));
    if (text !== undefined) this.#reportLater();
  }

  get(id: string): KnownSensor | undefined {
    return this.#sensors.get(id);
  }

  get size(): number {
    return this.#sensors.size;
  }

  all(): IterableIterator<KnownSensor> {
    return this.#sensors.values();
  }

  put(sensor: KnownSensor): void {
    if (JSON.stringify(this.#sensors.get(sensor.id)) === JSON.stringify(sensor)) return;
    this.#sensors.set(sensor.id, sensor);
    this.#changed();
  }

  remove(id: string): void {
    if (this.#sensors.delete(id)) this.#changed();
  }

  /** Submits what changed lately. */
  flush(): void {
    if (this.#cancelReport === undefined) return;
    this.#cancelReport();
    this.#cancelReport = undefined;
    const sensors = [...this.#sensors.values()].map((known): SensorDescription => {
      const { user: _, ...described } = known;
      return described;
    });
    this.#options.submit((id) => sensorsTopology.frame({ id }, sensors));
  }

  /** A disk that refuses now gets the whole list with the next change. */
  #changed(): void {
    tryWriteFileAtomic(this.#options.path, JSON.stringify([...this.#sensors.values()]));
    this.#reportLater();
  }

  /** Programs that start together make one message. */
  #reportLater(): void {
    this.#cancelReport ??= this.#options.clock.after(TOPOLOGY_BATCH_MS, () => this.flush());
  }
}

/** A file that doesn't hold what it should counts as none: the programs register again. */
function parse(text: string | undefined): KnownSensor[] {
  try {
    const kept = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(kept) ? kept.filter(isSensor).slice(0, LOCAL_SENSORS_MAX) : [];
  } catch {
    return [];
  }
}

const MEMBERS = ['id', 'kind', 'name', 'model', 'serial', 'firmware', 'place', 'user'] as const;

function isSensor(value: unknown): value is KnownSensor {
  const sensor = value as Partial<Record<string, unknown>> | null;
  const isText = (text: unknown): boolean => typeof text === 'string' && text.length <= NAME_LENGTH_MAX;
  return typeof sensor === 'object' && sensor !== null && MEMBERS.every((name) => isText(sensor[name]));
}
