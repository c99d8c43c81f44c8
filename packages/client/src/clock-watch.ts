/**
 * Watches the gateway's clock: how far it is from the server's, and whether somebody sets it. A clock that was set shows
 * against the monotonic one, which never jumps.
 */
import { controlClock } from '@lovely/protocol';
import type { ChannelPart } from './channel.ts';
import type { Clock } from './clock.ts';
import type { Link, Welcome } from './connection.ts';
import { CLOCK_STEP_MS_MIN } from './limits.ts';
import type { Log } from './log.ts';

export interface ClockWatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The clock was set: what was stamped before is to be told before the server hears of the new clock. */
  wasSet(): void;
}

export class ClockWatch implements ChannelPart {
  readonly #options: ClockWatchOptions;
  /** What the clock showed when the monotonic one began. */
  #originMs: number;
  /** The same of the server's clock, once it is known. */
  #serverOriginMs: number | undefined;
  #link: Link | undefined;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
    this.#originMs = origin(options.clock);
  }

  /** How far the clock is from the server's, either way; undefined before the first connection. */
  get offsetSeconds(): number | undefined {
    if (this.#serverOriginMs === undefined) return undefined;
    return Math.round(Math.abs(this.#serverOriginMs - origin(this.#options.clock)) / 1000);
  }

  /** The server's time; this gateway's own before the first connection. */
  get serverNowMs(): number {
    const { clock } = this.#options;
    return this.#serverOriginMs === undefined ? clock.nowMs() : this.#serverOriginMs + clock.monotonicMs();
  }

  connected(link: Link, { nowMs }: Welcome): void {
    this.#link = link;
    if (nowMs !== undefined) this.#serverOriginMs = nowMs - this.#options.clock.monotonicMs();
  }

  disconnected(): void {
    this.#link = undefined;
  }

  /** Looks whether the clock was set since the last look, and tells the server. */
  check(): void {
    const { clock, log, wasSet } = this.#options;
    const stepMs = origin(clock) - this.#originMs;
    if (Math.abs(stepMs) < CLOCK_STEP_MS_MIN) return;
    this.#originMs += stepMs;
    log.warn('the clock was set', { stepMs: Math.round(stepMs) });
    wasSet();
    this.#link?.send(controlClock.frame({}, { nowMs: clock.nowMs() }));
  }
}

function origin(clock: Clock): number {
  return clock.nowMs() - clock.monotonicMs();
}
