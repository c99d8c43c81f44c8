/**
 * `npm run bench -- --with flood`: what good users and good gateways notice while others flood the endpoints that are open
 * to anyone. The attackers' addresses come from a trusted proxy's header, as behind a real one.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { ADMIN, TestServer } from '../harness/server.ts';
import { memoryBytes } from './proc.ts';

const SECONDS = 8;
const GOOD_EVERY_MS = 200;
const GOOD_ADDRESS = '198.51.100.1';
const MEBIBYTE = 1024 * 1024;
const AUTH_REQUESTS = '/api/devices/v1/authentication/auth_requests';

interface Flood {
  readonly name: string;
  readonly addresses: number;
  readonly atOnce: number;
  attack(address: string): Promise<Response>;
}

interface Figures {
  /** How often each status was answered to the attackers. */
  readonly answers: ReadonlyMap<number, number>;
  readonly good: ReadonlyMap<string, readonly Tried[]>;
  readonly grownBytes: number;
}

interface Tried {
  readonly isDone: boolean;
  readonly ms: number;
}

await using server = await TestServer.start({
  env: { LOVELY_TRUSTED_PROXIES: '127.0.0.1', LOVELY_LOG_LEVEL: 'error' },
});
const ca = await Bun.file(server.caFile).text();
const token = await server.token();
const gateway = await joinGateway();

const send = (path: string, address: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + path, {
    ...init,
    headers: { 'x-forwarded-for': address, ...(init.headers as Record<string, string>) },
    tls: { ca },
  });
const post = (path: string, address: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  send(path, address, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
const guess = (email: string) => (address: string) =>
  post('/api/v1/login', address, { email, password: randomBytes(12).toString('hex') });

const FLOODS: readonly Flood[] = [
  { name: 'nobody', addresses: 1, atOnce: 0, attack: guess(ADMIN.email) },
  { name: 'passwords of one person from one address', addresses: 1, atOnce: 64, attack: guess(ADMIN.email) },
  { name: 'passwords of one person from 500 addresses', addresses: 500, atOnce: 128, attack: guess(ADMIN.email) },
  {
    name: 'passwords of made-up people from 500 addresses',
    addresses: 500,
    atOnce: 128,
    attack: (address) => guess(`${randomBytes(6).toString('hex')}@example.com`)(address),
  },
  {
    name: 'auth requests of strangers from one address',
    addresses: 1,
    atOnce: 64,
    attack: (address) => askToJoin(newGateway(), address),
  },
  {
    name: 'auth requests with wrong signatures from 500 addresses',
    addresses: 500,
    atOnce: 128,
    attack: (address) =>
      post(AUTH_REQUESTS, address, gateway.body, { 'x-men-signature': randomBytes(64).toString('base64') }),
  },
  {
    name: 'made-up tokens from 500 addresses',
    addresses: 500,
    atOnce: 128,
    attack: (address) =>
      send('/api/v1/devices', address, {
        headers: { authorization: `Bearer lovely_pat_${randomBytes(19).toString('hex')}` },
      }),
  },
];

/** What good ones do, each again and again. */
const GOOD: { readonly [name: string]: () => Promise<Response> } = {
  'signs in': () => post('/api/v1/login', GOOD_ADDRESS, ADMIN),
  'reads the fleet': () => send('/api/v1/fleet', GOOD_ADDRESS, { headers: { authorization: `Bearer ${token}` } }),
  'gateway gets a token': () => askToJoin(gateway, '198.51.100.2'),
};

for (const flood of FLOODS) print(flood, await run(flood));

async function run(flood: Flood): Promise<Figures> {
  const before = memoryBytes(server.process.pid);
  let peak = before;
  const untilMs = performance.now() + SECONDS * 1000;
  const answers = new Map<number, number>();
  let turn = 0;
  const attackOn = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const n = turn++ % flood.addresses;
      // 0 stands for a connection that was closed instead of answered.
      const { status } = await flood.attack(`203.0.${n >> 8}.${n & 255}`).catch(() => ({ status: 0 }));
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  const good = new Map<string, Tried[]>();
  const workOn = async (name: string, work: () => Promise<Response>): Promise<void> => {
    const tries: Tried[] = [];
    good.set(name, tries);
    while (performance.now() < untilMs) {
      const startMs = performance.now();
      const answer = await work();
      await answer.arrayBuffer();
      tries.push({ isDone: answer.ok, ms: performance.now() - startMs });
      peak = Math.max(peak, memoryBytes(server.process.pid));
      await Bun.sleep(GOOD_EVERY_MS);
    }
  };
  await Promise.all([
    ...Array.from({ length: flood.atOnce }, attackOn),
    ...Object.entries(GOOD).map(([name, work]) => workOn(name, work)),
  ]);
  return { answers, good, grownBytes: peak - before };
}

function print({ name }: Flood, { answers, good, grownBytes }: Figures): void {
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0);
  const statuses = [...answers].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(`\nflood: ${name}`);
  if (total > 0) console.log(`  ${Math.round(total / SECONDS)} attacks/s answered with ${statuses.join(', ')}`);
  for (const [what, tries] of good) {
    const sorted = tries.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number): string => `${Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)} ms`;
    const done = tries.filter(({ isDone }) => isDone).length;
    console.log(`  ${what.padEnd(22)} ${done} of ${tries.length}, p50 ${at(0.5)}, p99 ${at(0.99)}`);
  }
  console.log(`  memory ${Math.round(grownBytes / MEBIBYTE)} MB more at most`);
}

interface Gateway {
  readonly body: string;
  readonly signature: string;
}

function newGateway(): Gateway {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const body = JSON.stringify({
    id_data: JSON.stringify({ sn: randomBytes(8).toString('hex') }),
    tenant_token: '',
    pubkey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  });
  return { body, signature: sign(null, Buffer.from(body), privateKey).toString('base64') };
}

function askToJoin({ body, signature }: Gateway, address: string): Promise<Response> {
  return post(AUTH_REQUESTS, address, body, { 'x-men-signature': signature });
}

async function joinGateway(): Promise<Gateway> {
  const made = newGateway();
  const { sn } = JSON.parse((JSON.parse(made.body) as { id_data: string }).id_data) as { sn: string };
  await server.fetch(AUTH_REQUESTS, {
    method: 'POST',
    body: made.body,
    headers: { 'content-type': 'application/json', 'x-men-signature': made.signature },
  });
  await server.accept(await server.deviceWith(sn));
  return made;
}
