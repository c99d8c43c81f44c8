/**
 * What brings firmware onto a sensor: a program of the gateway's owner, started for each step, or the one that speaks for the
 * sensor anyway. docs/sensor-firmware.md tells their authors what each step is to do.
 */
import type { SensorDescription } from '@lovely/protocol';

/**
 * In this order, `describe` also after `activate` and `rollback`, to see what came of them. Each may be asked for again after
 * it was cut off, and after it was done.
 */
export const DRIVER_STEPS = ['describe', 'prepare', 'transfer', 'verify', 'activate', 'rollback'] as const;
export type DriverStep = (typeof DRIVER_STEPS)[number];

/** A file of the firmware, whole and checked. */
export interface FirmwareFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface StepRequest {
  readonly step: DriverStep;
  /** Names the update of this sensor for ever. */
  readonly update: string;
  readonly sensor: SensorDescription;
  /** The firmware that the sensor is to have. */
  readonly version: string;
  /** What `describe` said before anything was done; '' until it has. */
  readonly firmwareBefore: string;
  readonly files: readonly FirmwareFile[];
  /** A folder for this sensor and update, in which notes outlive a power cut. */
  readonly workDir: string;
  readonly timeoutMs: number;
}

export interface StepProgress {
  /** A sign of life, with how far the step is where the driver knows. */
  progress(percent: number | undefined): void;
  /** For the log of the update. */
  log(message: string): void;
}

export type StepEnd =
  /** `firmware` is what the sensor runs; `describe` must say it. */
  | { readonly kind: 'done'; readonly firmware: string | undefined }
  /** The sensor can't be reached at the moment; nothing is wrong with that. */
  | { readonly kind: 'later'; readonly retryAfterMs: number | undefined; readonly message: string }
  /** It may be tried again. */
  | { readonly kind: 'failed'; readonly message: string }
  /** There is no use in trying again. */
  | { readonly kind: 'refused'; readonly message: string };

/** Carries out one step. Never rejects; once `signal` is aborted, it ends soon and what it says doesn't count. */
export type Driver = (request: StepRequest, progress: StepProgress, signal: AbortSignal) => Promise<StepEnd>;
