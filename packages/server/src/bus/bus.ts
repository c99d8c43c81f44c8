/**
 * The seam between roles: messages by subject, with NATS' rules, in one process (memory.ts) or many (nats.ts).
 * A message reaches whoever is subscribed at that moment, at most once: the bus is motion, Postgres is truth.
 */

export interface BusMessage {
  readonly subject: string;
  /** Shared with other receivers: read it, don't change it. */
  readonly data: Uint8Array;
  /** Answers a request; the first answer counts. Without effect where the message is not a request. */
  respond(data: Uint8Array): void;
}

export type BusHandler = (message: BusMessage) => void | Promise<void>;

export interface Subscription {
  /** Takes no more messages; resolves when those already taken have been handled. */
  close(): Promise<void>;
}

export interface Bus {
  /**
   * Sends to all subscriptions whose pattern matches, our own included. Messages of one bus object arrive in the order
   * they were sent. `data` is handed over: the caller must not change it afterwards.
   * @throws BusError 'bad-subject', 'too-large' or 'closed'
   */
  publish(subject: string, data: Uint8Array): void;
  /**
   * Calls `handler` for each message in order, without waiting for the promise of the one before. What it throws goes
   * to `onError` of the bus.
   * @param pattern a subject, where `*` stands for one token and a `>` at the end for one or more
   * @param options `queue` names a group of which exactly one member gets each message
   * @throws BusError 'bad-subject' or 'closed'
   */
  subscribe(pattern: string, handler: BusHandler, options?: { queue?: string }): Subscription;
  /**
   * Sends and waits for the first answer.
   * @throws BusError 'no-responders' when nobody is subscribed, 'timeout', 'closed', and as `publish`; or the signal's reason
   */
  request(subject: string, data: Uint8Array, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Uint8Array>;
  /** Resolves when all that was published before has reached the subscriptions here and the server. */
  flush(): Promise<void>;
  /** Drains: takes nothing new, lets handlers finish and publish, sends what waits. Open requests fail with 'closed'. */
  close(): Promise<void>;
  /** Whether messages flow at this moment. */
  readonly healthy: boolean;
}

/** Told of what a handler threw and of what the server complains about. `subject` is '' where none is concerned. */
export type OnBusError = (error: unknown, subject: string) => void;

export type BusErrorCode = 'bad-subject' | 'too-large' | 'no-responders' | 'timeout' | 'closed' | 'full' | 'refused';

export class BusError extends Error {
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
  }
}
