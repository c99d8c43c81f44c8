/** One shell: a program on a pseudo-terminal, its output held back when the link is slow, and its person's sign of life. */
import { BODY_BYTES_MAX_DOWN, SHELL_STATUS, shellOutput, shellPing, shellStopped } from '@lovely/protocol';
import type { Clock } from '../clock.ts';
import type { Link } from '../connection.ts';
import {
  SHELL_BUFFERED_BYTES_MAX,
  SHELL_PAUSE_BYTES,
  SHELL_PING_MS,
  SHELL_PING_TIMEOUT_S,
  SOCKET_FULL_RETRY_MS,
} from '../limits.ts';
import type { OpenPty, Pty } from '../pty/pty.ts';

export interface ShellSessionOptions {
  readonly sid: string;
  readonly userId: string;
  readonly link: Link;
  readonly openPty: OpenPty;
  readonly program: string;
  readonly folder: string;
  readonly environment: { readonly [name: string]: string };
  readonly columns: number;
  readonly rows: number;
  readonly clock: Clock;
  /** The shell ended by itself or was ended for a reason; not called after `close`. */
  ended(): void;
}

/** What mender-connect says when a shell has ended (COMPAT 1.4). */
const ENDED_TEXT = 'read /dev/ptmx: input/output error';

export class ShellSession {
  readonly #options: ShellSessionOptions;
  readonly #pty: Pty;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isOver = false;
  /** Set when the program ended while output still waits. */
  #lastWords: string | undefined;
  #cancelSend: (() => void) | undefined;
  #cancelPing: () => void = () => undefined;

  /** Throws an Error when the program can't be started. */
  constructor(options: ShellSessionOptions) {
    this.#options = options;
    this.#pty = options.openPty({
      ...options,
      output: (bytes) => this.#output(bytes),
      ended: () => this.#endAfterOutput(ENDED_TEXT),
    });
    this.#schedulePing();
  }

  get userId(): string {
    return this.#options.userId;
  }

  input(bytes: Uint8Array): void {
    this.alive();
    this.#pty.write(bytes);
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  /** The person at the other end gave a sign of life. */
  alive(): void {
    this.#schedulePing();
  }

  /** Ends the shell without a word. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelPing();
    this.#cancelSend?.();
    this.#pty.close();
  }

  #output(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#cancelSend === undefined) this.#send();
    if (this.#waitingBytes > SHELL_BUFFERED_BYTES_MAX) this.#end('the output is faster than the link');
    else if (this.#waitingBytes > SHELL_PAUSE_BYTES) this.#pty.pause();
  }

  #send(): void {
    const { link, sid, clock } = this.#options;
    this.#cancelSend = undefined;
    while (this.#waiting.length > 0) {
      if (link.isFull) {
        this.#cancelSend = clock.after(SOCKET_FULL_RETRY_MS, () => this.#send());
        return;
      }
      const bytes = this.#waiting.shift()!;
      this.#waitingBytes -= bytes.length;
      for (let at = 0; at < bytes.length; at += BODY_BYTES_MAX_DOWN) {
        link.send(
          shellOutput.frame({ status: SHELL_STATUS.normal }, bytes.subarray(at, at + BODY_BYTES_MAX_DOWN), sid),
        );
      }
    }
    this.#pty.resume();
    if (this.#lastWords !== undefined) this.#end(this.#lastWords);
  }

  #endAfterOutput(reason: string): void {
    this.#lastWords = reason;
    if (!this.#isOver && this.#cancelSend === undefined) this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    const { link, sid, ended } = this.#options;
    this.close();
    link.send(shellStopped.frame({ status: SHELL_STATUS.error }, new TextEncoder().encode(reason), sid));
    ended();
  }

  /** Asks for a sign of life when there was none for a while; without an answer the shell ends, as nobody sees it. */
  #schedulePing(): void {
    const { link, sid, clock } = this.#options;
    this.#cancelPing();
    this.#cancelPing = clock.after(SHELL_PING_MS, () => {
      link.send(shellPing.frame({ timeout: SHELL_PING_TIMEOUT_S, status: SHELL_STATUS.control }, undefined, sid));
      this.#cancelPing = clock.after(SHELL_PING_TIMEOUT_S * 1000, () => this.#end('nobody answers'));
    });
  }
}
