/**
 * Messages that wait until the server acknowledges them. Bounded: a full spool first keeps only the last value of each
 * metric, then drops status, and only then alerts; and it counts what it gave up.
 */
import { encodeFrame, PROTO, statusReport, type Frame } from '@lovely/protocol';
import type { Clock } from '../clock.ts';
import { RESERVED_IDS, SPOOL_ROOM_SHARE, SPOOL_SYNC_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import { coalesceStatus, supersededAlerts } from './coalesce.ts';
import type { Journal, SpooledMessage } from './journal.ts';

export interface SpoolOptions {
  readonly journal: Journal;
  readonly bytesMax: number;
  readonly messagesMax: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export class Spool {
  readonly #options: SpoolOptions;
  /** By id, in the order in which they were added. */
  readonly #waiting = new Map<number, SpooledMessage>();
  #bytes = 0;
  #nextId: number;
  #reservedId: number;
  #droppedMessages = 0;
  #droppedAlerts = 0;
  #coalescedMessages = 0;
  #cancelSync: (() => void) | undefined;

  /** Recovers what the journal holds. Throws for a folder that can't be read. */
  constructor(options: SpoolOptions) {
    this.#options = options;
    const { messages, nextId } = options.journal.recover();
    for (const message of messages) this.#keep(message);
    this.#nextId = this.#reservedId = nextId ?? Math.floor(options.random() * 2 ** 52);
  }

  /** The messages that wait, oldest first. */
  waiting(): IterableIterator<SpooledMessage> {
    return this.#waiting.values();
  }

  /** Including a little for each message's place in the lists. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages given up without being delivered, since the start. */
  get droppedMessages(): number {
    return this.#droppedMessages;
  }

  /** Alerts among them. */
  get droppedAlerts(): number {
    return this.#droppedAlerts;
  }

  /** Status messages merged into fewer that keep only last values, since the start. */
  get coalescedMessages(): number {
    return this.#coalescedMessages;
  }

  /**
   * Adds the message that `make` builds for its id. An alert, the end of a command, and what an update came to, is on disk when
   * this returns; other messages are at the latest half a minute later, which a kill of the process doesn't touch, only a power loss.
   */
  add(make: (id: number) => Frame): void {
    const message = this.#store(make);
    if (SYNCED.has(message.proto)) this.#options.journal.sync();
    else this.#syncLater();
    const { bytesMax, messagesMax } = this.#options;
    if (this.#bytes > bytesMax || this.#waiting.size > messagesMax) this.#makeRoom();
  }

  /** Forgets messages; ids that it doesn't know, or hears twice at once, are no error: a message may be acknowledged twice. */
  forget(ids: readonly number[]): void {
    const known = [...new Set(ids)].filter((id) => this.#waiting.has(id));
    if (known.length === 0) return;
    for (const id of known) {
      this.#bytes -= costOf(this.#waiting.get(id)!);
      this.#waiting.delete(id);
    }
    this.#options.journal.forget(known);
  }

  close(): void {
    this.#cancelSync?.();
    this.#options.journal.close(this.#nextId);
  }

  #store(make: (id: number) => Frame): SpooledMessage {
    const id = this.#nextId++;
    if (id >= this.#reservedId) {
      // Ids must not come back after a power loss that took the last messages with it: the server has seen them.
      this.#reservedId = id + RESERVED_IDS;
      this.#options.journal.reserve(this.#reservedId);
    }
    const frame = make(id);
    const message = { id, proto: frame.proto, bytes: encodeFrame(frame) };
    this.#keep(message);
    this.#options.journal.add(message);
    return message;
  }

  #keep(message: SpooledMessage): void {
    this.#waiting.set(message.id, message);
    this.#bytes += costOf(message);
  }

  #syncLater(): void {
    this.#cancelSync ??= this.#options.clock.after(SPOOL_SYNC_MS, () => {
      this.#cancelSync = undefined;
      this.#options.journal.sync();
    });
  }

  #makeRoom(): void {
    const before = { bytes: this.#bytes, messages: this.#waiting.size, dropped: this.#droppedMessages };
    this.#coalesce();
    this.#drop(this.#ids((proto) => proto !== PROTO.alert && proto !== PROTO.update));
    if (this.#isTight()) this.#drop(supersededAlerts([...this.waiting()].filter(({ proto }) => proto === PROTO.alert)));
    this.#drop(this.#ids(() => true));
    this.#options.log.warn('spool full', {
      bytes: before.bytes,
      messages: before.messages,
      kept: this.#waiting.size,
      dropped: this.#droppedMessages - before.dropped,
    });
  }

  #coalesce(): void {
    const status = [...this.waiting()].filter(({ proto }) => proto === PROTO.status);
    const merged = coalesceStatus(status);
    if (merged.length >= status.length) return;
    // First the new, then the old: a kill in between repeats values instead of losing them.
    for (const reports of merged) this.#store((id) => statusReport.frame({ id }, reports));
    this.forget(status.map(({ id }) => id));
    this.#coalescedMessages += status.length - merged.length;
  }

  /** Gives up these messages one after the other until there is room. */
  #drop(ids: readonly number[]): void {
    for (const id of ids) {
      if (!this.#isTight()) return;
      if (this.#waiting.get(id)?.proto === PROTO.alert) this.#droppedAlerts++;
      this.forget([id]);
      this.#droppedMessages++;
    }
  }

  #isTight(): boolean {
    const { bytesMax, messagesMax } = this.#options;
    return this.#bytes > bytesMax * SPOOL_ROOM_SHARE || this.#waiting.size > messagesMax * SPOOL_ROOM_SHARE;
  }

  #ids(isMeant: (proto: number) => boolean): number[] {
    return [...this.waiting()].filter(({ proto }) => isMeant(proto)).map(({ id }) => id);
  }
}

/** What a power loss must not take. */
const SYNCED: ReadonlySet<number> = new Set([PROTO.alert, PROTO.command, PROTO.update]);

const MESSAGE_OVERHEAD_BYTES = 64;

function costOf(message: SpooledMessage): number {
  return message.bytes.length + MESSAGE_OVERHEAD_BYTES;
}
