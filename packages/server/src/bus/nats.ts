/** The bus between processes: core NATS, without streams. */
import { setTimeout as delay } from 'node:timers/promises';
import { connect, errors, type ConnectionOptions, type Msg, type NatsConnection } from '@nats-io/transport-node';
import {
  BUS_OUTBOX_BYTES_MAX,
  BUS_PAYLOAD_BYTES_MAX,
  NATS_CONNECT_TIMEOUT_MS,
  NATS_PING_MS,
  NATS_PINGS_UNANSWERED_MAX,
  NATS_RETRY_MS,
} from '../limits.ts';
import { BusError, type Bus, type BusHandler, type OnBusError, type Subscription } from './bus.ts';
import { HandlerCalls } from './handler-calls.ts';
import { checkMessage, checkPattern } from './subject.ts';

/**
 * Connects and stays so: a lost server is tried again for ever, and the first one is waited for until `signal` aborts.
 * @param options `url` is one URL or several with commas between them, nats:// or tls://, with user:password@ or token@;
 *   `name` is what the server shows for this connection
 * @throws BusError 'refused' where the server doesn't let us in or takes too small messages; or the signal's reason
 */
export async function connectNats(options: {
  url: string;
  name: string;
  signal: AbortSignal;
  onError: OnBusError;
}): Promise<Bus> {
  const { url, name, signal, onError } = options;
  const connection = await connectFirst({ ...fromUrl(url), name, ...STAY_CONNECTED }, signal, onError);
  const accepted = connection.info?.max_payload ?? 0;
  if (accepted < BUS_PAYLOAD_BYTES_MAX) {
    await connection.close();
    throw new BusError(
      'refused',
      `the NATS server takes messages of ${accepted} bytes; set its max_payload to ${BUS_PAYLOAD_BYTES_MAX} or more`,
    );
  }
  return new NatsBus(connection, onError);
}

const STAY_CONNECTED: ConnectionOptions = {
  timeout: NATS_CONNECT_TIMEOUT_MS,
  maxReconnectAttempts: -1,
  reconnectTimeWait: NATS_RETRY_MS,
  pingInterval: NATS_PING_MS,
  maxPingOut: NATS_PINGS_UNANSWERED_MAX,
};

/** The client reads host and port of a URL only, so the rest is taken out here. */
function fromUrl(text: string): ConnectionOptions {
  const urls = text.split(',').map((part) => new URL(part.trim()));
  const { username, password } = urls[0]!;
  const user = decodeURIComponent(username);
  return {
    servers: urls.map(({ host }) => host),
    ...(urls.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}),
    ...(user === '' ? {} : password === '' ? { token: user } : { user, pass: decodeURIComponent(password) }),
  };
}

async function connectFirst(
  options: ConnectionOptions,
  signal: AbortSignal,
  onError: OnBusError,
): Promise<NatsConnection> {
  let reported = '';
  for (;;) {
    signal.throwIfAborted();
    try {
      const connection = await connect(options);
      if (!signal.aborted) return connection;
      await connection.close();
    } catch (error) {
      if (error instanceof errors.AuthorizationError)
        throw new BusError('refused', 'NATS refuses the user or the password', { cause: error });
      const message = error instanceof Error ? error.message : String(error);
      if (message !== reported) onError(error, '');
      reported = message;
      await delay(NATS_RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

interface Waiting {
  readonly bytes: number;
  send(): void;
}

class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #onError: OnBusError;
  readonly #subscriptions = new Set<Subscription>();
  readonly #openRequests = new Set<(error: BusError) => void>();
  /** What was sent while no server was connected; the client would drop it at its next try to connect. */
  #outbox: Waiting[] = [];
  #outboxBytes = 0;
  #outboxIsFull = false;
  #state: 'connected' | 'disconnected' | 'closed' = 'connected';
  #reconnected = Promise.withResolvers<void>();
  #closing: Promise<void> | undefined;

  constructor(connection: NatsConnection, onError: OnBusError) {
    this.#connection = connection;
    this.#onError = onError;
    this.#reconnected.resolve();
    void this.#follow();
  }

  get healthy(): boolean {
    return this.#state === 'connected' && this.#closing === undefined;
  }

  publish(subject: string, data: Uint8Array): void {
    this.#check(subject, data);
    this.#send({ bytes: data.length, send: () => this.#connection.publish(subject, data) }, subject);
  }

  subscribe(pattern: string, handler: BusHandler, options: { queue?: string } = {}): Subscription {
    if (this.#closing) throw closed();
    checkPattern(pattern, options.queue);
    const calls = new HandlerCalls(handler, this.#onError);
    const inner = this.#connection.subscribe(pattern, {
      ...(options.queue === undefined ? {} : { queue: options.queue }),
      callback: (error, message) => {
        if (error) this.#onError(error, pattern);
        else
          calls.call({
            subject: message.subject,
            data: message.data,
            respond: (answer) => this.#respond(message, answer),
          });
      },
    });
    let closing: Promise<void> | undefined;
    const subscription: Subscription = {
      close: () => {
        this.#subscriptions.delete(subscription);
        // Without a server nothing more can come, and draining would wait for one.
        const canDrain = this.#state === 'connected' && !inner.isClosed();
        if (!canDrain) inner.unsubscribe();
        closing ??= canDrain ? inner.drain().then(() => calls.finished()) : calls.finished();
        return closing;
      },
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async request(
    subject: string,
    data: Uint8Array,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Uint8Array> {
    const { timeoutMs, signal } = options;
    signal?.throwIfAborted();
    this.#check(subject, data);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const abort = (): void => reject(signal?.reason);
    const deadline = Date.now() + timeoutMs;
    const timer = setTimeout(() => reject(timedOut(subject, timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', abort);
    this.#openRequests.add(reject);
    const send = (): void => {
      const timeout = Math.max(1, deadline - Date.now());
      this.#connection
        .request(subject, data, { timeout })
        .then((answer) => resolve(answer.data))
        .catch((error: unknown) => reject(this.#requestError(error, subject, timeoutMs)));
    };
    try {
      this.#send({ bytes: data.length, send }, subject);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#openRequests.delete(reject);
    }
  }

  async flush(): Promise<void> {
    for (;;) {
      await this.#reconnected.promise;
      if (this.#state === 'closed') throw closed();
      try {
        return await this.#connection.flush();
      } catch (error) {
        if (this.#connection.isClosed()) throw new BusError('closed', 'the bus is closed', { cause: error });
        // The connection broke meanwhile; what it carried may be lost, so the next one is asked.
      }
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    if (this.#state === 'connected') await this.#connection.flush().catch(() => {});
    this.#state = 'closed';
    this.#reconnected.resolve();
    for (const fail of this.#openRequests) fail(closed());
    await this.#connection.close();
  }

  #check(subject: string, data: Uint8Array): void {
    if (this.#state === 'closed') throw closed();
    checkMessage(subject, data);
  }

  #respond(message: Msg, answer: Uint8Array): void {
    if (!message.reply) return;
    this.#check(message.reply, answer);
    this.#send({ bytes: answer.length, send: () => message.respond(answer) }, message.subject);
  }

  #send(waiting: Waiting, subject: string): void {
    if (this.#state === 'connected') {
      waiting.send();
    } else if (this.#outboxBytes + waiting.bytes <= BUS_OUTBOX_BYTES_MAX) {
      this.#outbox.push(waiting);
      this.#outboxBytes += waiting.bytes;
    } else {
      if (!this.#outboxIsFull)
        this.#onError(new BusError('full', 'NATS is away and the outbox is full: messages are dropped'), subject);
      this.#outboxIsFull = true;
    }
  }

  /** Follows what happens to the connection until it is closed. */
  async #follow(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === 'disconnect') this.#lose();
      else if (status.type === 'reconnect') this.#regain();
      else if (status.type === 'error') this.#onError(status.error, '');
    }
  }

  #lose(): void {
    if (this.#state !== 'connected') return;
    this.#state = 'disconnected';
    this.#reconnected = Promise.withResolvers();
  }

  #regain(): void {
    if (this.#state !== 'disconnected') return;
    this.#state = 'connected';
    for (const waiting of this.#outbox) waiting.send();
    this.#outbox = [];
    this.#outboxBytes = 0;
    this.#outboxIsFull = false;
    this.#reconnected.resolve();
  }

  #requestError(error: unknown, subject: string, timeoutMs: number): unknown {
    if (error instanceof errors.TimeoutError) return timedOut(subject, timeoutMs);
    if (error instanceof errors.RequestError && error.isNoResponders())
      return new BusError('no-responders', `nobody answers on ${subject}`);
    return this.#connection.isClosed() ? closed() : error;
  }
}

function timedOut(subject: string, timeoutMs: number): BusError {
  return new BusError('timeout', `no answer on ${subject} in ${timeoutMs} ms`);
}

function closed(): BusError {
  return new BusError('closed', 'the bus is closed');
}
