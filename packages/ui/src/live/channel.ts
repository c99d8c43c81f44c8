/**
 * The one WebSocket of a signed-in page: ProtoMsg both ways, opened again for as long as the page lives.
 *
 *     browser                               api
 *       │  WebSocket upgrade (cookie) ───────▶│
 *       │◀────────────────────── feed summary │   once, then as it changes
 *       │◀─────────────────────── feed events │   what happened; pages ask the HTTP API for the new state
 *       │  map watch ────────────────────────▶│   the map page says which tiles are visible …
 *       │◀─────────────────────── map changes │   … and gets their cells as they change
 *       │  control ping ─────────────────────▶│   after a silence; a link that doesn't answer is given up
 *       │◀─────────────────────── control pong│
 */
import { controlPing, decodeFrame, encodeFrame, FRAME_BYTES_MAX_UP, type Frame, type Message } from '@lovely/protocol';
import { LIVE_ANSWER_MS, LIVE_SILENCE_MS, RECONNECT_FIRST_MS, RECONNECT_MAX_MS } from '../limits.ts';
import { backoff } from './backoff.ts';

export type LiveState =
  /** Never open yet since the page was loaded. */
  | { readonly kind: 'connecting'; readonly since: number }
  | { readonly kind: 'open'; readonly since: number }
  /** What the page shows is as old as `since`. */
  | { readonly kind: 'reconnecting'; readonly since: number };

export interface LiveChannelOptions {
  readonly url: string;
  readonly reconnectFirstMs?: number;
  readonly silenceMs?: number;
  readonly answerMs?: number;
  readonly random?: () => number;
}

type Timer = ReturnType<typeof setTimeout>;

export class LiveChannel {
  readonly #url: string;
  readonly #silenceMs: number;
  readonly #answerMs: number;
  readonly #newDelays: () => Generator<number, never>;
  readonly #frameHandlers = new Set<(frame: Frame) => void>();
  readonly #stateListeners = new Set<() => void>();
  #state: LiveState = { kind: 'connecting', since: Date.now() };
  #delays: Generator<number, never>;
  #socket: WebSocket | undefined;
  #heardAt = Date.now();
  #timer: Timer | undefined;

  constructor(options: LiveChannelOptions) {
    this.#url = options.url;
    this.#silenceMs = options.silenceMs ?? LIVE_SILENCE_MS;
    this.#answerMs = options.answerMs ?? LIVE_ANSWER_MS;
    this.#newDelays = () =>
      backoff(options.reconnectFirstMs ?? RECONNECT_FIRST_MS, RECONNECT_MAX_MS, options.random ?? Math.random);
    this.#delays = this.#newDelays();
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Connects, and connects again until `close`. Does nothing when it is already doing so. */
  open(): void {
    if (this.#socket || this.#timer !== undefined) return;
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  /** Tries at once instead of waiting, e.g. when the browser is back on a network. */
  retryNow(): void {
    if (this.#socket || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#connect();
  }

  /** Calls `handler` for every message of this type until the returned function is called. */
  subscribe<Props, Body>(
    message: Message<Props, Body>,
    handler: (received: { props: Props; body: Body; sid: string }) => void,
  ): () => void {
    const onFrame = (frame: Frame): void => {
      if (message.is(frame)) handler({ ...message.read(frame), sid: frame.sid });
    };
    this.#frameHandlers.add(onFrame);
    return () => void this.#frameHandlers.delete(onFrame);
  }

  /** Calls `listener` after every change of `state`. What must be said on each connection is said when it turns open. */
  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  /** Sends a frame; false when the channel isn't open: nothing is kept for later. */
  send(frame: Frame): boolean {
    if (this.#state.kind !== 'open' || !this.#socket) return false;
    this.#socket.send(encodeFrame(frame) as Uint8Array<ArrayBuffer>);
    return true;
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (socket !== this.#socket) return;
      this.#delays = this.#newDelays();
      this.#hear(socket);
      this.#enter({ kind: 'open', since: this.#heardAt });
    });
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (socket !== this.#socket || !(event.data instanceof ArrayBuffer)) return;
      this.#hear(socket);
      const frame = decodeFrame(new Uint8Array(event.data), FRAME_BYTES_MAX_UP);
      for (const handle of this.#frameHandlers) handle(frame);
    });
    socket.addEventListener('close', () => this.#lost(socket));
  }

  /** Notes a sign of life. After the next silence one is asked for, and the socket is given up when none comes. */
  #hear(socket: WebSocket): void {
    this.#heardAt = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.send(controlPing.frame({}));
      this.#timer = setTimeout(() => {
        socket.close();
        // A dead link can take minutes to close; the next one doesn't wait for it.
        this.#lost(socket);
      }, this.#answerMs);
    }, this.#silenceMs);
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#connect();
    }, this.#delays.next().value);
    if (this.#state.kind === 'open') this.#enter({ kind: 'reconnecting', since: this.#heardAt });
    else this.#enter({ ...this.#state });
  }

  #enter(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}
