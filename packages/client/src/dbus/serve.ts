/**
 * Keeps objects on a bus for as long as the client runs: connects, takes their names, answers one call of a program after
 * the other, and comes back when the bus was restarted; programs see that as a change of the names' owner.
 */
import { backoff } from '../backoff.ts';
import { sleep, type Clock } from '../clock.ts';
import { describeError } from '../error.ts';
import { BUS_RETRY_FIRST_MS, BUS_RETRY_MAX_MS, CONNECTION_STEADY_MS, LOCAL_CALLS_WAITING_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import { BUS_NAME, connectToBus, type Bus, type BusCall, type BusSignal } from './bus.ts';
import { socketPathOf } from './bus-address.ts';
import { answerCall, answerStandard, type BusProgram, type ExportedObject } from './exported-object.ts';

export interface BusService {
  readonly objects: readonly ExportedObject[];
  /** The names are ours; until `disconnected`, signals can be sent. */
  connected(bus: Bus): void;
  /** A program that called has left the bus. */
  left(uniqueName: string): void;
  /** The connection is gone, and with it every program. */
  disconnected(): void;
}

export interface ServeOptions {
  readonly address: string;
  readonly service: BusService;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Runs until `signal` is aborted. Throws ClientError for an address that is none. */
export async function serveBus(
  { address, service, clock, random, log }: ServeOptions,
  signal: AbortSignal,
): Promise<void> {
  const path = socketPathOf(address);
  const fresh = () =>
    backoff({ firstMs: BUS_RETRY_FIRST_MS, maxMs: BUS_RETRY_MAX_MS, factor: 2, steadyShare: 0.5, random });
  let last = '';
  for (let waits = fresh(); !signal.aborted;) {
    const startedMs = clock.monotonicMs();
    const reason = await serveOnce(path, service, clock, log, signal);
    if (signal.aborted) return;
    if (clock.monotonicMs() - startedMs > CONNECTION_STEADY_MS) waits = fresh();
    // The same news again and again would only wear the log's flash.
    if (reason !== last) log.warn('no bus', { address, reason });
    last = reason;
    await sleep(clock, waits.next().value, signal);
  }
}

/** One life of a connection; resolves with why it ended. */
async function serveOnce(
  path: string,
  service: BusService,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  const callers = new Callers(service, log);
  let bus: Bus;
  try {
    bus = await connectToBus(path, clock, {
      called: (call) => callers.called(bus, call),
      signalled: (seen) => callers.signalled(seen),
    });
  } catch (error) {
    return describeError(error);
  }
  const stop = (): void => bus.close();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    // Before the names: nobody may call and leave unseen.
    await bus.watch(`type='signal',sender='${BUS_NAME}',interface='${BUS_NAME}',member='NameOwnerChanged',arg2=''`);
    service.connected(bus);
    for (const { busName } of service.objects)
      if (!(await bus.own(busName))) throw new Error(`somebody else owns ${busName}`);
    log.info('on the bus', { names: service.objects.map(({ busName }) => busName).join(',') });
    return await bus.ended;
  } catch (error) {
    return describeError(error);
  } finally {
    signal.removeEventListener('abort', stop);
    bus.close();
    callers.close();
    service.disconnected();
  }
}

/** Who calls: each program's calls are answered one after the other, once its user is known. */
class Callers {
  readonly #service: BusService;
  readonly #log: Log;
  readonly #known = new Map<string, Promise<BusProgram | undefined>>();
  readonly #waiting = new Map<string, number>();
  #isOver = false;

  constructor(service: BusService, log: Log) {
    this.#service = service;
    this.#log = log;
  }

  called(bus: Bus, call: BusCall): void {
    this.#answering(bus, call, () => this.#take(bus, call));
  }

  #take(bus: Bus, call: BusCall): void {
    const { objects } = this.#service;
    if (answerStandard(bus, objects, call)) return;
    const object = objects.find(({ path }) => path === call.path)!;
    const { sender } = call;
    const waiting = this.#waiting.get(sender) ?? 0;
    if (waiting >= LOCAL_CALLS_WAITING_MAX)
      return bus.refuse(call, `${object.errorPrefix}.TooManyCalls`, 'too many calls wait for their turn');
    this.#waiting.set(sender, waiting + 1);
    // Promises of one caller resolve in the order of its calls.
    void this.#find(bus, sender).then((program) => {
      const left = (this.#waiting.get(sender) ?? 1) - 1;
      if (left > 0) this.#waiting.set(sender, left);
      else this.#waiting.delete(sender);
      if (program !== undefined && !this.#isOver)
        this.#answering(bus, call, () => answerCall(bus, object, call, program));
    });
  }

  /** What goes wrong in the client itself costs one call its answer, and nobody the client. */
  #answering(bus: Bus, call: BusCall, answer: () => void): void {
    try {
      answer();
    } catch (error) {
      const { sender: program, member } = call;
      this.#log.warn('a call of a program failed', { program, member, reason: describeError(error) });
      bus.refuse(call, `${BUS_NAME}.Error.Failed`, 'the client could not carry this out');
    }
  }

  signalled({ sender, interface: interfaceName, member, body: [name, , newOwner] }: BusSignal): void {
    if (sender !== BUS_NAME || interfaceName !== BUS_NAME || member !== 'NameOwnerChanged') return;
    if (typeof name !== 'string' || newOwner !== '' || !this.#known.has(name)) return;
    // After what it called before it left.
    void this.#known.get(name)!.then(() => {
      if (this.#known.delete(name)) this.#service.left(name);
    });
  }

  close(): void {
    this.#isOver = true;
    this.#known.clear();
  }

  /** Undefined for one that is gone already: nobody can say who that was, so nothing is done for it. */
  #find(bus: Bus, uniqueName: string): Promise<BusProgram | undefined> {
    let program = this.#known.get(uniqueName);
    if (program === undefined) {
      program = bus.userOf(uniqueName).then(
        (uid) => ({ uniqueName, uid }),
        () => {
          this.#known.delete(uniqueName);
          return undefined;
        },
      );
      this.#known.set(uniqueName, program);
    }
    return program;
  }
}
