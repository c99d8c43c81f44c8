/** The gateway's one outbound channel: connects, hands frames to their handlers, and comes back for ever. */
import { randomUUID } from 'node:crypto';
import { controlError, type Frame } from '@lovely/protocol';
import type { Tokens } from './authentication.ts';
import { backoff } from './backoff.ts';
import { sleep, type Clock } from './clock.ts';
import { Connection, type ConnectionEnd, type Link, type Welcome } from './connection.ts';
import { CONNECTION_STEADY_MS, RECONNECT_FIRST_MS, RECONNECT_MAX_MS } from './limits.ts';
import type { Log } from './log.ts';
import type { Transport } from './transport/transport.ts';
import { CLIENT_NAME, CLIENT_VERSION } from './version.ts';

export const CHANNEL_PATH = '/api/devices/v1/deviceconnect/connect';

/** Handles the frames of one proto; throws ProtocolError for what is no message of it. */
export type Handler = (frame: Frame, link: Link) => void;
/** Which handler a proto's frames go to: a new proto is one file and one line. */
export type Handlers = ReadonlyMap<number, Handler>;

/** Something that lives with each connection: told when it is ready, and when it is gone. */
export interface ChannelPart {
  connected?(link: Link, welcome: Welcome): void;
  disconnected?(): void;
}

export interface ChannelOptions {
  readonly server: URL;
  readonly transport: Transport;
  readonly tokens: Pick<Tokens, 'get' | 'discard'>;
  readonly handlers: Handlers;
  readonly parts: readonly ChannelPart[];
  /** Takes frames of protos that programs registered; the others that nothing handles are refused. */
  readonly programs?: { takes(proto: number): boolean; readonly handleMessage: Handler } | undefined;
  /** Protos that the gateway sends besides those it handles. */
  readonly reportedProtos: readonly number[];
  /** The epoch of the last connection, 0 for none; `welcomed` is told the next. */
  readonly epoch: number;
  welcomed?(epoch: number): void;
  /** A heartbeat that is faster than the server asks for. */
  heartbeatMs?(): number | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export class Channel {
  readonly #options: ChannelOptions;
  readonly #url: string;
  /** Tells this running client from a copy of it. */
  readonly #instance = randomUUID();
  #epoch: number;
  #connection: Connection | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    const url = new URL(CHANNEL_PATH, options.server);
    url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
    this.#url = url.href;
  }

  /** Keeps the channel up until `signal` is aborted; then says farewell and resolves. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, tokens, random, log } = this.#options;
    const fresh = () =>
      backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS, factor: 2, steadyShare: 0, random });
    let lastKind: ConnectionEnd['kind'] | undefined;
    for (let waits = fresh(); !signal.aborted;) {
      const token = await tokens.get(signal);
      if (token === undefined) return;
      const startedMs = clock.monotonicMs();
      const { end, wasWelcome } = await this.#connectOnce(token, signal);
      if (signal.aborted) return;
      if (end.kind === 'refused' && (end.status === 401 || end.status === 403)) tokens.discard();
      if (clock.monotonicMs() - startedMs > CONNECTION_STEADY_MS) waits = fresh();
      const waitMs = end.kind === 'drained' ? end.retryAfterMs : waits.next().value;
      // Through a long outage the same news every minute would only wear the log's flash.
      if (wasWelcome || end.kind !== lastKind) log.warn('disconnected', { ...end, waitMs });
      lastKind = end.kind;
      await sleep(clock, waitMs, signal);
    }
  }

  /** `heartbeatMs` gives another figure from now on. */
  heartbeatChanged(): void {
    this.#connection?.heartbeatChanged();
  }

  async #connectOnce(token: string, signal: AbortSignal): Promise<{ end: ConnectionEnd; wasWelcome: boolean }> {
    const { transport, clock, handlers, parts, programs, reportedProtos, log } = this.#options;
    const protocols = [...new Set([...handlers.keys(), ...reportedProtos])];
    let wasWelcome = false;
    const connection = new Connection({
      transport,
      url: this.#url,
      token,
      clock,
      heartbeatMs: () => this.#options.heartbeatMs?.(),
      hello: { client: CLIENT_NAME, version: CLIENT_VERSION, epoch: this.#epoch, protocols, instance: this.#instance },
      welcomed: (welcome, link) => {
        wasWelcome = true;
        this.#epoch = welcome.epoch;
        this.#options.welcomed?.(welcome.epoch);
        log.info('connected', { epoch: welcome.epoch, heartbeatMs: welcome.heartbeatMs });
        for (const part of parts) part.connected?.(link, welcome);
      },
      received: (frame, link) => {
        const program = programs?.takes(frame.proto) ? programs.handleMessage : refuseProto;
        (handlers.get(frame.proto) ?? program)(frame, link);
      },
    });
    this.#connection = connection;
    const stop = (): void => connection.close({ kind: 'stopped' });
    signal.addEventListener('abort', stop, { once: true });
    const end = await connection.ended;
    signal.removeEventListener('abort', stop);
    if (wasWelcome) for (const part of parts) part.disconnected?.();
    return { end, wasWelcome };
  }
}

/** Answers a proto that nothing here handles, in Mender's words (COMPAT 1.3). */
export function refuseProto(frame: Frame, link: Link): void {
  const number = frame.proto.toString(16).padStart(4, '0');
  const id = typeof frame.props.msgid === 'string' ? { msgid: frame.props.msgid } : {};
  link.send(
    controlError.frame(
      {},
      {
        err: `no handler registered for protocol: 0x${number}`,
        close: false,
        msgproto: frame.proto,
        msgtype: frame.typ,
        ...id,
      },
      frame.sid,
    ),
  );
}
