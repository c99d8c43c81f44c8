/** The bus within one process. */
import { BusError, type Bus, type BusHandler, type BusMessage, type OnBusError, type Subscription } from './bus.ts';
import { HandlerCalls } from './handler-calls.ts';
import { checkMessage, checkPattern, fits } from './subject.ts';

export function createMemoryBus(options: { onError: OnBusError }): Bus {
  return new MemoryBus(options.onError);
}

interface Member {
  readonly pattern: readonly string[];
  readonly queue: string | undefined;
  readonly calls: HandlerCalls;
  readonly subscription: Subscription;
}

class MemoryBus implements Bus {
  readonly #onError: OnBusError;
  readonly #members = new Set<Member>();
  /** Deliveries and waiting flushes, in order. They run in a later turn of the event loop, as if a network lay between. */
  #due: (() => void)[] = [];
  readonly #openRequests = new Set<(error: BusError) => void>();
  #state: 'open' | 'draining' | 'closed' = 'open';
  #closing: Promise<void> | undefined;

  constructor(onError: OnBusError) {
    this.#onError = onError;
  }

  get healthy(): boolean {
    return this.#state === 'open';
  }

  publish(subject: string, data: Uint8Array): void {
    this.#deliver(subject, data, () => {});
  }

  subscribe(pattern: string, handler: BusHandler, options: { queue?: string } = {}): Subscription {
    if (this.#state !== 'open') throw closed();
    checkPattern(pattern, options.queue);
    const calls = new HandlerCalls(handler, this.#onError);
    const subscription: Subscription = {
      close: async () => {
        this.#members.delete(member);
        await this.#turn();
        await calls.finished();
      },
    };
    const member: Member = { pattern: pattern.split('.'), queue: options.queue, calls, subscription };
    this.#members.add(member);
    return subscription;
  }

  async request(
    subject: string,
    data: Uint8Array,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Uint8Array> {
    const { timeoutMs, signal } = options;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const abort = (): void => reject(signal?.reason);
    const timer = setTimeout(
      () => reject(new BusError('timeout', `no answer on ${subject} in ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal?.addEventListener('abort', abort);
    this.#openRequests.add(reject);
    try {
      const receivers = this.#deliver(subject, data, (answer) => this.#enqueue(() => resolve(answer)));
      if (receivers === 0) throw new BusError('no-responders', `nobody answers on ${subject}`);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#openRequests.delete(reject);
    }
  }

  async flush(): Promise<void> {
    if (this.#state === 'closed') throw closed();
    await this.#turn();
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    this.#state = 'draining';
    await Promise.all([...this.#members].map(({ subscription }) => subscription.close()));
    this.#state = 'closed';
    for (const fail of this.#openRequests) fail(closed());
  }

  /** Returns how many receivers the message has. */
  #deliver(subject: string, data: Uint8Array, respond: (answer: Uint8Array) => void): number {
    if (this.#state === 'closed') throw closed();
    checkMessage(subject, data);
    const message: BusMessage = {
      subject,
      data,
      respond: (answer) => {
        checkMessage(subject, answer);
        respond(answer);
      },
    };
    const receivers = this.#receivers(subject.split('.'));
    for (const member of receivers) this.#enqueue(() => member.calls.call(message));
    return receivers.length;
  }

  /** All members without a queue group, and of each group the one that has waited longest. */
  #receivers(subject: readonly string[]): Member[] {
    const receivers: Member[] = [];
    const groups = new Set<string>();
    for (const member of this.#members) {
      if (!fits(subject, member.pattern)) continue;
      if (member.queue === undefined) receivers.push(member);
      else if (!groups.has(member.queue)) {
        groups.add(member.queue);
        receivers.push(member);
      }
    }
    for (const member of receivers) if (member.queue !== undefined) this.#moveToEnd(member);
    return receivers;
  }

  #moveToEnd(member: Member): void {
    this.#members.delete(member);
    this.#members.add(member);
  }

  #enqueue(action: () => void): void {
    this.#due.push(action);
    if (this.#due.length === 1) setImmediate(() => this.#runDue());
  }

  #runDue(): void {
    const due = this.#due;
    this.#due = [];
    for (const action of due) action();
  }

  /** Resolves when all deliveries that are due now have been made. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#enqueue(resolve));
  }
}

function closed(): BusError {
  return new BusError('closed', 'the bus is closed');
}
