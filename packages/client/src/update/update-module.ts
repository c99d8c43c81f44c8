/** What carries out one payload of an artifact: an executable of the gateway, or a part of the client. */
import type { ArtifactHeader, PayloadHeader } from '@lovely/artifact';
import type { SensorUpdate, UpdateCause, UpdateLogLine } from '@lovely/protocol';

/** Whether what was installed is only there after a start of the machine. */
export type RebootNeed =
  | 'no'
  | 'yes' // and the module sees to it, in `reboot` and `rollbackReboot`
  | 'automatic'; // and the client sees to it: `reboot` and `rollbackReboot` are not called

/** A file of the payload while it arrives. Its checksum has not been looked at yet. */
export interface ModuleFile {
  readonly name: string;
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Can be read once. What is left of it when the next file is asked for is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The steps of one payload, in the order of Mender's update modules. Each resolves when it is done and throws when it failed,
 * best an UpdateError; one without a code counts as 'module-failed'. The client, or the machine, may be killed at any moment:
 *
 * - All that a step needs to know of earlier ones must lie on a disk, synchronised: after a kill a new UpdateModule is opened
 *   for the same folder, and goes on with any of the steps after `supportsRollback`.
 * - Every step may be called again after it was cut off, or after it was done. `rollback` and what follows may come after any
 *   step from `install` on, also after one that was cut off in its middle, `commit` included.
 * - `cleanup` comes last, whatever happened, even when `download` failed.
 */
export interface UpdateModule {
  /**
   * Whether it takes as long as others let it: `install` and `verifyReboot` that a kill cut off are called again instead of
   * being rolled back, and no step is ended for taking long, only for giving no sign of life.
   */
  readonly isPatient?: boolean;
  /**
   * Takes the files of the payload. Nothing that the gateway runs may change yet, for what arrives may be wrong: the
   * checksums are known to fit once all payloads are here, just before `install`.
   */
  download(files: AsyncIterable<ModuleFile>): Promise<void>;
  supportsRollback(): Promise<boolean>;
  install(): Promise<void>;
  needsReboot(): Promise<RebootNeed>;
  /** Starts the machine anew, usually by never returning. */
  reboot(): Promise<void>;
  /** Whether the machine came up, and with what was installed. */
  verifyReboot(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  rollbackReboot(): Promise<void>;
  verifyRollbackReboot(): Promise<void>;
  /** Something failed, and it has been rolled back where that is supported. */
  failure(): Promise<void>;
  cleanup(): Promise<void>;
}

/** What the one who opens a module knows. */
export interface ModuleContext {
  readonly deployment: string;
  /** Which payload of the artifact, from 0. */
  readonly payload: number;
  readonly type: string;
  readonly header: PayloadHeader;
  readonly artifact: Pick<ArtifactHeader, 'name' | 'group' | 'deviceTypes'>;
  /** What is installed now: `artifact_name`, `device_type`, and what the artifacts so far brought. */
  readonly provides: { readonly [key: string]: string };
  /** The sensors that are meant; undefined: all that fit. */
  readonly sensors: readonly string[] | undefined;
  /** A folder of its own, which exists; it is removed after `cleanup`. */
  readonly folder: string;
  /** How much of the artifact is still to come while it is downloaded, as it travels. */
  readonly bytesToCome: () => number;
  /** Goes into the log of the update, which is told after a failure. */
  log(level: UpdateLogLine['level'], message: string): void;
  /** A sign of life, which a module that takes long must give; with how far this step, and sensors in it, are, where it knows. */
  progress(percent?: number, sensors?: readonly SensorUpdate[]): void;
  /** News of sensors; durable, so only when their state changed. */
  tellSensors(sensors: readonly SensorUpdate[]): void;
  /**
   * Aborted when the step is to end now: the client is being stopped, the update is called off, or the step takes too long.
   * Whatever is thrown then counts for nothing but the log.
   */
  readonly signal: AbortSignal;
}

export type OpenModule = (context: ModuleContext) => UpdateModule;

/**
 * The parts of the client that carry out payloads, by the payload's type; loaded when the first such payload comes. They go
 * before an executable of the same name.
 */
export type PayloadHandlers = ReadonlyMap<string, () => Promise<OpenModule>>;

/** Why an update can't go on; `step` is the module's or script's name for it. */
export class UpdateError extends Error {
  readonly code: UpdateCause;
  readonly step: string;

  constructor(code: UpdateCause, step: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UpdateError';
    this.code = code;
    this.step = step;
  }
}
