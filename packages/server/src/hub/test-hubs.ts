/** Real hubs on a bus in memory, with real sockets and a real database; the workers' part is played by the tests. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Bus } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { presence, UP_FRAME_BYTES_MAX, type PresenceChange } from '../bus/subjects.ts';
import { answerTo } from '../bus/topic.ts';
import { LovelyError } from '../errors.ts';
import { listen, type Listener } from '../listener.ts';
import { createRevocations } from '../revocations.ts';
import type { Store } from '../store/store.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../store/test-databases.ts';
import { ensureFirstTenant } from '../store/tenants.ts';
import { createTestTokens } from '../test-keys.ts';
import type { Tokens } from '../tokens.ts';
import { createHubMetrics } from './hub-metrics.ts';
import { Hub } from './hub.ts';
import { TestDevice } from './test-device.ts';

const HEARTBEAT_MS = 30_000;
const WAIT_MS = 10_000;

export interface Joined {
  readonly device: TestDevice;
  readonly id: string;
  readonly authSetId: string;
  readonly token: string;
}

export interface RunningHub {
  readonly hub: Hub;
  readonly url: string;
  /** Connects a device, a new one unless `known` says which. */
  connect(known?: Pick<Joined, 'id' | 'authSetId'>): Promise<Joined>;
}

export class TestHubs implements AsyncDisposable {
  readonly store: Store;
  readonly tenantId: string;
  readonly tokens: Tokens = createTestTokens();
  bus: Bus = newBus();
  /** What the hubs told of who is here. */
  told: PresenceChange[] = [];
  /** Warnings and errors. */
  logged: string[] = [];
  readonly #databases: TestDatabases;
  readonly #log = pino({ level: 'warn' }, { write: (line: string) => void this.logged.push(line) });
  #running: { hub: Hub; listener: Listener }[] = [];
  #worker = this.#answerPresence();

  private constructor(databases: TestDatabases, store: Store, tenantId: string) {
    this.#databases = databases;
    this.store = store;
    this.tenantId = tenantId;
  }

  static async start(): Promise<TestHubs> {
    const databases = await startEmbeddedDatabases();
    const store = await databases.open();
    return new TestHubs(databases, store, (await ensureFirstTenant(store.database)).id);
  }

  async startHub(): Promise<RunningHub> {
    const hub = await Hub.start({
      bus: this.bus,
      store: this.store,
      tokens: this.tokens,
      revocations: createRevocations(),
      heartbeatMs: HEARTBEAT_MS,
      log: this.#log,
      metrics: createHubMetrics(new Registry()),
    });
    const listener = listen({
      hostname: '127.0.0.1',
      port: 0,
      idleTimeoutMs: HEARTBEAT_MS,
      frameBytesMax: UP_FRAME_BYTES_MAX * 2,
      bufferBytesMax: UP_FRAME_BYTES_MAX,
      answer: (request) =>
        hub.admit(request, '127.0.0.1').catch((error: unknown) => {
          if (error instanceof LovelyError) return new Response(error.code, { status: error.status });
          throw error;
        }),
    });
    this.#running.push({ hub, listener });
    const url = `ws://127.0.0.1:${listener.port}/`;
    return {
      hub,
      url,
      connect: async ({ id, authSetId } = { id: randomUUID(), authSetId: randomUUID() }) => {
        const token = await this.tokens.signDevice({ tenantId: this.tenantId, deviceId: id, authSetId });
        return { device: await TestDevice.connect(url, token), id, authSetId, token };
      },
    };
  }

  /** Nobody stores presence, as when all workers are away. */
  async stopWorker(): Promise<void> {
    await this.#worker.close();
  }

  startWorker(): void {
    this.#worker = this.#answerPresence();
  }

  /** Stops the hubs of one test and makes a fresh bus. */
  async clear(): Promise<void> {
    for (const { hub, listener } of this.#running.splice(0)) {
      await hub.drain(0);
      await listener.close();
    }
    await this.bus.close();
    this.bus = newBus();
    this.#worker = this.#answerPresence();
    this.told = [];
    this.logged = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
    await this.#databases[Symbol.asyncDispose]();
  }

  #answerPresence(): { close(): Promise<void> } {
    return answerTo(this.bus, presence, (batch) => this.told.push(...batch) && batch.length);
  }
}

/** Waits for what must become true. */
export async function until<T>(ask: () => T | undefined | false): Promise<T> {
  const deadlineMs = Date.now() + WAIT_MS;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadlineMs) throw new Error(`It did not come to pass: ${String(ask)}`);
    await Bun.sleep(5);
  }
}

/** How the door answers the wish for a WebSocket: status and code. */
export async function refusalAt(url: string, token?: string): Promise<string> {
  const headers = {
    upgrade: 'websocket',
    connection: 'upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url.replace('ws:', 'http:'), { headers });
  return `${response.status} ${await response.text()}`;
}

function newBus(): Bus {
  return createMemoryBus({
    onError: (error) => {
      throw error;
    },
  });
}
