/** The configuration proto (0x0104): keeps what the server wants to be set, hands it to the sensors' programs, and says so. */
import { configurationDesired, configurationReported, ProtocolError, type ConfigurationValues } from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from './atomic-file.ts';
import type { Handler } from './channel.ts';
import type { Log } from './log.ts';
import type { Submit } from './outbox.ts';

export interface StoredConfiguration {
  readonly version: number;
  readonly values: ConfigurationValues;
}

export interface ConfigurationStore {
  load(): StoredConfiguration | undefined;
  /** False when the disk refuses. */
  save(configuration: StoredConfiguration): boolean;
}

export interface ConfigurationOptions {
  readonly store: ConfigurationStore;
  /** Hands a sensor's values to its program. */
  configure(sensor: string, values: ConfigurationValues): void;
  readonly submit: Submit;
  readonly log: Log;
}

const SENSOR_KEY = /^sensor\/([^/]+)\/(.+)$/;

export class Configuration {
  readonly #options: ConfigurationOptions;
  #current: StoredConfiguration;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#current = options.store.load() ?? { version: 0, values: {} };
    this.#apply({});
  }

  /** What the gateway itself is to be set to. */
  get values(): ConfigurationValues {
    return Object.fromEntries(Object.entries(this.#current.values).filter(([key]) => !SENSOR_KEY.test(key)));
  }

  readonly handle: Handler = (frame) => {
    if (!configurationDesired.is(frame))
      throw new ProtocolError('bad-message', `unknown message type "${frame.typ}" of configuration`);
    const { version, values } = configurationDesired.read(frame).body;
    const { store, submit, log } = this.#options;
    // A gateway that joins anew is a new one to the server, which counts from 1 again.
    if (version !== this.#current.version || JSON.stringify(values) !== JSON.stringify(this.#current.values)) {
      // What can't be kept is not reported: the server tells it again.
      if (!store.save({ version, values })) return log.warn('the configuration could not be stored', { version });
      const before = this.#current.values;
      this.#current = { version, values };
      this.#apply(before);
      log.info('configuration told', { version, values: Object.keys(values).length });
    }
    submit((id) => configurationReported.frame({ id }, { version, values: this.#current.values }));
  };

  #apply(before: ConfigurationValues): void {
    const after = bySensor(this.#current.values);
    for (const sensor of new Set([...bySensor(before).keys(), ...after.keys()]))
      this.#options.configure(sensor, after.get(sensor) ?? {});
  }
}

function bySensor(values: ConfigurationValues): Map<string, ConfigurationValues> {
  const result = new Map<string, ConfigurationValues>();
  for (const [key, value] of Object.entries(values)) {
    const [, sensor, own] = SENSOR_KEY.exec(key) ?? [];
    if (sensor !== undefined && own !== undefined) result.set(sensor, { ...result.get(sensor), [own]: value });
  }
  return result;
}

export function fileConfigurationStore(path: string): ConfigurationStore {
  return {
    load() {
      try {
        const kept = JSON.parse(readFileIfThere(path) ?? 'null') as unknown;
        // Read as a message is: whatever the file says, only what could be told is taken.
        return kept === null
          ? undefined
          : configurationDesired.read(configurationDesired.frame({}, kept as StoredConfiguration)).body;
      } catch {
        return undefined;
      }
    },
    save: (configuration) => tryWriteFileAtomic(path, JSON.stringify(configuration)),
  };
}

/** For gateways without a disk. */
export function memoryConfigurationStore(): ConfigurationStore {
  return { load: () => undefined, save: () => true };
}
