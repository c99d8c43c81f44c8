/**
 * Delivers the spool over the channel, in order, within the server's limits, again and again until acknowledged. Of the
 * alerts one message is on its way, with all that wait at that moment: the server has several workers, and one that stored
 * a clear before its raise would leave the house red for ever.
 */
import { ALERT_BATCH_MAX, alertBatch, PROTO, type Frame } from '@lovely/protocol';
import type { ChannelPart } from './channel.ts';
import type { Clock } from './clock.ts';
import type { Link, Welcome } from './connection.ts';
import { ACK_TIMEOUT_MS, ACK_TIMEOUT_MS_MAX, ALERT_BATCH_BYTES_MAX, SOCKET_FULL_RETRY_MS } from './limits.ts';
import type { SpooledMessage } from './spool/journal.ts';
import type { Spool } from './spool/spool.ts';

/** Puts a message into the spool; it goes out when it can. */
export type Submit = (make: (id: number) => Frame) => void;

export class Outbox implements ChannelPart {
  readonly #spool: Spool;
  readonly #clock: Clock;
  /** When each message on its way was sent, the oldest first. */
  readonly #inFlight = new Map<number, number>();
  /** Those of them that are alerts; they went out in one message. */
  readonly #alertsInFlight = new Set<number>();
  #link: { readonly link: Link; readonly limits: Welcome['limits'] } | undefined;
  #ackTimeoutMs = ACK_TIMEOUT_MS;
  #cancelAckTimeout: (() => void) | undefined;
  #cancelPump: (() => void) | undefined;
  /** Messages that may still go out at once; fills up by `messagesPerSecond`. */
  #allowance = 0;
  #allowanceAtMs = 0;
  #awaitedDelivery: { readonly lastId: number; readonly task: () => void } | undefined;

  constructor(spool: Spool, clock: Clock) {
    this.#spool = spool;
    this.#clock = clock;
  }

  readonly submit: Submit = (make) => {
    this.#spool.add(make);
    this.#pump();
  };

  /** Runs `task` when everything that waits now has been delivered; only the last such task is kept. */
  onceDelivered(task: () => void): void {
    this.#awaitedDelivery = { lastId: [...this.#spool.waiting()].at(-1)?.id ?? -1, task };
    this.#runIfDelivered();
  }

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
    this.#alertsInFlight.clear();
    this.#cancelAckTimeout?.();
    this.#cancelAckTimeout = undefined;
    this.#cancelPump?.();
    this.#cancelPump = undefined;
  }

  acknowledged(ids: readonly number[]): void {
    this.#spool.forget(ids);
    for (const id of ids) this.#land(id);
    this.#ackTimeoutMs = ACK_TIMEOUT_MS;
    this.#awaitAck();
    this.#pump();
    this.#runIfDelivered();
  }

  #pump(): void {
    if (this.#link === undefined || this.#cancelPump !== undefined) return;
    const { link, limits } = this.#link;
    for (const { id, proto, bytes } of this.#spool.waiting()) {
      if (this.#inFlight.has(id) || (proto === PROTO.alert && this.#alertsInFlight.size > 0)) continue;
      if (this.#messagesInFlight >= limits.unackedMessages) return;
      if (link.isFull) return this.#pumpLater(SOCKET_FULL_RETRY_MS);
      if (!this.#takeAllowance(limits.messagesPerSecond)) return this.#pumpLater(1000 / limits.messagesPerSecond);
      if (proto === PROTO.alert) {
        this.#sendAlerts(link);
      } else {
        link.sendEncoded(bytes);
        this.#inFlight.set(id, this.#clock.monotonicMs());
      }
      if (this.#cancelAckTimeout === undefined) this.#awaitAck();
    }
  }

  get #messagesInFlight(): number {
    return this.#inFlight.size - this.#alertsInFlight.size + Math.min(this.#alertsInFlight.size, 1);
  }

  #sendAlerts(link: Link): void {
    const alerts: SpooledMessage[] = [];
    let size = 0;
    for (const message of this.#spool.waiting()) {
      if (message.proto !== PROTO.alert) continue;
      size += message.bytes.length;
      if (alerts.length === ALERT_BATCH_MAX || (alerts.length > 0 && size > ALERT_BATCH_BYTES_MAX)) break;
      alerts.push(message);
    }
    const [first, ...others] = alerts.map(({ bytes }) => bytes);
    if (others.length === 0) link.sendEncoded(first!);
    else link.send(alertBatch.frame({}, [first!, ...others]));
    const sentMs = this.#clock.monotonicMs();
    for (const { id } of alerts) {
      this.#inFlight.set(id, sentMs);
      this.#alertsInFlight.add(id);
    }
  }

  #land(id: number): void {
    this.#inFlight.delete(id);
    this.#alertsInFlight.delete(id);
  }

  #runIfDelivered(): void {
    if (this.#awaitedDelivery === undefined) return;
    const { lastId, task } = this.#awaitedDelivery;
    const [oldest] = this.#spool.waiting();
    if (oldest !== undefined && oldest.id <= lastId) return;
    this.#awaitedDelivery = undefined;
    task();
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
      for (const [id, sentMs] of this.#inFlight) if (sentMs <= lateMs) this.#land(id);
      this.#ackTimeoutMs = Math.min(ACK_TIMEOUT_MS_MAX, this.#ackTimeoutMs * 2);
      this.#awaitAck();
      this.#pump();
    });
  }
}
