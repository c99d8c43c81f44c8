/**
 * The few calls of the server's HTTP interface that a fleet needs to join: Mender's sign-in and preauthorisation, and
 * our own lists and names. Plain fetch, as the simulator may import neither the server nor its typed client.
 */
import { backoff, sleep, systemClock as clock } from '@lovely/client';
import { SimError } from './error.ts';
import { HTTP_RETRY_FIRST_MS, HTTP_RETRY_MAX_MS, HTTP_TIMEOUT_MS, HTTP_TRIES_MAX, PAGE_ITEMS } from './limits.ts';

export interface ServerAddress {
  readonly url: URL;
  /** PEM of the authority that signs the server; undefined: those that Bun trusts. */
  readonly ca: string | undefined;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A device as far as a fleet looks at it. */
export interface KnownDevice {
  readonly id: string;
  readonly serial: string | undefined;
  readonly isPlaced: boolean;
}

/** An open alert; `source` and `rule` name it on its gateway. */
export interface OpenAlert {
  readonly deviceId: string;
  readonly rule: string;
  readonly source: string;
}

export interface DevicePatch {
  readonly name: string;
  readonly address: string;
  readonly location: { readonly latitude: number; readonly longitude: number };
  readonly tags: readonly string[];
}

/** Being away is what the server finds out by itself. */
const RULE_OF_THE_SERVER = 'gateway-offline';

export class Management {
  readonly #server: ServerAddress;
  readonly #token: string;
  readonly #signal: AbortSignal;

  private constructor(server: ServerAddress, token: string, signal: AbortSignal) {
    this.#server = server;
    this.#token = token;
    this.#signal = signal;
  }

  /** Signs in. Throws SimError 'bad-credentials' or 'unreachable'; every call rejects once `signal` is aborted. */
  static async signIn(server: ServerAddress, credentials: Credentials, signal: AbortSignal): Promise<Management> {
    const basic = Buffer.from(`${credentials.email}:${credentials.password}`).toString('base64');
    const path = '/api/management/v1/useradm/auth/login';
    const response = await exchange(server, { method: 'POST', path, authorization: `Basic ${basic}` }, signal);
    if (response.status === 401)
      throw new SimError('bad-credentials', `the server does not know ${credentials.email} with this password`);
    return new Management(server, (await expectStatus(response, 200, path)).trim(), signal);
  }

  /** Makes the server accept a gateway before it has ever called; undefined when the server knows it already. */
  async preauthorise(serial: string, publicKey: string): Promise<string | undefined> {
    const path = '/api/management/v2/devauth/devices';
    const response = await this.#send('POST', path, { identity_data: { sn: serial }, pubkey: publicKey });
    if (response.status === 409) return undefined;
    await expectStatus(response, 201, path);
    return response.headers.get('location')?.split('/').at(-1);
  }

  async patchDevice(id: string, patch: DevicePatch): Promise<void> {
    const path = `/api/v1/devices/${id}`;
    await expectStatus(await this.#send('PATCH', path, patch), 200, path);
  }

  /** Devices whose name, address, identity or tags hold these words. */
  async *devices(search: string): AsyncGenerator<KnownDevice> {
    for await (const item of this.#pages('/api/v1/devices', { search })) {
      const { id, identity, location } = item as { id: string; identity: { sn?: unknown }; location: unknown };
      yield { id, serial: typeof identity.sn === 'string' ? identity.sn : undefined, isPlaced: location !== null };
    }
  }

  /** The device with this serial number, if there is one. */
  async findDevice(serial: string): Promise<KnownDevice | undefined> {
    for await (const device of this.devices(serial)) if (device.serial === serial) return device;
    return undefined;
  }

  /** Everything the server shows of a device. */
  async device(id: string): Promise<{ readonly [name: string]: unknown }> {
    const path = `/api/v1/devices/${id}`;
    return JSON.parse(await expectStatus(await this.#send('GET', path), 200, path)) as { [name: string]: unknown };
  }

  /** The open alerts that gateways raised themselves. */
  async *openAlerts(): AsyncGenerator<OpenAlert> {
    for await (const item of this.#pages('/api/v1/alerts', { state: 'active' })) {
      const alert = item as OpenAlert;
      if (alert.rule !== RULE_OF_THE_SERVER) yield alert;
    }
  }

  /** Accepts the key that a device waits with; false when none does. */
  async acceptPending(deviceId: string): Promise<boolean> {
    const path = `/api/management/v2/devauth/devices/${deviceId}`;
    const text = await expectStatus(await this.#send('GET', path), 200, path);
    const { auth_sets: keys } = JSON.parse(text) as { auth_sets: readonly { id: string; status: string }[] };
    const waiting = keys.find(({ status }) => status === 'pending');
    if (waiting === undefined) return keys.some(({ status }) => status === 'accepted');
    const accept = `${path}/auth/${waiting.id}/status`;
    await expectStatus(await this.#send('PUT', accept, { status: 'accepted' }), 204, accept);
    return true;
  }

  async *#pages(path: string, query: { readonly [name: string]: string }): AsyncGenerator<unknown> {
    for (let cursor: string | null | undefined; cursor !== null;) {
      const parameters = new URLSearchParams({ ...query, limit: String(PAGE_ITEMS), ...(cursor ? { cursor } : {}) });
      const text = await expectStatus(await this.#send('GET', `${path}?${parameters.toString()}`), 200, path);
      const page = JSON.parse(text) as { items: unknown[]; next: string | null };
      yield* page.items;
      cursor = page.next;
    }
  }

  #send(method: string, path: string, body?: unknown): Promise<Response> {
    return exchange(this.#server, { method, path, body, authorization: `Bearer ${this.#token}` }, this.#signal);
  }
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly authorization: string;
}

/** One answer of the server; a busy or restarting one is asked again for a while. */
async function exchange(server: ServerAddress, request: Exchange, signal: AbortSignal): Promise<Response> {
  const waits = backoff({
    firstMs: HTTP_RETRY_FIRST_MS,
    maxMs: HTTP_RETRY_MAX_MS,
    factor: 2,
    steadyShare: 0.5,
    random: Math.random,
  });
  for (let tries = 1; ; tries++) {
    const answer = await attempt(server, request, signal);
    signal.throwIfAborted();
    const isBusy = answer instanceof Response && (answer.status === 429 || answer.status === 503);
    if (answer instanceof Response && !isBusy) return answer;
    if (tries === HTTP_TRIES_MAX)
      throw isBusy
        ? new SimError('refused', `${server.url.host} is too busy: ${request.method} ${request.path}`)
        : new SimError('unreachable', `no answer from ${server.url.host}`, { cause: answer });
    const imposedMs = isBusy ? Number(answer.headers.get('retry-after') ?? 0) * 1000 : 0;
    await sleep(clock, imposedMs + waits.next().value, signal);
  }
}

/** A response, or why there is none. */
async function attempt(
  { url, ca }: ServerAddress,
  { method, path, body, authorization }: Exchange,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await fetch(new URL(path, url), {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(HTTP_TIMEOUT_MS)]),
      ...(ca === undefined ? {} : { tls: { ca } }),
    });
  } catch (error) {
    return error;
  }
}

async function expectStatus(response: Response, status: number, path: string): Promise<string> {
  const text = await response.text();
  if (response.status !== status)
    throw new SimError('refused', `${path} was answered with status ${response.status}: ${text.slice(0, 300)}`);
  return text;
}
