/** One life of the gateway's socket: hello and welcome, heartbeats, and why it ended. Reconnecting is the channel's. */
import {
  controlDrain,
  controlError,
  controlHello,
  controlWelcome,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  ProtocolError,
  type Frame,
} from '@lovely/protocol';
import { type Clock } from './clock.ts';
import {
  FAREWELL_TIMEOUT_MS,
  HEARTBEAT_MS_MAX,
  HEARTBEAT_MS_MIN,
  PONG_TIMEOUT_MS,
  RETRY_AFTER_MS_MAX,
  SOCKET_BUFFERED_BYTES_MAX,
  SOCKET_BYTES_MAX,
  WELCOME_TIMEOUT_MS,
} from './limits.ts';
import type { Socket, SocketEnd, Transport } from './transport/transport.ts';

export type Welcome = ReturnType<typeof controlWelcome.read>['body'];

export type ConnectionEnd =
  | SocketEnd
  /** The server gave no sign of life in time. */
  | { readonly kind: 'silent'; readonly missing: 'welcome' | 'heartbeat' }
  /** The server takes nothing from us any more, and what waits is over its limit. */
  | { readonly kind: 'stuck' }
  | { readonly kind: 'drained'; readonly retryAfterMs: number }
  | { readonly kind: 'stopped' };

/** What a handler may do with the connection that a frame came from. */
export interface Link {
  /** Sends, or does nothing when the connection has ended. */
  send(frame: Frame): void;
  /** The same for a frame that is encoded already. */
  sendEncoded(bytes: Uint8Array): void;
  /** Whether so much waits to be sent that the caller should hold back. */
  readonly isFull: boolean;
}

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly url: string;
  readonly token: string;
  readonly hello: Parameters<typeof controlHello.frame>[1];
  readonly clock: Clock;
  /** A heartbeat that is faster than the server asks for; read before each. */
  heartbeatMs?(): number | undefined;
  /** The server's answer to hello, once. */
  welcomed(welcome: Welcome, link: Link): void;
  /** Any frame but those that the connection itself is about. A ProtocolError is told to the server. */
  received(frame: Frame, link: Link): void;
}

export class Connection implements Link {
  readonly ended: Promise<ConnectionEnd>;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  #resolveEnded: (end: ConnectionEnd) => void = () => undefined;
  #end: ConnectionEnd | undefined;
  #cancelTimer: () => void;
  #heartbeatMs: number | undefined;
  #heard = false;
  #spoke = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#cancelTimer = options.clock.after(WELCOME_TIMEOUT_MS, () =>
      this.#giveUp({ kind: 'silent', missing: 'welcome' }),
    );
    this.#socket = options.transport(
      options.url,
      { authorization: `Bearer ${options.token}` },
      {
        open: () => this.send(controlHello.frame({}, { ...options.hello, nowMs: options.clock.nowMs() })),
        message: (bytes) => this.#receive(bytes),
        pong: () => (this.#heard = true),
        end: (end) => this.#finish(end),
      },
    );
  }

  get isFull(): boolean {
    return this.#socket.bufferedBytes > SOCKET_BUFFERED_BYTES_MAX;
  }

  send(frame: Frame): void {
    this.sendEncoded(encodeFrame(frame));
  }

  sendEncoded(bytes: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#socket.bufferedBytes > SOCKET_BYTES_MAX) return this.#giveUp({ kind: 'stuck' });
    this.#spoke = true;
    this.#socket.send(bytes);
  }

  /** The heartbeat is another from now on. */
  heartbeatChanged(): void {
    if (this.#end === undefined && this.#heartbeatMs !== undefined) this.#startHeartbeat();
  }

  /** Says farewell; `ended` follows when the server has answered, or didn't in time. */
  close(end: ConnectionEnd): void {
    if (!this.#decide(end)) return;
    this.#socket.close(1000, end.kind);
    this.#cancelTimer = this.#options.clock.after(FAREWELL_TIMEOUT_MS, () => this.#socket.terminate());
  }

  #giveUp(end: ConnectionEnd): void {
    if (!this.#decide(end)) return;
    this.#socket.terminate();
  }

  /** The first reason to end is the one that counts. */
  #decide(end: ConnectionEnd): boolean {
    if (this.#end !== undefined) return false;
    this.#end = end;
    this.#cancelTimer();
    return true;
  }

  #finish(end: SocketEnd): void {
    this.#decide(end);
    this.#cancelTimer();
    this.#resolveEnded(this.#end ?? end);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#heard = true;
    let frame: Frame | undefined;
    try {
      frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
      if (controlWelcome.is(frame)) this.#welcome(controlWelcome.read(frame).body);
      else if (controlDrain.is(frame))
        this.close({
          kind: 'drained',
          retryAfterMs: Math.min(controlDrain.read(frame).body.retryAfterMs, RETRY_AFTER_MS_MAX),
        });
      else this.#options.received(frame, this);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const about = frame === undefined ? {} : { msgproto: frame.proto, msgtype: frame.typ };
      this.send(controlError.frame({}, { err: error.message, close: false, reason: error.code, ...about }, frame?.sid));
    }
  }

  #welcome(welcome: Welcome): void {
    if (this.#heartbeatMs !== undefined) return;
    this.#heartbeatMs = Math.min(Math.max(welcome.heartbeatMs, HEARTBEAT_MS_MIN), HEARTBEAT_MS_MAX);
    this.#startHeartbeat();
    this.#options.welcomed(welcome, this);
  }

  /** A ping goes out only when nothing else travelled both ways since the last look: idle bytes cost money. */
  #startHeartbeat(): void {
    const { clock } = this.#options;
    // Never slower than the server asks for: it takes whoever is quiet for longer for gone.
    const heartbeatMs = Math.min(this.#heartbeatMs!, this.#options.heartbeatMs?.() ?? Infinity);
    this.#cancelTimer();
    this.#cancelTimer = clock.after(heartbeatMs, () => {
      const isQuiet = !this.#heard || !this.#spoke;
      this.#heard = this.#spoke = false;
      if (!isQuiet) return this.#startHeartbeat();
      this.#socket.ping();
      this.#cancelTimer = clock.after(Math.min(heartbeatMs, PONG_TIMEOUT_MS), () => {
        if (!this.#heard) return this.#giveUp({ kind: 'silent', missing: 'heartbeat' });
        this.#heard = false;
        this.#startHeartbeat();
      });
    });
  }
}
