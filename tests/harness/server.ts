/** The real server as a process of its own, on free ports and in its own folder. */
import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, createJoinCode, PATHS, type CallInput, type Endpoint, type Result } from '@lovely/api';
import { cleanUpOnSignal, fillFromTemplate } from '@lovely/server/testing';
import { startProcess, type RunningProcess } from './process.ts';
import { until } from './wait.ts';

export const ADMIN = { email: 'admin@example.com', password: 'correct-horse-battery-staple' } as const;

const START_MS = 60_000;
const ADMIN_SETTINGS = { LOVELY_ADMIN_EMAIL: ADMIN.email, LOVELY_ADMIN_PASSWORD: ADMIN.password };
const ANY_PORTS = { LOVELY_LISTEN: '127.0.0.1:0', LOVELY_HTTP_LISTEN: '127.0.0.1:0' };
const MAIN = new URL('../../packages/server/src/main.ts', import.meta.url).pathname;

export class TestServer implements AsyncDisposable {
  readonly dataDir: string;
  process: RunningProcess;
  readonly url: string;
  /** Plain HTTP for a browser on this machine. */
  readonly localUrl: string;
  readonly #env: Record<string, string>;
  readonly #parent: string;
  readonly #forget = cleanUpOnSignal(() => this[Symbol.asyncDispose]());
  #token: string | undefined;
  #tls: { readonly ca: string } | undefined;
  #joinCode: Promise<string> | undefined;

  private constructor(
    parent: string,
    env: Record<string, string>,
    process: RunningProcess,
    url: string,
    localUrl: string,
  ) {
    this.#parent = parent;
    this.dataDir = join(parent, 'data');
    this.#env = {
      ...env,
      LOVELY_LISTEN: new URL(url).host.replace('localhost', '127.0.0.1'),
      LOVELY_HTTP_LISTEN: new URL(localUrl).host.replace('localhost', '127.0.0.1'),
    };
    this.process = process;
    this.url = url;
    this.localUrl = localUrl;
  }

  /** Starts with the administrator ADMIN unless `admin` is false; `env` adds settings. */
  static async start({
    env = {},
    admin = true,
  }: { env?: Record<string, string>; admin?: boolean } = {}): Promise<TestServer> {
    const parent = await mkdtemp(join(tmpdir(), 'lovely-system-'));
    const settings = {
      LOVELY_DATA_DIR: join(parent, 'data'),
      ...ANY_PORTS,
      ...(admin ? ADMIN_SETTINGS : {}),
      ...env,
    };
    if (admin && env.LOVELY_DATABASE_URL === undefined)
      await fillFromTemplate('server', settings.LOVELY_DATA_DIR, makeStarted);
    const process = startProcess([globalThis.process.execPath, MAIN], { env: settings });
    const [, url] = await process.line(/^ready (https:\/\/\S+)$/m, START_MS);
    const [, localUrl] = await process.line(/^(?:browser|set up) (http:\/\/[^/\s]+)/m);
    return new TestServer(parent, settings, process, url!, localUrl!);
  }

  get caFile(): string {
    return join(this.dataDir, 'ca.crt');
  }

  /** Starts again on the same data and ports after the process ended. */
  async restart(): Promise<void> {
    this.process = startProcess([globalThis.process.execPath, MAIN], { env: this.#env });
    await this.process.line(/^ready /m, START_MS);
    this.#token = undefined;
  }

  /** A request with the local CA trusted; a path starts with /. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    // What is refused before its body has arrived takes the connection with it, and whoever would be next on it.
    const keepalive = init.body === undefined;
    return await fetch(this.url + path, { keepalive, ...init, tls: await this.tls() });
  }

  /** What trusts the local CA; the same object at each request, or Bun would greet the server anew for each. */
  async tls(): Promise<{ readonly ca: string }> {
    return (this.#tls ??= { ca: await Bun.file(this.caFile).text() });
  }

  /** A token of the administrator, from Mender's login. */
  async token(): Promise<string> {
    if (this.#token === undefined) {
      const response = await this.fetch('/api/management/v1/useradm/auth/login', {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${ADMIN.email}:${ADMIN.password}`)}` },
      });
      if (response.status !== 200)
        throw new Error(`signing in failed with ${response.status}: ${await response.text()}`);
      this.#token = await response.text();
    }
    return this.#token;
  }

  /** Calls an endpoint as the administrator. */
  async call<E extends Endpoint>(endpoint: E, input: CallInput<E> = {}): Promise<Result<E>> {
    return await call((url, init) => this.fetch(url, init), '', endpoint, input, {
      authorization: `Bearer ${await this.token()}`,
    });
  }

  /** Calls one of Mender's management paths as the administrator. */
  async management(method: string, path: string, body?: unknown): Promise<Response> {
    return await this.fetch(`/api/management${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** A join code that accepts whoever shows it. */
  async joinCode(): Promise<string> {
    const unlimited = { usesMax: null, groupId: null, tags: [] };
    const body = { name: 'Tests', expiresInMinutes: 60, accept: true, ...unlimited };
    this.#joinCode ??= this.call(createJoinCode, { body }).then(({ code }) => code);
    return await this.#joinCode;
  }

  /** Waits for the device whose identity has this value, and returns it in Mender's shape. */
  async deviceWith(
    identityValue: string,
  ): Promise<{ id: string; status: string; auth_sets: { id: string; status: string }[] }> {
    return await until(`a device with ${identityValue} asks to join`, async () => {
      const devices = (await (await this.management('GET', '/v2/devauth/devices?per_page=500')).json()) as {
        id: string;
        status: string;
        identity_data: Record<string, string>;
        auth_sets: { id: string; status: string }[];
      }[];
      return devices.find((device) => Object.values(device.identity_data).includes(identityValue));
    });
  }

  /** Accepts the first key of a device. */
  async accept(device: { id: string; auth_sets: { id: string }[] }): Promise<void> {
    const response = await this.management(
      'PUT',
      `/v2/devauth/devices/${device.id}/auth/${device.auth_sets[0]!.id}/status`,
      { status: 'accepted' },
    );
    if (response.status !== 204) throw new Error(`accepting failed with ${response.status}: ${await response.text()}`);
  }

  /** An open WebSocket to a device, as a browser's terminal or mender-cli opens it. */
  async deviceSocket(deviceId: string): Promise<WebSocket> {
    const url = `${this.url.replace('https:', 'wss:')}${PATHS.deviceConnect.replace('{id}', deviceId)}`;
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${await this.token()}` },
      tls: await this.tls(),
    });
    socket.binaryType = 'arraybuffer';
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`${url} can't be opened`));
    });
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
    await rm(this.#parent, { recursive: true, force: true });
    this.#forget();
  }
}

/** A server's folder after its first start. */
async function makeStarted(dataDir: string): Promise<void> {
  const env = { LOVELY_DATA_DIR: dataDir, ...ANY_PORTS, ...ADMIN_SETTINGS };
  const process = startProcess([globalThis.process.execPath, MAIN], { env });
  await process.line(/^ready /m, START_MS);
  await process.stop();
}
