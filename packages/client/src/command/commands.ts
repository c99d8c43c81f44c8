/**
 * The command proto (0x0102): verifies what the server wants to run, asks the local policy, runs one thing at a time, and
 * tells how it ended. The signature is checked before anything else of a run counts.
 */
import { createHash } from 'node:crypto';
import {
  COMMAND_EXPIRY_MS_MAX,
  commandCancel,
  commandContent,
  commandDone,
  commandKeys,
  commandRun,
  commandStarted,
  decodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  ProtocolError,
  type CommandDone,
  type CommandRefusal,
  type CommandRun,
  type Frame,
} from '@lovely/protocol';
import type { ChannelPart, Handler } from '../channel.ts';
import type { Clock } from '../clock.ts';
import type { Link } from '../connection.ts';
import {
  COMMAND_LAST_MS,
  COMMANDS_CALLED_OFF_MAX,
  COMMAND_SCRIPTS_WAITING_MAX,
  UNSIGNED_REFUSALS_MAX,
  UNSIGNED_REFUSALS_MS,
} from '../limits.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import type { SpooledMessage } from '../spool/journal.ts';
import type { ExecutionEnd, Preparation, Prepare } from './executor.ts';
import { endLeftover, type RunJournal } from './run-journal.ts';
import { RunOutput } from './run-output.ts';
import type { TrustedKeys } from './trusted-keys.ts';

export interface CommandsOptions {
  /** The server's id of this gateway. */
  deviceId(): string | undefined;
  readonly keys: TrustedKeys;
  readonly journal: RunJournal;
  readonly prepare: Prepare;
  readonly submit: Submit;
  /** What waits in the spool in this moment. */
  waiting(): Iterable<SpooledMessage>;
  /** The server's time, as far as it is known: clocks of gateways are often wrong. */
  nowMs(): number;
  /** A run has ended: what it changed may be looked at. */
  ended?(): void;
  readonly clock: Clock;
  readonly log: Log;
}

type Ready = Extract<Preparation, { kind: 'ready' }>;

interface Running {
  readonly id: string;
  readonly output: RunOutput;
  readonly stop: AbortController;
  /** Why it is being stopped. */
  stopped: 'cancelled' | 'timed-out' | undefined;
}

type DoneParts = Omit<CommandDone, 'run' | 'outputBytes' | 'tail' | 'tailOffset'>;

const NO_OUTPUT = { outputBytes: 0, tail: new Uint8Array(0), tailOffset: 0 };

export class Commands implements ChannelPart {
  readonly #options: CommandsOptions;
  /** Contents of scripts that have come in parts, by their hash, the oldest first. */
  readonly #contents = new Map<string, Uint8Array>();
  /** Runs that were called off before they came, the oldest first: what calls off may overtake a long script. */
  readonly #calledOff = new Set<string>();
  #running: Running | undefined;
  #link: Link | undefined;
  #refusals = 0;
  #refusalsFromMs = 0;
  readonly #handlers: { readonly [typ: string]: Handler } = {
    keys: (frame) => this.#options.keys.learn(commandKeys.read(frame).body),
    content: (frame) => this.#takeContent(frame),
    run: (frame, link) => this.#take(commandRun.read(frame).body, link),
    cancel: (frame) => this.#cancel(commandCancel.read(frame).body.run),
  };

  /** Tells of the runs that an earlier life of the client left unfinished, and ends what is left of them. */
  constructor(options: CommandsOptions) {
    this.#options = options;
    for (const record of options.journal.unfinished()) {
      endLeftover(record);
      if (!this.#isTold(record.id))
        this.#tell(record.id, {
          outcome: 'interrupted',
          reason: 'The client or the gateway stopped while it ran.',
          durationMs: 0,
        });
      options.journal.end(record.id);
    }
  }

  readonly handle: Handler = (frame, link) => {
    const handler = Object.hasOwn(this.#handlers, frame.typ) ? this.#handlers[frame.typ] : undefined;
    if (!handler) throw new ProtocolError('bad-message', `unknown message type "${frame.typ}" of command`);
    handler(frame, link);
  };

  connected(link: Link): void {
    this.#link = link;
    this.#running?.output.useLink(link);
  }

  disconnected(): void {
    this.#link = undefined;
    this.#running?.output.useLink(undefined);
  }

  /** Ends what runs; it counts as interrupted, which the next life of the client tells. */
  close(): void {
    this.#running?.stop.abort();
  }

  #takeContent(frame: Frame): void {
    const { props, body } = commandContent.read(frame);
    const { sha256, offset, bytes } = props;
    const content = this.#contents.get(sha256) ?? new Uint8Array(bytes);
    if (content.length !== bytes || offset + body.length > bytes)
      throw new ProtocolError('bad-message', 'a part of a script that does not fit the others');
    content.set(body, offset);
    this.#contents.delete(sha256);
    this.#contents.set(sha256, content);
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > COMMAND_SCRIPTS_WAITING_MAX && oldest !== undefined) this.#contents.delete(oldest);
  }

  #take(run: CommandRun, link: Link): void {
    const { journal, prepare, log } = this.#options;
    if (this.#running?.id === run.id) return link.send(commandStarted.frame({}, { run: run.id }));
    const refuse = (refusal: CommandRefusal, reason: string): void => {
      log.warn('command refused', { run: run.id, name: run.name, refusal });
      this.#tell(run.id, { outcome: 'refused', refusal, reason, durationMs: 0 });
    };
    const doubt = this.#doubt(run);
    if (doubt)
      return this.#mayTellUnsigned()
        ? refuse(...doubt)
        : log.warn('command refused', { run: run.id, refusal: doubt[0] });
    if (this.#calledOff.has(run.id)) return this.#isTold(run.id) ? undefined : this.#tell(run.id, CALLED_OFF);
    // It ended before: the server has not heard of it, unless its end is still on the way.
    if (journal.find(run.id)) return this.#isTold(run.id) ? undefined : this.#tell(run.id, REPEATED);
    const script = this.#scriptOf(run);
    if (!script) return refuse('bad-content', 'The content of the script is not what was signed.');
    const { id, name, parameters, sensor } = run;
    const prepared = prepare({ id, name, script: script.text, parameters, sensor });
    if (prepared.kind === 'refused') return refuse(prepared.refusal, prepared.reason);
    if (this.#running) return refuse('busy', 'Another command runs on this gateway.');
    if (!journal.begin(id, run.expiresMs, this.#options.nowMs()))
      return refuse('busy', 'The gateway can not write down that it begins; its disk may be full.');
    this.#begin(run, prepared, link);
  }

  /** What is wrong with the run itself. */
  #doubt(run: CommandRun): [CommandRefusal, string] | undefined {
    const { keys, nowMs, deviceId } = this.#options;
    const check = keys.check(run);
    if (check === 'unknown-key') return [check, 'The command is signed by a key that this gateway does not trust.'];
    if (check === 'bad-signature') return [check, 'The signature does not fit the command.'];
    if (run.device !== deviceId()) return ['other-device', 'The command is for another gateway.'];
    if (run.expiresMs < nowMs()) return ['expired', 'The command came too late.'];
    if (run.expiresMs > nowMs() + COMMAND_EXPIRY_MS_MAX) return ['expired', 'The command is valid for too long.'];
    return undefined;
  }

  /** What is to run where it is a script; undefined when its content is not what was signed. */
  #scriptOf({ script }: CommandRun): { text: string | undefined } | undefined {
    if (!script) return { text: undefined };
    const content = this.#contents.get(script.sha256);
    this.#contents.delete(script.sha256);
    if (content?.length !== script.bytes || createHash('sha256').update(content).digest('hex') !== script.sha256)
      return undefined;
    return { text: new TextDecoder().decode(content) };
  }

  #begin(run: CommandRun, prepared: Ready, link: Link): void {
    const { clock, log } = this.#options;
    const { id, name, sensor } = run;
    const running: Running = {
      id,
      output: new RunOutput(id, clock, this.#link ?? link),
      stop: new AbortController(),
      stopped: undefined,
    };
    this.#running = running;
    log.info('command begins', { run: id, name, ...(sensor === undefined ? {} : { sensor }) });
    link.send(commandStarted.frame({}, { run: id }));
    void this.#carryOut(run, prepared, running);
  }

  async #carryOut(run: CommandRun, prepared: Ready, running: Running): Promise<void> {
    const { clock, journal, log, ended } = this.#options;
    const { id } = running;
    const beganMs = clock.monotonicMs();
    const cancelTimeout = clock.after(run.timeoutMs, () => {
      running.stopped ??= 'timed-out';
      running.stop.abort();
    });
    const end = await prepared.run({
      output: (stream, bytes) => running.output.add(stream, bytes),
      started: (pid) => journal.note(id, pid),
      signal: running.stop.signal,
    });
    cancelTimeout();
    this.#running = undefined;
    // The client is being stopped: the next one tells that it was interrupted.
    if (running.stop.signal.aborted && running.stopped === undefined) return;
    const durationMs = Math.round(clock.monotonicMs() - beganMs);
    const done: CommandDone = { run: id, ...outcomeOf(end, running.stopped, durationMs), ...running.output.end() };
    this.#options.submit((messageId) => commandDone.frame({ id: messageId }, done));
    journal.end(id);
    log.info('command ended', {
      run: id,
      outcome: done.outcome,
      ...(done.exit === undefined ? {} : { exit: done.exit }),
      durationMs,
    });
    ended?.();
    const { last } = prepared;
    if (last && done.exit === 0)
      clock.after(
        COMMAND_LAST_MS,
        () => void last().catch((error: unknown) => log.warn('the end of a command failed', { error: String(error) })),
      );
  }

  /** One that isn't under way is over, or never begins: it is not carried out when it comes after this. */
  #cancel(id: string): void {
    if (this.#running?.id === id) {
      this.#running.stopped ??= 'cancelled';
      this.#running.stop.abort();
      return;
    }
    this.#calledOff.add(id);
    const [oldest] = this.#calledOff;
    if (this.#calledOff.size > COMMANDS_CALLED_OFF_MAX && oldest !== undefined) this.#calledOff.delete(oldest);
    if (!this.#isTold(id) && this.#mayTellUnsigned()) this.#tell(id, CALLED_OFF);
  }

  #tell(run: string, parts: DoneParts): void {
    this.#options.submit((id) => commandDone.frame({ id }, { run, ...parts, ...NO_OUTPUT }));
  }

  /** Whether the end of the run is on its way. */
  #isTold(run: string): boolean {
    for (const { proto, bytes } of this.#options.waiting()) {
      if (proto !== PROTO.command) continue;
      if (commandDone.read(decodeFrame(bytes, FRAME_BYTES_MAX_UP)).body.run === run) return true;
    }
    return false;
  }

  /** Answers to what anybody may have made must not fill the spool. */
  #mayTellUnsigned(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#refusalsFromMs > UNSIGNED_REFUSALS_MS) {
      this.#refusalsFromMs = nowMs;
      this.#refusals = 0;
    }
    return this.#refusals++ < UNSIGNED_REFUSALS_MAX;
  }
}

const CALLED_OFF: DoneParts = { outcome: 'cancelled', reason: '', durationMs: 0 };
const REPEATED: DoneParts = {
  outcome: 'interrupted',
  reason: 'It ran before, and nothing more is known of it.',
  durationMs: 0,
};

function outcomeOf(end: ExecutionEnd, stopped: Running['stopped'], durationMs: number): DoneParts {
  if (stopped === 'timed-out')
    return { outcome: 'timed-out', reason: 'It took longer than it may, and was ended.', durationMs };
  if (stopped === 'cancelled')
    return { outcome: 'cancelled', reason: 'Called off while it ran, and ended.', durationMs };
  if (end.kind === 'failed') return { outcome: 'failed', reason: end.reason, durationMs };
  const exit = Math.min(255, Math.max(-1, Math.trunc(end.exit)));
  return { outcome: 'exited', exit, reason: end.reason, durationMs };
}
