/** The shell proto (1): terminals by session id, with the answers of Mender's mender-connect (COMPAT 1.4). */
import {
  frame as makeFrame,
  SHELL_STATUS,
  shellInput,
  shellNew,
  shellOutput,
  shellResize,
  shellStarted,
  shellStop,
  shellStopped,
  type Frame,
} from '@lovely/protocol';
import type { ChannelPart, Handler } from '../channel.ts';
import type { Clock } from '../clock.ts';
import type { Link } from '../connection.ts';
import { describeError } from '../error.ts';
import { ENDED_SHELLS_MAX, TERMINAL_HEIGHT_DEFAULT, TERMINAL_WIDTH_DEFAULT } from '../limits.ts';
import type { Log } from '../log.ts';
import type { OpenPty } from '../pty/pty.ts';
import { ShellSession } from './session.ts';

export interface ShellsOptions {
  readonly openPty: OpenPty;
  readonly program: string;
  readonly folder: string;
  readonly environment: { readonly [name: string]: string };
  readonly sessionsMax: number;
  readonly sessionsPerUserMax: number;
  readonly clock: Clock;
  readonly log: Log;
}

const text = new TextEncoder();

export class Shells implements ChannelPart {
  readonly #options: ShellsOptions;
  readonly #sessions = new Map<string, ShellSession>();
  /** Sids of shells that ended by themselves: mender-connect answers a later stop with success. */
  readonly #ended = new Set<string>();
  readonly #handlers: { readonly [typ: string]: Handler } = {
    new: (frame, link) => this.#start(frame, link),
    shell: (frame, link) => this.#input(frame, link),
    resize: (frame) => this.#resize(frame),
    stop: (frame, link) => this.#stop(frame, link),
    pong: (frame) => this.#sessions.get(frame.sid)?.alive(),
  };

  constructor(options: ShellsOptions) {
    this.#options = options;
  }

  readonly handle: Handler = (frame, link) => {
    const handler = Object.hasOwn(this.#handlers, frame.typ) ? this.#handlers[frame.typ] : undefined;
    if (handler !== undefined) return handler(frame, link);
    const body = text.encode(`unknown message protocol and type: ${frame.proto}/${frame.typ}`);
    link.send(makeFrame(frame.proto, frame.typ, { sid: frame.sid, props: { status: SHELL_STATUS.error }, body }));
  };

  /** Nobody sees a shell whose link is gone, so it ends. */
  disconnected(): void {
    this.close();
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
    this.#ended.clear();
  }

  #start(frame: Frame, link: Link): void {
    const { terminal_width, terminal_height, user_id: userId = '' } = shellNew.read(frame).props;
    // A peer without a terminal of its own says 0.
    const columns = terminal_width || TERMINAL_WIDTH_DEFAULT;
    const rows = terminal_height || TERMINAL_HEIGHT_DEFAULT;
    const { sid } = frame;
    const refuse = (reason: string): void =>
      link.send(shellStarted.frame({ status: SHELL_STATUS.error }, text.encode(reason), sid));
    const obstacle = this.#obstacle(sid, userId);
    if (obstacle !== undefined) return refuse(obstacle);
    const { log } = this.#options;
    try {
      const ended = (): void => this.#sessionEnded(sid);
      this.#sessions.set(sid, new ShellSession({ ...this.#options, sid, userId, link, columns, rows, ended }));
    } catch (error) {
      return refuse(`failed to start shell: ${describeError(error)}`);
    }
    this.#ended.delete(sid);
    log.info('terminal opened', { sid, userId });
    link.send(shellStarted.frame({ status: SHELL_STATUS.normal }, text.encode('Shell started'), sid));
  }

  #obstacle(sid: string, userId: string): string | undefined {
    const { sessionsMax, sessionsPerUserMax } = this.#options;
    const ofUser = [...this.#sessions.values()].filter((session) => session.userId === userId).length;
    if (sid === '') return 'failed to start shell: a session id is required';
    if (this.#sessions.has(sid)) return 'failed to start shell: shell is already running';
    if (this.#sessions.size >= sessionsMax) return 'too many shells spawned';
    return ofUser >= sessionsPerUserMax ? 'user has too many open sessions' : undefined;
  }

  #input(frame: Frame, link: Link): void {
    const { body } = shellInput.read(frame);
    const session = this.#sessions.get(frame.sid);
    if (session !== undefined) session.input(body);
    else link.send(shellOutput.frame({ status: SHELL_STATUS.error }, text.encode('session not found'), frame.sid));
  }

  #resize(frame: Frame): void {
    const { terminal_width: columns, terminal_height: rows } = shellResize.read(frame).props;
    this.#sessions.get(frame.sid)?.resize(columns, rows);
  }

  #stop(frame: Frame, link: Link): void {
    const { user_id: userId } = shellStop.read(frame).props;
    const { sid } = frame;
    const sids =
      sid !== '' ? [sid] : [...this.#sessions].filter(([, session]) => session.userId === userId).map(([each]) => each);
    const known = sids.filter((each) => this.#sessions.has(each) || this.#ended.has(each));
    for (const each of known) this.#forget(each);
    if (sid === '' || known.length > 0) {
      link.send(shellStopped.frame({ status: SHELL_STATUS.normal }, new Uint8Array(0), sid));
    } else {
      const reason = `routeMessage: StopShellMessage: session not found for id ${sid}`;
      link.send(shellStopped.frame({ status: SHELL_STATUS.error }, text.encode(reason), sid));
    }
  }

  #forget(sid: string): void {
    const session = this.#sessions.get(sid);
    if (session !== undefined) this.#options.log.info('terminal closed', { sid });
    session?.close();
    this.#sessions.delete(sid);
    this.#ended.delete(sid);
  }

  #sessionEnded(sid: string): void {
    this.#options.log.info('terminal ended', { sid });
    this.#sessions.delete(sid);
    this.#ended.add(sid);
    const [oldest] = this.#ended;
    if (this.#ended.size > ENDED_SHELLS_MAX && oldest !== undefined) this.#ended.delete(oldest);
  }
}
