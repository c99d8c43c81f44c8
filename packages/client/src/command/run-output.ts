/** What one run prints: bounded, sent in few pieces, and sent again on a new connection, as nobody knows what got through. */
import { COMMAND_CHUNK_BYTES_MAX, COMMAND_OUTPUT_BYTES_MAX, commandOutput } from '@lovely/protocol';
import type { Clock } from '../clock.ts';
import type { Link } from '../connection.ts';
import { COMMAND_OUTPUT_INTERVAL_MS } from '../limits.ts';

export type Stream = 'out' | 'err';

const NOTICE = new TextEncoder().encode('\n[there is more, which is left out]\n');

interface Piece {
  readonly stream: Stream;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class RunOutput {
  readonly #run: string;
  readonly #clock: Clock;
  readonly #pieces: Piece[] = [];
  #link: Link | undefined;
  #kept = 0;
  #printed = 0;
  #isFull = false;
  #sentPieces = 0;
  #cancelFlush: (() => void) | undefined;

  constructor(run: string, clock: Clock, link: Link | undefined) {
    this.#run = run;
    this.#clock = clock;
    this.#link = link;
  }

  add(stream: Stream, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const room = COMMAND_OUTPUT_BYTES_MAX - NOTICE.length - this.#kept;
    this.#printed += bytes.length;
    if (this.#isFull) return;
    if (room > 0) this.#keep(stream, bytes.subarray(0, room));
    this.#isFull = bytes.length > room;
    if (this.#isFull) this.#keep(stream, NOTICE);
    this.#cancelFlush ??= this.#clock.after(COMMAND_OUTPUT_INTERVAL_MS, () => {
      this.#cancelFlush = undefined;
      this.flush();
    });
  }

  /** Goes on over another connection, with all of it. */
  useLink(link: Link | undefined): void {
    this.#link = link;
    this.#sentPieces = 0;
    this.flush();
  }

  /** Sends what was not sent yet. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (!this.#link || this.#link.isFull) return;
    for (const { stream, offset, bytes } of this.#pieces.slice(this.#sentPieces))
      this.#link.send(commandOutput.frame({ run: this.#run, offset, stream }, bytes));
    this.#sentPieces = this.#pieces.length;
  }

  /** What `done` says of it. */
  end(): { outputBytes: number; tail: Uint8Array; tailOffset: number } {
    this.flush();
    this.#cancelFlush?.();
    const all = Buffer.concat(this.#pieces.map(({ bytes }) => bytes));
    const tailOffset = Math.max(0, all.length - COMMAND_CHUNK_BYTES_MAX);
    return {
      outputBytes: Math.max(this.#printed, this.#kept),
      tail: Uint8Array.from(all.subarray(tailOffset)),
      tailOffset,
    };
  }

  /** What is printed in one go, and what follows before it was sent, is one piece, as far as one message holds it. */
  #keep(stream: Stream, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const last = this.#pieces.length > this.#sentPieces ? this.#pieces.at(-1) : undefined;
      const room = last?.stream === stream ? COMMAND_CHUNK_BYTES_MAX - last.bytes.length : 0;
      const part = bytes.subarray(at, at + (room > 0 ? room : COMMAND_CHUNK_BYTES_MAX));
      if (last && room > 0)
        this.#pieces[this.#pieces.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, part]) };
      else this.#pieces.push({ stream, offset: this.#kept, bytes: Uint8Array.from(part) });
      this.#kept += part.length;
      at += part.length;
    }
  }
}
