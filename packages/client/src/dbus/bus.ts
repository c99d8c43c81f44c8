/**
 * One connection to a message bus: the only file that knows the library dbus-native. It is used for authentication and
 * for reading and writing messages; what a call means, and coming back to a bus that was restarted, is ours.
 */
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { createConnection, messageType, Variant, type DBusConnection, type Message } from 'dbus-native';
import type { Clock } from '../clock.ts';
import { describeError } from '../error.ts';
import {
  BUS_ANSWER_TIMEOUT_MS,
  BUS_CONNECT_TIMEOUT_MS,
  BUS_FIELDS_BYTES_MAX,
  LOCAL_CALL_BYTES_MAX,
} from '../limits.ts';
import { MessageFilter } from './message-filter.ts';

/** A call that a program makes. */
export interface BusCall {
  readonly serial: number;
  readonly sender: string;
  readonly path: string;
  /** '' where the caller names none. */
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  /** Undefined for one that was larger than allowed. */
  readonly body: readonly unknown[] | undefined;
  /** Whether the caller wants to hear what became of it. */
  readonly wantsReply: boolean;
}

export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export interface BusEvents {
  called(call: BusCall): void;
  signalled(signal: BusSignal): void;
}

/** An answer that is an error; `name` is the D-Bus name of it. */
export class BusError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export const BUS_NAME = 'org.freedesktop.DBus';
const BUS_PATH = '/org/freedesktop/DBus';
const { methodCall, methodReturn, error: errorReply, signal: signalMessage } = messageType;
const NO_REPLY_EXPECTED = 1;
const NO_AUTO_START = 2;

/** Connects and says hello. Rejects with an Error when there is no bus, or it lets nobody in. */
export async function connectToBus(path: string, clock: Clock, events: BusEvents): Promise<Bus> {
  const bus = new Bus(path, clock, events);
  try {
    await bus.hello();
    return bus;
  } catch (error) {
    bus.close();
    throw error;
  }
}

interface Pending {
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (error: Error) => void;
  readonly cancelTimeout: () => void;
}

export class Bus {
  /** Resolves with why, when the connection has ended. */
  readonly ended: Promise<string>;
  readonly #clock: Clock;
  readonly #stream: Duplex;
  readonly #connection: DBusConnection;
  readonly #pending = new Map<number, Pending>();
  #serial = 0;
  #isOver = false;
  #resolveEnded: (reason: string) => void = () => undefined;

  constructor(path: string, clock: Clock, events: BusEvents) {
    this.#clock = clock;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#stream = filteredSocket(path);
    // Dicts as pairs and variants with their signature: nothing of what a program sends becomes a key of an object.
    const shapes = { plainValues: false, variants: 'wrap' } as const;
    this.#connection = createConnection({ stream: this.#stream, authMethods: ['EXTERNAL'], ...shapes });
    this.#connection.on('error', (error) => this.#end(describeError(error)));
    this.#connection.on('close', () => this.#end('closed'));
    this.#connection.on('end', () => this.#end('closed'));
    this.#connection.on('message', (message) => this.#receive(message, events));
  }

  async hello(): Promise<void> {
    await this.#ask('Hello', '', [], BUS_CONNECT_TIMEOUT_MS);
  }

  /** Whether the name is ours now. Rejects with BusError where the bus' policy forbids it. */
  async own(name: string): Promise<boolean> {
    const DO_NOT_QUEUE = 4;
    const [answer] = await this.#ask('RequestName', 'su', [name, DO_NOT_QUEUE]);
    return answer === 1 || answer === 4;
  }

  /** Has the bus tell of signals that the rule describes. */
  async watch(rule: string): Promise<void> {
    await this.#ask('AddMatch', 's', [rule]);
  }

  /** The user that a connection belongs to. Rejects with BusError when it is gone. */
  async userOf(name: string): Promise<number> {
    const [uid] = await this.#ask('GetConnectionUnixUser', 's', [name]);
    return Number(uid);
  }

  reply({ serial, sender, wantsReply }: BusCall, signature: string, body: readonly unknown[]): void {
    if (!wantsReply) return;
    this.#send({
      type: methodReturn,
      replySerial: serial,
      destination: sender,
      ...(signature === '' ? {} : { signature, body: [...body] }),
    });
  }

  refuse({ serial, sender, wantsReply }: BusCall, errorName: string, text: string): void {
    if (!wantsReply) return;
    this.#send({
      type: errorReply,
      replySerial: serial,
      destination: sender,
      errorName,
      signature: 's',
      body: [text],
    });
  }

  /** To one connection, or to everybody who listens. */
  signal(
    path: string,
    interfaceName: string,
    member: string,
    signature: string,
    body: readonly unknown[],
    destination?: string,
  ): void {
    this.#send({
      type: signalMessage,
      path,
      interface: interfaceName,
      member,
      ...(signature === '' ? {} : { signature, body: [...body] }),
      ...(destination === undefined ? {} : { destination }),
    });
  }

  close(): void {
    this.#end('stopped');
  }

  async #ask(
    member: string,
    signature: string,
    body: unknown[],
    timeoutMs = BUS_ANSWER_TIMEOUT_MS,
  ): Promise<readonly unknown[]> {
    return await new Promise((resolve, reject) => {
      if (this.#isOver) return reject(new Error('the connection to the bus has ended'));
      const serial = this.#send({
        type: methodCall,
        flags: NO_AUTO_START,
        destination: BUS_NAME,
        path: BUS_PATH,
        interface: BUS_NAME,
        member,
        ...(signature === '' ? {} : { signature, body }),
      });
      const cancelTimeout = this.#clock.after(timeoutMs, () => {
        this.#pending.delete(serial);
        reject(new Error('the bus did not answer in time'));
      });
      this.#pending.set(serial, { resolve, reject, cancelTimeout });
    });
  }

  #send(message: Message): number {
    this.#serial = this.#serial >= 0xffff_ffff ? 1 : this.#serial + 1;
    if (!this.#isOver) this.#connection.message({ ...message, serial: this.#serial });
    return this.#serial;
  }

  #receive(message: Message, events: BusEvents): void {
    if (this.#isOver) return;
    const { type, serial = 0, sender = '', path = '', member = '', signature = '', body, flags = 0 } = message;
    if (type === methodReturn || type === errorReply) return this.#answered(message);
    if (type === signalMessage)
      return events.signalled({ sender, path, interface: message.interface ?? '', member, body: body ?? [] });
    if (type !== methodCall) return;
    events.called({
      serial,
      sender,
      path,
      interface: message.interface ?? '',
      member,
      signature,
      body: signature === '' ? [] : body,
      wantsReply: (flags & NO_REPLY_EXPECTED) === 0,
    });
  }

  /** Only the bus itself is ever asked, so nobody else has anything to answer. */
  #answered({ type, sender, replySerial = 0, errorName, body = [] }: Message): void {
    const pending = this.#pending.get(replySerial);
    if (pending === undefined || sender !== BUS_NAME) return;
    this.#pending.delete(replySerial);
    pending.cancelTimeout();
    if (type === methodReturn) pending.resolve(body);
    else pending.reject(new BusError(errorName ?? '', typeof body[0] === 'string' ? body[0] : 'no reason given'));
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { reject, cancelTimeout } of this.#pending.values()) {
      cancelTimeout();
      reject(new Error(`the connection to the bus has ended: ${reason}`));
    }
    this.#pending.clear();
    this.#stream.destroy();
    this.#resolveEnded(reason);
  }
}

/** The socket as the library reads it, without the bodies of messages that are too large. */
function filteredSocket(path: string): Duplex {
  const socket = connect(path);
  const filter = new MessageFilter(LOCAL_CALL_BYTES_MAX, BUS_FIELDS_BYTES_MAX);
  const filtered = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
    final: (done) => void socket.end(() => done()),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      const bytes = filter.take(chunk);
      if (bytes.length > 0 && !filtered.push(bytes)) socket.pause();
    } catch (error) {
      filtered.destroy(error as Error);
    }
  });
  socket.on('error', (error) => filtered.destroy(error));
  socket.on('close', () => filtered.destroy());
  return filtered;
}

export { Variant };
