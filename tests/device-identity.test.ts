/** Joining by code and by certificate, new keys and copied keys, with the real server and real gateways as processes. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { cp, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createCertificateAuthority,
  createJoinCode,
  getDevice,
  listAlerts,
  listDevices,
  listJoinCodes,
} from '@lovely/api';
import { TestGateway } from './harness/gateway.ts';
import { startHaproxy } from './harness/haproxy.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { findTool } from '../scripts/debian-tools.ts';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-identity-'));
  server = await TestServer.start({
    env: { LOVELY_CLONE_QUIET_MS: '4000', LOVELY_TRUSTED_PROXIES: '127.0.0.2' },
  });
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function connected(serial: string) {
  return await until(`${serial} is connected`, async () => {
    const { items } = await server.call(listDevices, { query: { limit: 500 } });
    const device = items.find(({ identity }) => identity.sn === serial);
    return device?.connected ? device : undefined;
  });
}

async function acceptingCode(usesMax: number | null = null): Promise<string> {
  const wish = { name: 'x', expiresInMinutes: 5, usesMax, accept: true, groupId: null, tags: ['by-code'] };
  return (await server.call(createJoinCode, { body: wish })).code;
}

test('a gateway with a join code is at work at once, tagged, and its code is used up', async () => {
  const code = await acceptingCode(1);
  await using gateway = await TestGateway.start(server, { args: ['--join-code', code] });
  const device = await connected(gateway.serial);
  expect(device.tags).toEqual(['by-code']);
  expect((await server.call(listJoinCodes)).items.map(({ uses, usable }) => [uses, usable])).toEqual([[1, false]]);
  await using late = await TestGateway.start(server, { args: ['--join-code', code] });
  await late.process.line(/waiting to be accepted.*is used up/);
});

test('a gateway whose key is old enough gets a new one, and stays the same device without a new acceptance', async () => {
  const code = await acceptingCode();
  const args = ['--join-code', code, '--key-max-age-days', '365'];
  await using gateway = await TestGateway.start(server, { args });
  const { id } = await connected(gateway.serial);
  await gateway.process.stop();
  const longAgo = new Date(Date.now() - 400 * 24 * 3600_000);
  await utimes(join(gateway.dataDir, 'key.pem'), longAgo, longAgo);
  gateway.restart();
  await gateway.process.line(/key renewed/);
  await until('it is connected with the new key', async () => {
    const device = await server.call(getDevice, { params: { id } });
    return device.connected && device.authSets.map(({ status }) => status).join() === 'rejected,accepted';
  });
  expect(await Bun.file(join(gateway.dataDir, 'key.next.pem')).exists()).toBe(false);
});

test('two gateways with one key raise an alert that says so, and it closes when one is gone', async () => {
  const code = await acceptingCode();
  await using gateway = await TestGateway.start(server, { args: ['--join-code', code] });
  const { id } = await connected(gateway.serial);
  const copy = await mkdtemp(join(tmpdir(), 'lovely-copy-'));
  await cp(join(gateway.dataDir, 'key.pem'), join(copy, 'key.pem'));
  const openAlert = async () =>
    (await server.call(listAlerts, { query: { deviceId: id, state: 'open' } })).items.find(
      ({ rule }) => rule === 'device-cloned',
    );
  {
    await using _ = await TestGateway.start(server, { serial: gateway.serial, dataDir: copy });
    const alert = await until('the copy is noticed', openAlert, 60_000);
    expect(alert).toMatchObject({ severity: 'critical', title: 'Key used in two places' });
    expect(alert.suggestion.length).toBeGreaterThan(1);
  }
  await until('the alert is closed', async () => (await openAlert()) === undefined, 60_000);
  await connected(gateway.serial);
}, 150_000);

test('a gateway that reconnects, and one that is started again and again, is no copy', async () => {
  const code = await acceptingCode();
  await using gateway = await TestGateway.start(server, { args: ['--join-code', code] });
  const { id } = await connected(gateway.serial);
  for (let start = 0; start < 4; start++) {
    gateway.process.signal('SIGKILL');
    await gateway.process.exited;
    gateway.restart();
    await gateway.process.line(/ connected /);
  }
  const { items } = await server.call(listAlerts, { query: { deviceId: id } });
  expect(items.filter(({ rule }) => rule === 'device-cloned')).toEqual([]);
}, 60_000);

const haproxy = findTool('haproxy');
const certificates = async () => {
  const file = (name: string): string => join(folder, name);
  await Bun.$`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${file('ca.key')} -out ${file('ca.crt')} -days 30 -subj /CN=Factory -addext keyUsage=critical,keyCertSign`.quiet();
  await Bun.$`openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${file('gateway.key')} -out ${file('gateway.csr')} -subj /CN=gateway`.quiet();
  await Bun.write(file('ext'), 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n');
  await Bun.$`openssl x509 -req -in ${file('gateway.csr')} -CA ${file('ca.crt')} -CAkey ${file('ca.key')} -set_serial 7 -days 30 -extfile ${file('ext')} -out ${file('gateway.crt')}`.quiet();
  return { ca: file('ca.crt'), args: ['--client-cert', file('gateway.crt'), '--client-key', file('gateway.key')] };
};

test('a gateway with a certificate of the factory is at work at once', async () => {
  const { ca, args } = await certificates();
  await server.call(createCertificateAuthority, { body: { certificate: await Bun.file(ca).text() } });
  await using gateway = await TestGateway.start(server, { args });
  await connected(gateway.serial);
});

test.skipIf(!haproxy)('a proxy that ends TLS tells of the certificate, and nobody else can', async () => {
  const { ca, args } = await certificates();
  await server.call(createCertificateAuthority, { body: { certificate: await Bun.file(ca).text() } });
  await using proxy = await startHaproxy(haproxy!, server, ca, folder);
  const [chainFile, keyFile] = [args[1]!, args[3]!];
  const der = (await Bun.file(chainFile).text()).replace(/-----[^-]+-----|\s/g, '');
  const key = await Bun.file(keyFile).text();
  const ask = async (url: string, serial: string, header: boolean, tls: object): Promise<number> => {
    const { createPublicKey, sign } = await import('node:crypto');
    const body = JSON.stringify({
      id_data: JSON.stringify({ sn: serial }),
      pubkey: createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString(),
    });
    const signature = sign('sha256', Buffer.from(body), key).toString('base64');
    const response = await fetch(`${url}/api/devices/v1/authentication/auth_requests`, {
      method: 'POST',
      body,
      headers: { 'x-men-signature': signature, ...(header ? { 'client-cert': `:${der}:` } : {}) },
      tls: { ca: await Bun.file(server.caFile).text(), rejectUnauthorized: false, ...tls },
    } as RequestInit);
    await response.text();
    return response.status;
  };
  const certificate = { cert: await Bun.file(chainFile).text(), key };
  expect(await ask(proxy.url, 'through-proxy', false, certificate)).toBe(200);
  // Whoever comes without a certificate can't say that he had one: the proxy sets the header itself.
  expect(await ask(proxy.url, 'no-certificate', true, {})).toBe(401);
  expect(await ask(server.url, 'past-the-proxy', true, {})).toBe(401);
});
