/** A gateway of the real client's parts that remembers what it told the server and what of it was acknowledged. */
import {
  Channel,
  controlHandler,
  identityOf,
  fixedKey,
  loadRuntime,
  newPrivateKey,
  noJournal,
  Outbox,
  silentLog,
  Spool,
  systemClock,
  type Clock,
  Tokens,
} from '@lovely/client';
import { alertClear, alertRaise, PROTO, statusReport, type Frame } from '@lovely/protocol';
import type { Random } from '@lovely/sim';
import type { TestServer } from '../harness/server.ts';

const RULE = 'witness';
const SPOOL_BYTES_MAX = 64 * 1024 * 1024;
const SPOOL_MESSAGES_MAX = 1_000_000;
/** Of the longest wait between two tries: a test has no minute to spare. */
const WAIT_SHARE = 0.02;
/** Of the causes, so many are cleared right after they were raised. */
const CLEARED_SHARE = 0.5;

/** Its clock for waits runs so much faster than the true one, for the same reason. */
const HASTE = 5;
/** So many metrics take turns, each with rising values. */
const METRICS = 50;

/** What the server must know: the last value by metric, the time of each report, the sources of alerts. */
export interface Told {
  readonly statuses: Map<string, number>;
  readonly reports: Set<number>;
  readonly raised: Set<string>;
  readonly cleared: Set<string>;
}

const clock: Clock = {
  nowMs: () => systemClock.nowMs(),
  monotonicMs: () => systemClock.monotonicMs() * HASTE,
  after: (delayMs, task) => systemClock.after(delayMs / HASTE, task),
};

export class Witness {
  readonly serial = `witness-${crypto.randomUUID().slice(0, 8)}`;
  /** What the server acknowledged. */
  readonly acknowledged: Told = nothing();
  readonly #byId = new Map<number, (told: Told) => void>();
  readonly #outbox: Outbox;
  readonly #spool: Spool;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #count = 0;
  #lastMs = 0;

  private constructor(server: TestServer, ca: string, runtime: Awaited<ReturnType<typeof loadRuntime>>) {
    const network = { authorities: [ca], proxy: undefined };
    const log = silentLog;
    const random = (): number => WAIT_SHARE * Math.random();
    this.#spool = new Spool({
      journal: noJournal,
      bytesMax: SPOOL_BYTES_MAX,
      messagesMax: SPOOL_MESSAGES_MAX,
      clock,
      random: Math.random,
      log,
    });
    this.#outbox = new Outbox(this.#spool, clock);
    const url = new URL(server.url);
    const identity = identityOf(this.serial, newPrivateKey());
    const channel = new Channel({
      server: url,
      transport: runtime.transport(network),
      tokens: new Tokens({ http: runtime.http(network), server: url, keys: fixedKey(identity), clock, random, log }),
      handlers: new Map([
        [PROTO.control, controlHandler({ sessionProtos: [], acknowledged: (ids) => this.#acknowledge(ids) })],
        [PROTO.alert, () => undefined],
      ]),
      parts: [this.#outbox],
      reportedProtos: [PROTO.status],
      epoch: 0,
      clock,
      random,
      log,
    });
    this.#ended = channel.run(this.#stop.signal);
  }

  static async start(server: TestServer): Promise<Witness> {
    return new Witness(server, await Bun.file(server.caFile).text(), await loadRuntime());
  }

  /** How many messages the server hasn't acknowledged yet. */
  get waiting(): number {
    return [...this.#spool.waiting()].length;
  }

  /** Reports a metric, and raises a cause of its own, which may clear at once. */
  tell(random: Random): void {
    const count = this.#count++;
    const metric = `m${count % METRICS}`;
    const source = `s${count}`;
    const ts = (this.#lastMs = Math.max(Date.now(), this.#lastMs + 1));
    this.#submit(
      (id) => statusReport.frame({ id }, [{ ts, source: '', values: { [metric]: count } }]),
      ({ statuses, reports }) => {
        statuses.set(metric, Math.max(count, statuses.get(metric) ?? 0));
        reports.add(ts);
      },
    );
    this.#submit(
      (id) =>
        alertRaise.frame({ id }, { ts, source, rule: RULE, severity: 'warning', description: source, values: {} }),
      ({ raised }) => raised.add(source),
    );
    if (random() < CLEARED_SHARE)
      this.#submit(
        (id) => alertClear.frame({ id }, { ts, source, rule: RULE }),
        ({ cleared }) => cleared.add(source),
      );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    this.#spool.close();
  }

  #submit(make: (id: number) => Frame, remember: (told: Told) => void): void {
    this.#outbox.submit((id) => {
      this.#byId.set(id, remember);
      return make(id);
    });
  }

  #acknowledge(ids: readonly number[]): void {
    for (const id of ids) this.#byId.get(id)?.(this.acknowledged);
    this.#outbox.acknowledged(ids);
  }
}

export function nothing(): Told {
  return { statuses: new Map(), reports: new Set(), raised: new Set(), cleared: new Set() };
}
