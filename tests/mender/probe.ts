/** Sends requests to endpoints and holds what comes back against the catalogue of errors. */
import { readFileSync } from 'node:fs';
import type { TestServer } from '../harness/server.ts';
import type { HttpEndpoint } from './endpoints.ts';
import type { JoinedDevice } from './joined-device.ts';

const CATALOGUE = new URL('../../packages/server/src/errors.ts', import.meta.url);
const AT_ONCE = 16;

export interface Probe {
  readonly endpoint: HttpEndpoint;
  /** What stands in the path instead of good ids. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly authorization?: string;
}

export interface Caller {
  readonly server: TestServer;
  readonly device: JoinedDevice;
}

/** The code of the error that is the answer; 'ok' where it is a success. Throws where it is in no catalogue. */
export async function codeOf(caller: Caller, probe: Probe): Promise<string> {
  const response = await send(caller, probe);
  const text = await response.text();
  if (response.ok) return 'ok';
  const { code } = parse(text) as { code?: string };
  if (code === undefined || response.status !== catalogue.get(code) || code === 'internal')
    throw new Error(`the answer is ${response.status} ${text.slice(0, 300)}`);
  return code;
}

/** Sends all of them, some at a time, and returns a line for each whose answer is not `expected`. */
export async function findUnexpected(
  caller: Caller,
  probes: readonly Probe[],
  expected: (code: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < probes.length; at += AT_ONCE) {
    const some = probes.slice(at, at + AT_ONCE);
    const codes = await Promise.all(
      some.map((probe) => codeOf(caller, probe).catch((error: unknown) => (error as Error).message)),
    );
    for (const [index, code] of codes.entries())
      if (!expected(code) || /\s/.test(code)) found.push(`${describe(some[index]!)}: ${code}`);
  }
  return found;
}

async function send({ server, device }: Caller, { endpoint, params, query, body, authorization }: Probe) {
  const ids: Readonly<Record<string, string>> = {
    id: device.id,
    deviceId: device.id,
    authSetId: device.authSetId,
    z: '0',
    x: '0',
    y: '0',
    ...params,
  };
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
  const token = endpoint.caller === 'device' ? device.token : await server.token();
  const bearer = endpoint.caller === 'anyone' ? undefined : `Bearer ${token}`;
  const credentials = authorization ?? bearer;
  return await server.fetch(query === undefined ? path : `${path}?${query}`, {
    method: endpoint.method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'x-men-signature': 'AAAA' }),
      ...(credentials === undefined ? {} : { authorization: credentials }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

function describe({ endpoint, params, query, body, authorization }: Probe): string {
  const shown = typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body).toString('hex') : '';
  const parts = [JSON.stringify(params), query && `?${query}`, shown && JSON.stringify(shown), authorization];
  return [endpoint.method, endpoint.path, ...parts.filter(Boolean).map((part) => part!.slice(0, 120))].join(' ');
}

function parse(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/** The status of each code, as the server's sources say. */
const catalogue: ReadonlyMap<string, number> = new Map(
  [...readFileSync(CATALOGUE, 'utf8').matchAll(/^ {2}'?([a-z-]+)'?: \[\s*(\d{3}),/gm)].map(([, code, status]) => [
    code!,
    Number(status),
  ]),
);
