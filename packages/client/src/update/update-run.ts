/** One update from its offer, or from where an earlier life of the client was cut off, to its last report. */
import type { UpdateOffer, UpdatePause, UpdateState } from '@lovely/protocol';
import type { Clock } from '../clock.ts';
import { describeError } from '../error.ts';
import { isDiskError } from '../atomic-file.ts';
import { UPDATE_PROGRESS_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Keeper } from './checked-file.ts';
import type { StepRun, Steps } from './steps.ts';
import { advance, type StepEnd, type StepFacts } from './transitions.ts';
import type { UpdateLog } from './update-log.ts';
import { UpdateError } from './update-module.ts';
import type { Step, UpdateFailure, UpdateRecord } from './update-record.ts';
import type { UpdateReporter } from './update-reporter.ts';

export interface UpdateRunOptions {
  /** Loads what carries the steps out. */
  readonly steps: () => Promise<Steps>;
  readonly record: Keeper<UpdateRecord>;
  readonly reporter: UpdateReporter;
  readonly updateLog: UpdateLog;
  readonly bootId: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the step may be cut off when the update is called off; elsewhere it is waited for. */
const CUT_OFF: readonly Step[] = ['fetch', 'store', 'after-store', 'pause-install', 'pause-reboot', 'pause-commit'];
const DOWNLOADING: readonly Step[] = ['fetch', 'store', 'after-store'];
/** After these it is too late to call it off. */
const TOO_LATE: readonly Step[] = ['commit', 'after-first-commit', 'after-commit', 'cleanup', 'report'];
const PAUSES: { readonly [step in Step]?: UpdatePause } = {
  'pause-install': 'install',
  'pause-reboot': 'reboot',
  'pause-commit': 'commit',
};

export class UpdateRun {
  readonly #options: UpdateRunOptions;
  #record: UpdateRecord;
  #stopStep = new AbortController();
  #isStopping = false;
  #isOver = false;
  /** Wakes what waits for `continue`. */
  #wake: () => void = () => undefined;
  #bytes = 0;
  #percent = 0;
  #progressAtMs = -Infinity;

  constructor(options: UpdateRunOptions, record: UpdateRecord) {
    this.#options = options;
    this.#record = record;
  }

  get offer(): UpdateOffer {
    return this.#record.offer;
  }

  /** Resolves when it is over, or the client is being stopped. */
  async run(): Promise<void> {
    const { record: keeper, updateLog } = this.#options;
    const steps = await this.#options.steps();
    await steps.begin();
    if (!this.#save(this.#record) && !this.#record.failure)
      this.#record = advance(this.#record, diskFailure(this.#record.step)) ?? this.#record;
    // In both copies from the beginning: one may get garbled.
    this.#save(this.#record);
    for (;;) {
      this.#tellStep();
      const end = await this.#carryOut(steps);
      if (!end) return await this.#leave(steps);
      const next = advance(this.#record, end);
      if (!next) break;
      this.#enter(next);
    }
    this.#isOver = true;
    try {
      // The record last: as long as it is there, another life of the client goes on with the tidying up.
      await steps.tidy();
      updateLog.clear();
      keeper.clear();
    } catch (error) {
      // A disk that takes nothing any more keeps what is over; it is told again after the next start.
      if (!isDiskError(error)) throw error;
      this.#options.log.warn('what an update left could not be removed', { reason: describeError(error) });
    }
  }

  /** A download that the stop of the client cut off begins again with the next offer, and is no failure. */
  async #leave(steps: Steps): Promise<void> {
    if (!DOWNLOADING.includes(this.#record.step)) return;
    this.#stopStep = new AbortController();
    const message = 'the client was stopped';
    const failure: UpdateFailure = { code: 'aborted', step: this.#record.step, message };
    await steps.perform({ ...this.#stepRun(), record: { ...this.#record, step: 'cleanup', failure } });
    await steps.tidy();
    this.#options.record.clear();
  }

  /** Offered again: its path may be good for longer, and somebody may have changed where it waits. */
  offerAgain(offer: UpdateOffer): void {
    if (offer.deployment === this.offer.deployment && offer.attempt === this.offer.attempt)
      this.#change({ offer, pauseBefore: offer.pauseBefore ?? [] });
    this.#options.reporter.repeat();
  }

  pause(before: readonly UpdatePause[]): void {
    this.#change({ pauseBefore: [...new Set([...this.#record.pauseBefore, ...before])] });
  }

  /** Goes on where it waits; what it would wait for later stays, unless it waits nowhere now. */
  continue(): void {
    const pause = PAUSES[this.#record.step];
    this.#change({ pauseBefore: pause ? this.#record.pauseBefore.filter((each) => each !== pause) : [] });
  }

  abort(): void {
    if (TOO_LATE.includes(this.#record.step) || this.#record.failure) return;
    this.#change({ isCalledOff: true });
    if (CUT_OFF.includes(this.#record.step) || this.#record.patience.includes(true)) this.#stopStep.abort();
  }

  /** An error of the client itself ended it where it stood; the server is told, and that it is not the end. */
  stoppedBy(reason: string): void {
    const state = this.#record.failure ? 'failure' : STATES[this.#record.step];
    this.#options.reporter.state({ state, substate: `stopped until the client starts again: ${reason}` });
  }

  /** Ends the step that is under way; what is on the disk says where to go on. */
  stop(): void {
    this.#isStopping = true;
    this.#stopStep.abort();
    this.#wake();
  }

  /** Between steps the record changes with what the server wants; the disk gets to know at once. */
  #change(members: Partial<UpdateRecord>): void {
    if (this.#isOver) return;
    this.#record = { ...this.#record, ...members };
    this.#save(this.#record);
    this.#wake();
  }

  #save(record: UpdateRecord): boolean {
    return this.#options.record.save(record);
  }

  /** The step is on the disk before it begins. A disk that refuses sends the update back, as far as it can go back. */
  #enter(next: UpdateRecord): void {
    const { bootId, log, updateLog } = this.#options;
    // A look after a reboot wants to know what it was before.
    const isLook = next.step === 'verify-reboot' || next.step === 'verify-rollback-reboot';
    const entered = isLook ? next : { ...next, bootId: bootId() };
    updateLog.add('debug', `step ${entered.step}`);
    if (this.#save(entered) || entered.failure) {
      this.#record = entered;
      return;
    }
    log.warn('an update could not be written down', { step: entered.step });
    const back = advance(this.#record, diskFailure(entered.step));
    if (!back) return;
    this.#save(back);
    this.#record = back;
  }

  /** Undefined when the client is being stopped. */
  async #carryOut(steps: Steps): Promise<StepEnd | undefined> {
    const { step } = this.#record;
    this.#stopStep = new AbortController();
    if (this.#isStopping) return undefined;
    if (this.#isCalledOffNow()) return calledOff(step);
    try {
      const facts = await this.#perform(step, steps);
      if (this.#isStopping && step in PAUSES) return undefined;
      return this.#isCalledOffNow() ? calledOff(step) : { kind: 'done', facts };
    } catch (error) {
      if (this.#isStopping) return undefined;
      if (this.#isCalledOffNow()) return calledOff(step);
      const failure = failureOf(error, step);
      this.#options.updateLog.add('error', `${failure.step}: ${describeError(error)}`);
      this.#options.log.warn('an update failed', { step: failure.step, code: failure.code, reason: failure.message });
      return { kind: 'failed', failure };
    }
  }

  #isCalledOffNow(): boolean {
    const { isCalledOff, step, failure } = this.#record;
    return isCalledOff && !failure && !TOO_LATE.includes(step);
  }

  async #perform(step: Step, steps: Steps): Promise<StepFacts> {
    const pause = PAUSES[step];
    if (pause) await this.#wait(pause);
    else if (step === 'report') this.#reportEnd();
    else return await steps.perform(this.#stepRun());
    return {};
  }

  /** As long as somebody wants it to wait. */
  async #wait(pause: UpdatePause): Promise<void> {
    const waits = (): boolean =>
      this.#record.pauseBefore.includes(pause) && !this.#isStopping && !this.#record.isCalledOff;
    while (waits()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #reportEnd(): void {
    const { reporter, updateLog, log } = this.#options;
    const { failure, isInconsistent } = this.#record;
    if (failure) reporter.log(updateLog.lines());
    reporter.end(failure ? { state: 'failure', cause: failure, isRolledBack: !isInconsistent } : { state: 'success' });
    log.info('update over', {
      deployment: this.offer.deployment,
      artifact: this.offer.artifact.name,
      outcome: failure ? failure.code : 'success',
    });
  }

  #tellStep(): void {
    const { step, failure } = this.#record;
    this.#percent = 0;
    if (step === 'report') return;
    const substate = STEP_NAMES[step];
    this.#options.reporter.state(
      failure && substate !== undefined ? { state: 'failure', substate, cause: failure } : { state: STATES[step] },
    );
  }

  #stepRun(): StepRun {
    const { reporter, updateLog } = this.#options;
    const record = this.#record;
    const stateNow = (): UpdateState => (this.#record.failure ? 'failure' : STATES[this.#record.step]);
    return {
      record,
      offer: () => this.#record.offer,
      log: updateLog,
      signal: this.#stopStep.signal,
      tell: (substate) => reporter.state({ state: stateNow(), substate }),
      // Without a step's name `failure` would be the last word.
      tellSensors: (sensors) =>
        reporter.state({
          state: stateNow(),
          ...(this.#record.failure ? { substate: STEP_NAMES[this.#record.step] ?? this.#record.step } : {}),
          sensors: [...sensors],
        }),
      progress: (news) => this.#progress(news),
      note: (installed) => this.#change({ installed }),
    };
  }

  #progress(news: Parameters<StepRun['progress']>[0]): void {
    const { reporter, clock } = this.#options;
    this.#bytes = news.bytes ?? this.#bytes;
    const percent = Math.max(0, Math.min(100, Math.round(news.percent ?? this.#percent)));
    const isNews = percent !== this.#percent || news.sensors !== undefined;
    this.#percent = percent;
    const nowMs = clock.monotonicMs();
    if (!isNews || nowMs - this.#progressAtMs < UPDATE_PROGRESS_MS) return;
    this.#progressAtMs = nowMs;
    reporter.progress(percent, this.#bytes, news.sensors);
  }
}

/** What the server is told in each step, as long as nothing failed. */
const STATES: { readonly [step in Step]: UpdateState } = {
  fetch: 'downloading',
  store: 'downloading',
  'after-store': 'downloading',
  'pause-install': 'pause_before_installing',
  install: 'installing',
  'pause-reboot': 'pause_before_rebooting',
  reboot: 'rebooting',
  'verify-reboot': 'rebooting',
  'after-reboot': 'rebooting',
  'pause-commit': 'pause_before_committing',
  commit: 'installing',
  'after-first-commit': 'installing',
  'after-commit': 'installing',
  rollback: 'failure',
  'rollback-reboot': 'failure',
  'verify-rollback-reboot': 'failure',
  'after-rollback-reboot': 'failure',
  failure: 'failure',
  cleanup: 'installing',
  report: 'failure',
};

/** Steps after a failure have the same state, so they are told apart by name. */
const STEP_NAMES: { readonly [step in Step]?: string } = {
  rollback: 'ArtifactRollback',
  'rollback-reboot': 'ArtifactRollbackReboot',
  'verify-rollback-reboot': 'ArtifactVerifyRollbackReboot',
  'after-rollback-reboot': 'ArtifactVerifyRollbackReboot',
  failure: 'ArtifactFailure',
  cleanup: 'Cleanup',
};

function calledOff(step: Step): StepEnd {
  return { kind: 'failed', failure: { code: 'aborted', step, message: 'it was called off' } };
}

function diskFailure(step: Step): StepEnd {
  return { kind: 'failed', failure: { code: 'disk-failed', step, message: 'the step could not be written down' } };
}

function failureOf(error: unknown, step: Step): UpdateFailure {
  const ours: Pick<UpdateError, 'code' | 'step'> =
    error instanceof UpdateError ? error : { code: isDiskError(error) ? 'disk-failed' : 'module-failed', step };
  return { code: isOfFullDisk(error) ? 'no-space' : ours.code, step: ours.step, message: describeError(error) };
}

/** Whether that is what it began with. */
function isOfFullDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) || isOfFullDisk(error.cause);
}
