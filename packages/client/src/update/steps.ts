/** The seam between what an update does next, which is decided in one way, and how it is done: on a host, or in a simulation. */
import type { SensorUpdate, UpdateOffer } from '@lovely/protocol';
import type { StepFacts } from './transitions.ts';
import type { UpdateLog } from './update-log.ts';
import type { UpdateRecord } from './update-record.ts';

/** What carries out a step, and what it may use. */
export interface StepRun {
  readonly record: UpdateRecord;
  /** The newest of the attempt. */
  offer(): UpdateOffer;
  readonly log: UpdateLog;
  /** Aborted when the step is to end now: the client is being stopped, or the update was called off. */
  readonly signal: AbortSignal;
  /** What it is at, for people. */
  tell(substate: string): void;
  tellSensors(sensors: readonly SensorUpdate[]): void;
  progress(news: { percent?: number | undefined; bytes?: number; sensors?: readonly SensorUpdate[] | undefined }): void;
  /** Remembers, without a step, how many payloads are installed. */
  note(installed: number): void;
}

export interface Steps {
  /** Before the first step of this life of the client: ends what an earlier one left running. */
  begin(): Promise<void>;
  /** Carries out any step but those that only wait or report. Throws UpdateError. */
  perform(run: StepRun): Promise<StepFacts>;
  /** An update is over, or is forgotten before anything was done: nothing of it stays behind. */
  tidy(): Promise<void>;
}
