/**
 * The update proto (0x0103): takes one offer at a time, answers those that it knows, and goes on with what an earlier life of
 * the client was cut off in. The parts that carry an update out are loaded when there is one.
 */
import {
  PROVIDES_MAX,
  ProtocolError,
  TEXT_LENGTH_MAX,
  updateAbort,
  updateContinue,
  updateOffer,
  updatePause,
  updateProvides,
  updateState,
  type Frame,
  type UpdateOffer,
  type UpdateReport,
} from '@lovely/protocol';
import type { ChannelPart, Handler } from '../channel.ts';
import type { Clock } from '../clock.ts';
import type { Link } from '../connection.ts';
import { describeError } from '../error.ts';
import { ENDED_UPDATES_REMEMBERED } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import type { Keeper } from './checked-file.ts';
import type { ProvidesStore } from './provides.ts';
import type { Steps } from './steps.ts';
import { resume } from './transitions.ts';
import type { UpdateLog } from './update-log.ts';
import { newRecord, readRecord, type UpdateFailure, type UpdateRecord } from './update-record.ts';
import { UpdateReporter, type ReportParts } from './update-reporter.ts';
import { UpdateRun } from './update-run.ts';

export interface UpdatesOptions {
  /** Whether the gateway's owner lets the server update it. */
  readonly isAllowed: boolean;
  readonly record: Keeper<UpdateRecord>;
  /** The last reports of the updates that are over, the oldest first. */
  readonly ended: Keeper<readonly UpdateReport[]>;
  readonly provides: ProvidesStore;
  readonly updateLog: UpdateLog;
  /** Loads what carries the steps out. */
  readonly steps: (providesChanged: () => void) => Promise<Steps>;
  /** Which life of the machine this is. */
  readonly bootId: () => string;
  readonly submit: Submit;
  /** The server's time, as far as it is known. */
  readonly nowMs: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

export class Updates implements ChannelPart {
  readonly #options: UpdatesOptions;
  #link: Link | undefined;
  #run: UpdateRun | undefined;
  /** What is under way, to be waited for. */
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;
  readonly #handlers: { readonly [typ: string]: (frame: Frame) => void } = {
    offer: (frame) => this.#take(updateOffer.read(frame).body),
    pause: (frame) => {
      const { deployment, before } = updatePause.read(frame).body;
      this.#runOf(deployment)?.pause(before);
    },
    continue: (frame) => this.#runOf(updateContinue.read(frame).body.deployment)?.continue(),
    abort: (frame) => this.#runOf(updateAbort.read(frame).body.deployment)?.abort(),
  };

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  readonly handle: Handler = (frame) => {
    const handler = Object.hasOwn(this.#handlers, frame.typ) ? this.#handlers[frame.typ] : undefined;
    if (!handler) throw new ProtocolError('bad-message', `unknown message type "${frame.typ}" of update`);
    handler(frame);
  };

  /** Goes on with the update that an earlier life of the client was cut off in. Call it once, when all else is there. */
  start(): void {
    const { record, bootId, log } = this.#options;
    const kept: unknown = record.load();
    if (kept === undefined) return;
    const found = readRecord(kept);
    const next = found && resume(found, bootId());
    const stopped = found?.step ?? 'unknown';
    log.info('update goes on', { deployment: found?.offer.deployment ?? '', stopped, step: next?.step ?? 'none' });
    if (next) return this.#begin(next);
    this.#running = this.#tidy();
  }

  connected(link: Link): void {
    this.#link = link;
    this.#tellProvides();
  }

  disconnected(): void {
    this.#link = undefined;
  }

  /** Ends what is under way; resolves when nothing of it runs any more. What is on the disk says where to go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#run?.stop();
    await this.#running;
  }

  /** Resolves when no update is under way. */
  async settled(): Promise<void> {
    for (let known: Promise<void> | undefined; known !== this.#running;) await (known = this.#running);
  }

  #runOf(deployment: string): UpdateRun | undefined {
    return this.#run?.offer.deployment === deployment ? this.#run : undefined;
  }

  #take(offer: UpdateOffer): void {
    const { isAllowed, provides, bootId, ended, submit } = this.#options;
    if (this.#isClosed) return;
    if (this.#run) return this.#run.offerAgain(offer);
    const known = ended.load()?.findLast(({ deployment }) => deployment === offer.deployment);
    if (known && known.attempt >= offer.attempt) return submit((id) => updateState.frame({ id }, known));
    if (!isAllowed) return this.#refuse(offer, NOT_ALLOWED);
    if (!offer.isForced && provides.read().artifact_name === offer.artifact.name)
      return this.#reporter(offer).end({ state: 'already-installed' });
    this.#begin(newRecord(offer, bootId()));
  }

  #refuse(offer: UpdateOffer, cause: UpdateFailure): void {
    const parts: ReportParts = { state: 'failure', cause, isRolledBack: true };
    this.#options.log.warn('update refused', { deployment: offer.deployment, code: cause.code });
    this.#reporter(offer).end(parts);
  }

  #begin(record: UpdateRecord): void {
    const { offer } = record;
    const { log } = this.#options;
    log.info('update under way', {
      deployment: offer.deployment,
      attempt: offer.attempt,
      artifact: offer.artifact.name,
      step: record.step,
    });
    const run = new UpdateRun(
      { ...this.#options, steps: () => this.#steps(), reporter: this.#reporter(offer) },
      record,
    );
    this.#run = run;
    const before = this.#running;
    this.#running = (async () => {
      await before;
      try {
        await run.run();
        this.#run = undefined;
      } catch (error) {
        // The channel must not end with it: what is on the disk is gone on with at the next start, and no other is begun.
        log.warn('an update stopped for an error of the client', { reason: describeError(error) });
        run.stoppedBy(describeError(error));
      }
    })();
  }

  /** Forgets what had not begun. */
  async #tidy(): Promise<void> {
    try {
      this.#options.record.clear();
      const steps = await this.#steps();
      await steps.begin();
      await steps.tidy();
    } catch (error) {
      this.#options.log.warn('what an update left could not be removed', { reason: describeError(error) });
    }
  }

  #steps(): Promise<Steps> {
    return this.#options.steps(() => this.#tellProvides());
  }

  #reporter({ deployment, attempt }: UpdateOffer): UpdateReporter {
    const { submit, nowMs, ended } = this.#options;
    return new UpdateReporter({
      attempt: { deployment, attempt },
      submit,
      link: () => this.#link,
      nowMs,
      ended: (report) => {
        const others = (ended.load() ?? []).filter((each) => each.deployment !== deployment);
        ended.save([...others, report].slice(-ENDED_UPDATES_REMEMBERED));
      },
    });
  }

  #tellProvides(): void {
    const { provides, submit } = this.#options;
    const values = Object.entries(provides.read())
      .slice(0, PROVIDES_MAX)
      .map(([key, value]) => [key, value.slice(0, TEXT_LENGTH_MAX)] as const);
    submit((id) => updateProvides.frame({ id }, { values: Object.fromEntries(values) }));
  }
}

const NOT_ALLOWED: UpdateFailure = {
  code: 'not-allowed',
  step: 'offer',
  message: 'this gateway does not allow updates (--updates)',
};
