/** What a gateway keeps of its configuration on its disk: what it is set to, and what it would go back to. */
import {
  CONFIGURATION_REVERT_REASONS,
  configurationDesired,
  type ConfigurationProblems,
  type ConfigurationRevertReason,
  type ConfigurationValues,
} from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from '../atomic-file.ts';

export interface VersionedValues {
  readonly version: number;
  readonly values: ConfigurationValues;
}

/** Values that are not confirmed yet. */
export interface Trial {
  readonly before: VersionedValues;
  readonly confirmMs: number;
  /** How often the client has started since they came. */
  readonly starts: number;
}

export interface StoredConfiguration extends VersionedValues {
  /** Whether everybody was told of them; else that is done again. */
  readonly isApplied: boolean;
  readonly problems: ConfigurationProblems;
  readonly trial?: Trial | undefined;
  /** The life of the machine in which something asked for the next one: the values count then. */
  readonly restartFrom?: string | undefined;
  /** What it went back from, and takes no more. */
  readonly refused?: RefusedValues | undefined;
}

export interface RefusedValues extends VersionedValues {
  readonly reason: ConfigurationRevertReason;
  readonly problems: ConfigurationProblems;
}

export interface ConfigurationStore {
  /** Undefined: there is none. 'damaged': there was one that can't be read. */
  load(): StoredConfiguration | 'damaged' | undefined;
  /** False when the disk refuses. */
  save(configuration: StoredConfiguration): boolean;
}

export function fileConfigurationStore(path: string): ConfigurationStore {
  return {
    load() {
      const text = readFileIfThere(path);
      if (text === undefined) return undefined;
      try {
        return readStored(JSON.parse(text));
      } catch {
        return 'damaged';
      }
    },
    save: (configuration) => tryWriteFileAtomic(path, JSON.stringify(configuration)),
  };
}

/** For gateways without a disk. */
export function memoryConfigurationStore(): ConfigurationStore {
  return { load: () => undefined, save: () => true };
}

/** Whatever the file says, only what could be told is taken. Throws. */
function readStored(content: unknown): StoredConfiguration {
  const { isApplied = true, problems = [], trial, restartFrom, refused } = content as Partial<StoredConfiguration>;
  return {
    ...readValues(content),
    isApplied: isApplied === true,
    problems: readProblems(problems),
    restartFrom: restartFrom === undefined ? undefined : String(restartFrom),
    trial: trial && {
      before: readValues(trial.before),
      confirmMs: Number(trial.confirmMs) || 0,
      starts: Number(trial.starts) || 0,
    },
    refused: refused && {
      ...readValues(refused),
      reason: CONFIGURATION_REVERT_REASONS.find((reason) => reason === refused.reason) ?? 'no-connection',
      problems: readProblems(refused.problems),
    },
  };
}

function readProblems(problems: ConfigurationProblems): ConfigurationProblems {
  return problems.map(({ key, message }) => ({
    ...(key === undefined ? {} : { key: String(key) }),
    message: String(message),
  }));
}

/** Read as a message is. */
function readValues(content: unknown): VersionedValues {
  const { version, values } = content as VersionedValues;
  const read = configurationDesired.read(configurationDesired.frame({}, { version, values })).body;
  return { version: read.version, values: read.values };
}
