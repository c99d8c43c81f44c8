/**
 * Delivers the spool over the channel, in order, within the server's limits, again and again until acknowledged. Of the
 * alerts only the oldest is on its way: the server has several workers, and one that stored a clear before its raise
 * would leave the house red for ever.
 */
import { PROTO, type Frame } from '@lovely/protocol';
import type { ChannelPart } from './channel.ts';
import type { Clock } from './clock.ts';
import type { Link, Welcome } from './connection.ts';
import { ACK_TIMEOUT_MS, ACK_TIMEOUT_MS_MAX, SOCKET_FULL_RETRY_MS } from './limits.ts';
import type { Spool } from './spool/spool.ts';

/** Puts a message into the spool; it goes out when it can. */
export type Submit = (make: (id: number) => Frame) => void;

export class Outbox implements ChannelPart {
  readonly #spool: Spool;
  readonly #clock: Clock;
  /** When each message on its way was sent, the oldest first. */
  readonly #inFlight = new Map<number, number>();
  #link: { readonly link: Link; readonly limits: Welcome['limits'] } | undefined;
  #ackTimeoutMs = ACK_TIMEOUT_MS;
  #cancelAckTimeout: (() => void) | undefined;
  #cancelPump: (() => void) | undefined;
  /** Messages that may still go out at once; fills up by `messagesPerSecond`. */
  #allowance = 0;
  #allowanceAtMs = 0;

  constructor(spool: Spool, clock: Clock) {
    this.#spool = spool;
    this.#clock = clock;
  }

  readonly submit: Submit = (make) => {
    this.#spool.add(make);
    this.#pump();
  };

  connected(link: Link, { limits }: Welcome): void {
    this.#link = { link, limits };
    this.#allowance = limits.messagesPerSecond;
    this.#allowanceAtMs = this.#clock.monotonicMs();
    this.#ackTimeoutMs = ACK_TIMEOUT_MS;
    this.#pump();
  }

  disconnected(): void {
    this.#link = undefined;
    this.#inFlight.clear();
    this.#cancelAckTimeout?.();
    this.#cancelAckTimeout = undefined;
    this.#cancelPump?.();
    this.#cancelPump = undefined;
  }

  acknowledged(ids: readonly number[]): void {
    this.#spool.forget(ids);
    for (const id of ids) this.#inFlight.delete(id);
    this.#ackTimeoutMs = ACK_TIMEOUT_MS;
    this.#awaitAck();
    this.#pump();
  }

  #pump(): void {
    if (this.#link === undefined || this.#cancelPump !== undefined) return;
    const { link, limits } = this.#link;
    let isAlertOut = false;
    for (const { id, proto, bytes } of this.#spool.waiting()) {
      const isHeldBack = proto === PROTO.alert && isAlertOut;
      if (proto === PROTO.alert) isAlertOut = true;
      if (isHeldBack || this.#inFlight.has(id)) continue;
      if (this.#inFlight.size >= limits.unackedMessages) return;
      if (link.isFull) return this.#pumpLater(SOCKET_FULL_RETRY_MS);
      if (!this.#takeAllowance(limits.messagesPerSecond)) return this.#pumpLater(1000 / limits.messagesPerSecond);
      link.sendEncoded(bytes);
      this.#inFlight.set(id, this.#clock.monotonicMs());
      if (this.#cancelAckTimeout === undefined) this.#awaitAck();
    }
  }

  #pumpLater(delayMs: number): void {
    this.#cancelPump = this.#clock.after(delayMs, () => {
      this.#cancelPump = undefined;
      this.#pump();
    });
  }

  #takeAllowance(messagesPerSecond: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#allowanceAtMs) / 1000) * messagesPerSecond;
    this.#allowance = Math.min(messagesPerSecond, this.#allowance + earned);
    this.#allowanceAtMs = nowMs;
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }

  /**
   * What isn't acknowledged in time goes out again, even while other messages are: the server may have dropped this one.
   * Without any ack it does so ever more slowly: a server in trouble isn't helped by haste.
   */
  #awaitAck(): void {
    this.#cancelAckTimeout?.();
    this.#cancelAckTimeout = undefined;
    const [oldestMs] = this.#inFlight.values();
    if (oldestMs === undefined) return;
    const waitMs = oldestMs + this.#ackTimeoutMs - this.#clock.monotonicMs();
    this.#cancelAckTimeout = this.#clock.after(Math.max(0, waitMs), () => {
      this.#cancelAckTimeout = undefined;
      const lateMs = this.#clock.monotonicMs() - this.#ackTimeoutMs;
      for (const [id, sentMs] of this.#inFlight) if (sentMs <= lateMs) this.#inFlight.delete(id);
      this.#ackTimeoutMs = Math.min(ACK_TIMEOUT_MS_MAX, this.#ackTimeoutMs * 2);
      this.#awaitAck();
      this.#pump();
    });
  }
}
