/**
 * A journal on disk: append-only segments that are removed, oldest first, when nothing in them waits any more.
 *
 * Each start begins a segment of its own, so a torn last write stays where a process died and is never written after.
 * A disk that refuses (full, read-only) loses nothing while the process lives: what it didn't take is kept and written
 * with the next attempt.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDiskError, syncFolder } from '../atomic-file.ts';
import { describeError } from '../error.ts';
import { JOURNAL_GROWTH_MAX, SEGMENT_BYTES_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Journal, Recovered, SpooledMessage } from './journal.ts';
import { decodeRecords, encodeRecord, type JournalRecord } from './record.ts';

interface Segment {
  readonly path: string;
  /** Grows with the whole records in it. */
  bytes: number;
  /** The waiting messages whose record stands here. */
  readonly live: Map<number, SpooledMessage>;
}

const SEGMENT_NAME = /^(\d{12})\.journal$/;

export class DiskJournal implements Journal {
  readonly #folder: string;
  readonly #log: Log;
  readonly #bytesMax: number;
  readonly #segmentBytesMax: number;
  /** Oldest first; the last is the one written to, once something was. */
  #segments: Segment[] = [];
  readonly #segmentOf = new Map<number, Segment>();
  #file: number | undefined;
  #fileNumber = 0;
  #reserved = 0;
  /** Records that the disk hasn't taken yet. */
  #unwritten: JournalRecord[] = [];
  #isUnsynced = false;
  #isRefused = false;

  /** `spoolBytesMax`: what the messages that wait may take; the journal may grow to a small multiple of it. */
  constructor(folder: string, spoolBytesMax: number, log: Log) {
    this.#folder = folder;
    this.#bytesMax = spoolBytesMax * JOURNAL_GROWTH_MAX;
    this.#segmentBytesMax = Math.min(SEGMENT_BYTES_MAX, spoolBytesMax / 4);
    this.#log = log;
  }

  recover(): Recovered {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const numbers = readdirSync(this.#folder).flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []);
    const messages = new Map<number, SpooledMessage>();
    let nextId: number | undefined;
    for (const number of numbers.map(Number).sort((a, b) => a - b)) {
      const segment: Segment = { path: this.#path(number), bytes: 0, live: new Map() };
      this.#segments.push(segment);
      this.#fileNumber = number;
      const bytes = readFileSync(segment.path);
      const { records, goodBytes } = decodeRecords(bytes);
      if (goodBytes < bytes.length)
        this.#log.warn('spool cut short', { file: segment.path, lostBytes: bytes.length - goodBytes });
      segment.bytes = bytes.length;
      for (const record of records) {
        if (record.kind === 'forget') for (const id of record.ids) messages.delete(id);
        else if (record.kind === 'reserve') nextId = record.id;
        else {
          messages.set(record.message.id, record.message);
          this.#segmentOf.set(record.message.id, segment);
          nextId = Math.max(nextId ?? 0, record.message.id + 1);
        }
      }
    }
    for (const [id, segment] of this.#segmentOf) {
      const message = messages.get(id);
      if (message === undefined) this.#segmentOf.delete(id);
      else segment.live.set(id, message);
    }
    this.#reserved = nextId ?? 0;
    return { messages: [...messages.values()].sort((a, b) => a.id - b.id), nextId };
  }

  reserve(id: number): void {
    this.#reserved = id;
    this.#append({ kind: 'reserve', id });
    this.sync();
  }

  add(message: SpooledMessage): void {
    this.#append({ kind: 'message', message });
  }

  forget(ids: readonly number[]): void {
    const isUnwritten = new Set(ids);
    this.#unwritten = this.#unwritten.filter(
      (record) => record.kind !== 'message' || !isUnwritten.has(record.message.id),
    );
    const written = ids.filter((id) => this.#segmentOf.has(id));
    for (const id of written) {
      this.#segmentOf.get(id)!.live.delete(id);
      this.#segmentOf.delete(id);
    }
    if (written.length > 0) this.#append({ kind: 'forget', ids: written });
  }

  sync(): void {
    if (this.#file === undefined || !this.#isUnsynced) return;
    this.#attempt(() => {
      fsyncSync(this.#file!);
      this.#isUnsynced = false;
    });
  }

  close(nextId: number): void {
    this.#reserved = nextId;
    this.#append({ kind: 'reserve', id: nextId });
    this.sync();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #append(record: JournalRecord): void {
    this.#unwritten.push(record);
    this.#attempt(() => {
      this.#write(this.#unwritten);
      this.#unwritten = [];
      this.#removeDead();
      this.#carryOver();
    });
  }

  #write(records: readonly JournalRecord[]): void {
    let segment = this.#segments.at(-1);
    if (this.#file === undefined || segment === undefined || segment.bytes >= this.#segmentBytesMax)
      segment = this.#startSegment();
    segment.bytes += writeWhole(this.#file!, Buffer.concat(records.map(encodeRecord)), segment.bytes);
    this.#isUnsynced = true;
    for (const record of records) {
      if (record.kind !== 'message') continue;
      segment.live.set(record.message.id, record.message);
      this.#segmentOf.set(record.message.id, segment);
    }
  }

  #startSegment(): Segment {
    if (this.#file !== undefined && this.#isUnsynced) fsyncSync(this.#file);
    const path = this.#path(this.#fileNumber + 1);
    const file = openSync(path, 'w', 0o600);
    let bytes: number;
    try {
      bytes = writeWhole(file, encodeRecord({ kind: 'reserve', id: this.#reserved }), 0);
      // Once the older segments go, this one alone knows which ids are used: its first record must be durable before.
      fsyncSync(file);
      syncFolder(this.#folder);
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = file;
    this.#fileNumber++;
    const segment: Segment = { path, bytes, live: new Map() };
    this.#segments.push(segment);
    return segment;
  }

  /** A segment without waiting messages may still hold the forgetting of older ones, so only the oldest can go. */
  #removeDead(): void {
    while (this.#segments.length > 1 && this.#segments[0]!.live.size === 0) {
      rmSync(this.#segments[0]!.path, { force: true });
      this.#segments.shift();
    }
  }

  /** Writes the oldest segments' waiting messages once more, when long waiting ones keep too much dead data alive. */
  #carryOver(): void {
    while (this.#segments.length > 1 && this.#segments.reduce((sum, { bytes }) => sum + bytes, 0) > this.#bytesMax) {
      const oldest = this.#segments[0]!;
      this.#write([...oldest.live.values()].map((message) => ({ kind: 'message', message })));
      fsyncSync(this.#file!);
      oldest.live.clear();
      this.#removeDead();
    }
  }

  /** Runs what touches the disk. A refusal is told once, and everything stays in memory until the disk takes it. */
  #attempt(task: () => void): void {
    try {
      task();
      if (this.#isRefused) this.#log.info('spool on disk again');
      this.#isRefused = false;
    } catch (error) {
      if (!isDiskError(error)) throw error;
      if (!this.#isRefused) this.#log.warn('spool kept in memory only', { reason: describeError(error) });
      this.#isRefused = true;
    }
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(12, '0')}.journal`);
  }
}

/** All or nothing: half a record would hide those after it. */
function writeWhole(file: number, bytes: Uint8Array, position: number): number {
  try {
    let written = 0;
    while (written < bytes.length)
      written += writeSync(file, bytes, written, bytes.length - written, position + written);
    return written;
  } catch (error) {
    ftruncateSync(file, position);
    throw error;
  }
}
