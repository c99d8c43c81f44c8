/**
 * From the order of an update to its offer on every gateway that is online: how long it takes, and what it costs the server.
 *
 *     bun tests/bench/offers.ts                       4,000 gateways
 *     bun tests/bench/offers.ts --connections 19000   as many as one hub process may hold here
 */
import { parseArgs } from 'node:util';
import { writeArtifact } from '@lovely/artifact';
import { joinDevices } from './devices.ts';
import { BENCH_ADMIN, Load, OurServer } from './machine.ts';
import { cpuSeconds } from './proc.ts';

const CONNECTIONS_A_PROCESS = 5_000;
const CONNECTIONS_MAX = 19_000;
const DEVICE_TYPE = 'house';
const LOOK_MS = 100;
const DEADLINE_MS = 300_000;
const BUDGET_MS = 10_000;

const { values: flags } = parseArgs({ options: { connections: { type: 'string', default: '4000' } } });
const connections = Math.min(CONNECTIONS_MAX, Number(flags.connections));
if (!Number.isInteger(connections) || connections < 1) throw new Error('see the top of this file');

await using server = await OurServer.start();
await using load = new Load(Math.max(2, Math.ceil(connections / CONNECTIONS_A_PROCESS)));
say(`joining ${connections.toLocaleString('en')} devices`);
const tokens = await joinDevices(server, connections, say);
say('connecting');
await load.open(server, tokens);
await load.tell('speak');
say('telling what they run');
await load.provide(DEVICE_TYPE);
const token = await signIn();
await upload(await artifact());
// What was stored a moment ago settles.
await Bun.sleep(3_000);

const before = { server: cpuSeconds(server.pid), database: server.databaseCpuSeconds() };
const orderedMs = Date.now();
const { id } = await call<{ id: string }>('POST', '/api/v1/deployments', {
  name: 'Bench',
  artifactName: 'bench-2',
  target: { kind: 'all' },
  options: { parallelMax: 100_000, gates: null },
});
let offered = await load.tell('count');
while (offered.offers < connections && Date.now() - orderedMs < DEADLINE_MS) {
  await Bun.sleep(LOOK_MS);
  offered = await load.tell('count');
}
const seconds = {
  server: cpuSeconds(server.pid) - before.server,
  database: server.databaseCpuSeconds() - before.database,
};
const tookMs = offered.lastOfferMs - orderedMs;
console.log(
  `\noffers to ${offered.offers.toLocaleString('en')} of ${connections.toLocaleString('en')} gateways online`,
);
console.log(`  from the order to the first     ${offered.firstOfferMs - orderedMs} ms`);
console.log(
  `  from the order to the last      ${tookMs} ms   budget ≤ ${BUDGET_MS} ms ${tookMs <= BUDGET_MS ? 'kept' : 'MISSED'}`,
);
console.log(`  CPU of the server for each      ${((seconds.server / offered.offers) * 1e6).toFixed(0)} µs`);
console.log(`  CPU of its PostgreSQL for each  ${((seconds.database / offered.offers) * 1e6).toFixed(0)} µs`);
const { counts } = await call<{ counts: { pending: number } }>('GET', `/api/v1/deployments/${id}`);
console.log(`  houses that have not answered   ${counts.pending.toLocaleString('en')}`);
const complaints = server.complaints();
if (complaints !== '') console.log(`the server complained:\n${complaints.slice(0, 2000)}`);
if (offered.offers < connections) throw new Error('some were offered nothing');

async function signIn(): Promise<string> {
  const answer = await request('POST', '/api/management/v1/useradm/auth/login', {
    authorization: `Basic ${btoa(`${BENCH_ADMIN.email}:${BENCH_ADMIN.password}`)}`,
  });
  return (await answer.text()).trim();
}

async function artifact(): Promise<Buffer> {
  const content = Buffer.from('the new software');
  const parts = writeArtifact({
    name: 'bench-2',
    group: undefined,
    deviceTypes: [DEVICE_TYPE],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [],
    compression: 'gzip',
    payloads: [
      {
        type: 'single-file',
        provides: {},
        depends: {},
        clearsProvides: undefined,
        metaData: {},
        files: [{ name: 'app.bin', size: content.length, open: () => new Blob([content]).stream() }],
      },
    ],
  });
  return Buffer.concat(await Array.fromAsync(parts));
}

async function upload(bytes: Buffer): Promise<void> {
  const { id: uploadId } = await call<{ id: string }>('POST', '/api/v1/uploads', { bytes: bytes.length });
  const path = `/api/v1/uploads/${uploadId}`;
  await request(
    'PATCH',
    path,
    { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', 'upload-offset': '0' },
    bytes,
  );
  for (;;) {
    const { state, reason } = await call<{ state: string; reason: string | null }>('GET', path);
    if (state === 'done') return;
    if (state === 'refused') throw new Error(`the artifact was refused: ${reason}`);
    await Bun.sleep(LOOK_MS);
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await request(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
  return (await answer.json()) as T;
}

async function request(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<Response> {
  const { url, ca } = server.address;
  const init = body === undefined ? {} : { body };
  const answer = await fetch(new URL(path, url), { method, headers, tls: { ca: ca! }, ...init });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
