/** Keys of a system that runs: two servers on one NATS and one PostgreSQL, and one with its own PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test as embeddedTest } from 'bun:test';
import { getDevice, getMe, listAlerts } from '@lovely/api';
import { startDebianDatabases, startNats, type NatsProcess, type TestDatabases } from '@lovely/server/testing';
import { TestGateway } from './harness/gateway.ts';
import { startProcess } from './harness/process.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { requireTool, testWith } from './tools.ts';

const MAIN = new URL('../packages/server/src/main.ts', import.meta.url).pathname;
const test = testWith('nats-server', 'postgres');

async function rotateKeys(env: Record<string, string>, ...args: string[]): Promise<string> {
  const command = startProcess([process.execPath, MAIN, 'rotate-keys', ...args], { env });
  expect(await command.exited).toBe(0);
  return command.output();
}

/** Of a fresh sign-in. */
async function signIn(server: TestServer): Promise<string> {
  const response = await server.fetch('/api/management/v1/useradm/auth/login', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${ADMIN.email}:${ADMIN.password}`)}` },
  });
  expect(response.status).toBe(200);
  return await response.text();
}

const keyOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;

async function isAccepted(server: TestServer, token: string): Promise<boolean> {
  const { status } = await server.fetch(getMe.path, { headers: { authorization: `Bearer ${token}` } });
  return status === 200;
}

describe('two servers', () => {
  let nats: NatsProcess;
  let databases: TestDatabases;
  let databaseUrl: string;
  let servers: [TestServer, TestServer];
  beforeAll(async () => {
    [nats, databases] = await Promise.all([startNats(requireTool('nats-server')), startDebianDatabases()]);
    databaseUrl = await databases.createEmpty();
    const env = { LOVELY_NATS_URL: nats.url, LOVELY_DATABASE_URL: databaseUrl };
    servers = await Promise.all([TestServer.start({ env }), TestServer.start({ env })]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await databases[Symbol.asyncDispose]();
    await nats.kill();
  });

  /** As if the minute in which a new key is announced had passed. */
  async function passAnnouncement(): Promise<void> {
    await using sql = new Bun.SQL(databaseUrl);
    await sql`update keys set used_from = now() where used_from > now()`;
  }

  test('sign with the new key both, sign nobody out, and keep their gateways', async () => {
    const [one, other] = servers;
    await using gateway = await TestGateway.join(one);
    const detail = () => other.call(getDevice, { params: { id: gateway.id } });
    const before = await until('it is connected', async () =>
      (await detail()).connected ? await detail() : undefined,
    );
    const old = await signIn(one);

    const said = await rotateKeys({ LOVELY_DATABASE_URL: databaseUrl });
    expect(said).toMatch(/Made signing key \S+, used from/);
    expect(said).toMatch(/Made sealing key \S+, used from/);
    expect(await rotateKeys({ LOVELY_DATABASE_URL: databaseUrl })).toMatch(/A rotation is under way/);
    const key = /Made signing key ([^,]+),/.exec(said)![1]!;
    expect(keyOf(await signIn(one))).toBe(keyOf(old));
    await passAnnouncement();
    for (const server of servers)
      await until('it signs with the new key', async () => keyOf(await signIn(server)) === key);
    const fresh = await signIn(one);
    for (const server of servers) for (const token of [old, fresh]) expect(await isAccepted(server, token)).toBe(true);
    const after = await detail();
    expect([after.connected, after.connectionChangedAt]).toEqual([true, before.connectionChangedAt]);
  });

  test('void every token within seconds when told so, and gateways come back by themselves', async () => {
    const [one, other] = servers;
    await using gateway = await TestGateway.join(other);
    const connections = () => gateway.process.output().match(/ connected epoch=/g)?.length ?? 0;
    await until('it is connected', () => connections() === 1);
    const old = await signIn(one);

    expect(await rotateKeys({ LOVELY_DATABASE_URL: databaseUrl }, '--now')).toMatch(/Every token is void/);
    for (const server of servers) await until('the old token is void', async () => !(await isAccepted(server, old)));
    const fresh = await signIn(one);
    // A server reads the keys again for one that it doesn't know, once a second at most.
    for (const server of servers) await until('the new token is good', () => isAccepted(server, fresh));
    await until('the gateway is back by a new connection', () => connections() === 2, 60_000);
    expect(gateway.process.output()).toContain('reason=revoked');
  });
});

embeddedTest('a server’s own PostgreSQL gets new keys while it runs and while it is down', async () => {
  await using server = await TestServer.start();
  const env = { LOVELY_DATA_DIR: server.dataDir };
  expect(await rotateKeys(env)).toMatch(/Made signing key/);
  const old = await signIn(server);
  await server.process.stop();
  expect(await rotateKeys(env)).toMatch(/A rotation is under way/);
  expect(await rotateKeys(env, '--now')).toMatch(/Made signing key/);
  await server.restart();
  expect(await isAccepted(server, old)).toBe(false);
  await server.call(listAlerts);
});

embeddedTest('a command with a flag that nobody knows changes nothing and says so', async () => {
  const command = startProcess([process.execPath, MAIN, 'rotate-keys', '--nwo'], {});
  expect(await command.exited).toBe(2);
  expect(command.output()).toContain('--nwo');
});
