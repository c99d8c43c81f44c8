/** A fleet of simulated gateways in one process: joins them to a server and lets them live through their story. */
import { identityOf, loadRuntime, systemClock as clock, type AlertName } from '@lovely/client';
import type { House } from './house.ts';
import { privateKeyOf } from './key.ts';
import { JOINS_AT_ONCE, SAMPLE_TICKS, TICK_MS } from './limits.ts';
import { Management, type Credentials, type KnownDevice, type ServerAddress } from './management.ts';
import { outagesOf, type Outage } from './problems.ts';
import { SimulatedGateway } from './simulated-gateway.ts';

export interface FleetOptions {
  readonly seed: number;
  readonly houses: readonly House[];
  readonly server: ServerAddress;
  /** Of somebody who may accept and name devices. */
  readonly credentials: Credentials;
}

export interface FleetCounts {
  readonly houses: number;
  /** Known to the server, named, placed and started. */
  readonly joined: number;
  readonly connected: number;
  /** Connected with an open alert. */
  readonly troubled: number;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #gateways: SimulatedGateway[] = [];
  readonly #running: Promise<void>[] = [];
  /** Rejects when a gateway crashes, which is a bug: the fleet then ends. */
  readonly #crash = Promise.withResolvers<never>();
  readonly #outages: Generator<Outage, never>;
  readonly #startedMs = clock.monotonicMs();
  #outage: Outage;
  #ticks = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#outages = outagesOf(options.seed, options.houses);
    this.#outage = this.#outages.next().value;
    this.#crash.promise.catch(() => undefined);
  }

  get counts(): FleetCounts {
    const connected = this.#gateways.filter((gateway) => gateway.isConnected);
    return {
      houses: this.#options.houses.length,
      joined: this.#gateways.length,
      connected: connected.length,
      troubled: connected.filter((gateway) => gateway.hasOpenAlert).length,
    };
  }

  /**
   * Joins every house, then runs until `signal` is aborted; then every gateway says farewell. A fleet that the server
   * knows already goes on where it was. Throws SimError when the server can't be used.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    try {
      await Promise.race([this.#join(stopping.signal).then(() => aborted(stopping.signal)), this.#crash.promise]);
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    } finally {
      stop();
      clearInterval(ticking);
      signal.removeEventListener('abort', stop);
      await Promise.allSettled(this.#running);
    }
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { server, credentials, houses } = this.#options;
    const runtime = await loadRuntime();
    const network = { authorities: server.ca === undefined ? undefined : [server.ca], proxy: undefined };
    const seams = { transport: runtime.transport(network), http: runtime.http(network) };
    const management = await Management.signIn(server, credentials, signal);
    const known = await this.#knownDevices(management);
    const openAlerts = Map.groupBy(await Array.fromAsync(management.openAlerts()), ({ deviceId }) => deviceId);
    const waiting = houses.values();
    const joinNext = async (): Promise<void> => {
      for (const house of waiting) {
        const { index, serial } = house;
        const identity = identityOf(serial, privateKeyOf(this.#options.seed, index));
        const id = await ensureDevice(management, house, identity.publicKey, known.get(serial));
        const open: AlertName[] = (openAlerts.get(id) ?? []).map(({ rule, source }) => ({ rule, source }));
        const { seed } = this.#options;
        this.#start(
          new SimulatedGateway({ seed, house, identity, server: server.url, ...seams, openAlerts: open }),
          signal,
        );
      }
    };
    await Promise.all(Array.from({ length: JOINS_AT_ONCE }, joinNext));
  }

  async #knownDevices(management: Management): Promise<Map<string, KnownDevice>> {
    const known = new Map<string, KnownDevice>();
    const prefix = `SIM${this.#options.seed}-`;
    for await (const device of management.devices(prefix)) if (device.serial) known.set(device.serial, device);
    return known;
  }

  #start(gateway: SimulatedGateway, signal: AbortSignal): void {
    this.#gateways.push(gateway);
    this.#observe(gateway);
    const running = gateway.run(signal);
    running.catch(this.#crash.reject);
    this.#running.push(running);
  }

  /** Looks at one group of the houses, so that the work is spread evenly. */
  #tick(): void {
    this.#ticks++;
    const sinceStartMs = this.#sinceStartMs();
    while (this.#outage.endMs <= sinceStartMs) this.#outage = this.#outages.next().value;
    for (const gateway of this.#gateways)
      if (gateway.house.index % SAMPLE_TICKS === this.#ticks % SAMPLE_TICKS) this.#observe(gateway);
  }

  #observe(gateway: SimulatedGateway): void {
    const sinceStartMs = this.#sinceStartMs();
    const isOut = this.#outage.startMs <= sinceStartMs && this.#outage.houses.has(gateway.house.index);
    gateway.observe(sinceStartMs, isOut);
  }

  #sinceStartMs(): number {
    return clock.monotonicMs() - this.#startedMs;
  }
}

/** Returns the device's id once it is preauthorised, named and placed. */
async function ensureDevice(
  management: Management,
  house: House,
  publicKey: string,
  before: KnownDevice | undefined,
): Promise<string> {
  const { serial, name, address, latitude, longitude, country } = house;
  if (before?.isPlaced) return before.id;
  // Somebody else, such as a second simulator of the same seed, may have made it a moment ago.
  const id =
    before?.id ?? (await management.preauthorise(serial, publicKey)) ?? (await management.findDevice(serial))?.id;
  if (id === undefined) throw new Error(`the server neither makes nor finds the device ${serial}`);
  await management.patchDevice(id, {
    name,
    address,
    location: { latitude, longitude },
    tags: ['simulated', country.toLowerCase()],
  });
  return id;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
