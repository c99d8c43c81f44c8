/** Debian's unmodified mender-client, mender-connect and mender-cli against the real server. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getDevice, type DeviceDetail } from '@lovely/api';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { MenderCli, QUIT } from './mender-cli.ts';
import { MenderDevice, testWithDevice } from './mender-device.ts';
import { Terminal } from './terminal.ts';

const NAME = 'mender-house';
const MAC = '02:00:00:00:be:ef';
const DEVICE_TYPE = 'lovely-box';
const ATTRIBUTES = '/api/devices/v1/inventory/device/attributes';
const PASTE_BYTES = 20 * 1024;
/** mender-connect tries again every ten seconds. */
const RECONNECT_MS = 45_000;

/** The promise is a second; asking takes its time as well. */
const REVOKED_MS = 2_000;

const testDevice = testWithDevice();
const testCli = testWithDevice('mender-cli');
const resources = new AsyncDisposableStack();
let server: TestServer;
let gateway: MenderDevice;

beforeAll(async () => {
  if (testDevice === test.skip) return;
  server = resources.use(await TestServer.start());
  gateway = resources.use(await MenderDevice.start(server, NAME, MAC));
});
afterAll(() => resources.disposeAsync());

testDevice('it is pending with the identity and key it made, and connects once it is accepted', async () => {
  const { id, status, auth_sets: keys } = await server.deviceWith(MAC);
  expect(status).toBe('pending');
  const pending = await server.call(getDevice, { params: { id } });
  expect(pending.identity).toEqual({ mac: MAC });
  expect(pending.connected).toBe(false);
  expect(pending.authSets).toMatchObject([{ keyType: 'rsa', fingerprint: await gateway.fingerprint() }]);

  const response = await server.management('PUT', `/v2/devauth/devices/${id}/auth/${keys[0]!.id}/status`, {
    status: 'accepted',
  });
  expect(response.status).toBe(204);
  const device = await connected();
  expect(device).toMatchObject({ status: 'accepted', client: null });
  expect(await (await server.management('GET', `/v1/deviceconnect/devices/${id}`)).json()).toMatchObject({
    device_id: id,
    status: 'connected',
  });
});

testDevice('its inventory is on the device, and it finds no deployment', async () => {
  const { inventory } = await connected();
  expect(inventory).toMatchObject({ hostname: NAME, device_type: DEVICE_TYPE, artifact_name: 'initial' });
  expect(inventory.mender_client_version).toMatch(/^3\./);
  await until('it asks for a deployment', async () =>
    (await gateway.log('mender')).includes('State transition: update-check [Sync] -> check-wait [Idle]'),
  );
  expect(problemsIn(await gateway.log('mender'))).toEqual([]);
});

testDevice(
  'a shell in the browser echoes, is resized, takes a paste of 20 KB whole, is interrupted, and ends',
  async () => {
    const { id } = await connected();
    await using terminal = await Terminal.open(server, id, { columns: 91, rows: 27 });
    terminal.type('stty size\r');
    await terminal.shows(/\r27 91\r\n/);
    terminal.resize({ columns: 133, rows: 41 });
    await until('the size is known', async () => {
      terminal.type('stty size\r');
      return await terminal.shows(/41 133\r\n/, 1_000);
    });

    const paste = Array.from({ length: PASTE_BYTES / 32 }, (_, line) => `${line}`.padStart(31, '.') + '\n').join('');
    terminal.type(`stty -icanon -echo; echo re""ady; head -c ${PASTE_BYTES} | sha256sum; stty sane\r`);
    await terminal.shows(/ready\r\n/);
    terminal.type(paste);
    await terminal.shows(new RegExp(new Bun.CryptoHasher('sha256').update(paste).digest('hex')));

    // A program started in the background by a script ignores Ctrl-C, and so does all it starts.
    terminal.type('echo re""ady; env --default-signal=INT cat\r');
    await terminal.shows(/ready\r\n/);
    terminal.type('grüße 漢字 🏠\r');
    await terminal.shows(/grüße 漢字 🏠\r\ngrüße 漢字 🏠\r\n/);
    terminal.type('\x03');
    await terminal.shows(/\^C[^]*# $/);
    terminal.type('echo status=$?\r');
    await terminal.shows(/status=130\r\n/);
    expect(await terminal.exit()).toContain('input/output error');
  },
);

testCli('mender-cli signs in, lists the device and opens a shell', async () => {
  const { id } = await connected();
  await using cli = await MenderCli.login(server);
  const list = await cli.run('devices', 'list', '-d', '3');
  expect(list).toContain(id);
  expect(list).toContain(MAC);

  await using terminal = cli.terminal(id, { columns: 101, rows: 33 });
  await terminal.shows(/# $/);
  terminal.type('stty size\r');
  await terminal.shows(/33 101\r\n/);
  terminal.type(QUIT);
  expect(await terminal.exited).toBe(0);
});

testCli(
  'mender-cli copies a file to the device and back, with its permissions, and is told why it can not',
  async () => {
    const { id } = await connected();
    await using cli = await MenderCli.login(server);
    const folder = await mkdtemp(join(tmpdir(), 'lovely-files-'));
    try {
      const content = Buffer.from(Array.from({ length: 300_001 }, (_, at) => (at * 7919) >> 3));
      const [here, there, back] = ['here', 'there', 'back'].map((name) => join(folder, name));
      await writeFile(here!, content, { mode: 0o750 });
      await cli.run('cp', here!, `${id}:${there}`);
      await until('it is in place', async () => (await readFile(there!)).equals(content));
      expect((await stat(there!)).mode & 0o777).toBe(0o750);
      await cli.run('cp', `${id}:${there}`, back!);
      expect((await readFile(back!)).equals(content)).toBe(true);
      expect((await stat(back!)).mode & 0o777).toBe(0o750);
      const missing = await cli.run('cp', `${id}:${folder}/missing`, back!).catch(String);
      expect(missing).toContain('no such file or directory');
      expect(await cli.run('cp', `${id}:${folder}`, back!).catch(String)).toContain('no plain file');
      expect(await cli.run('cp', here!, `${id}:${folder}/missing/file`).catch(String)).toContain('no such file');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

testDevice('it is back by itself after the server was killed and started again', async () => {
  const before = await connected();
  server.process.signal('SIGKILL');
  await server.process.exited;
  await server.restart();
  await until(
    'it connects again',
    async () => {
      const { connected, connectionChangedAt } = await server.call(getDevice, { params: { id: before.id } });
      return connected && connectionChangedAt !== before.connectionChangedAt;
    },
    RECONNECT_MS,
  );
});

testDevice('rejected, it loses its socket, its terminals and its token at once', async () => {
  const { id, authSets } = await connected();
  await using terminal = await Terminal.open(server, id);
  const token = await gateway.token();
  expect(await putInventory(token)).toBe(200);
  const refusals = countRefusals(await gateway.log('mender'));

  const path = `/v2/devauth/devices/${id}/auth/${authSets[0]!.id}/status`;
  expect((await server.management('PUT', path, { status: 'rejected' })).status).toBe(204);
  expect(await putInventory(token)).toBe(401);
  const left = await until(
    'it is disconnected',
    async () => {
      const device = await server.call(getDevice, { params: { id } });
      return device.connected ? undefined : device;
    },
    REVOKED_MS,
  );
  expect(left.disconnectReason).toBe('revoked');
  expect(await terminal.socket.closed).toMatchObject({ reason: 'device-offline' });
  await until('it asks again and is refused', async () => countRefusals(await gateway.log('mender')) > refusals);
});

/** The device, accepted and connected. */
async function connected(): Promise<DeviceDetail> {
  const known = await server.deviceWith(MAC);
  if (known.status === 'pending') await server.accept(known);
  return await until(
    'it is connected and has told its inventory',
    async () => {
      const device = await server.call(getDevice, { params: { id: known.id } });
      return device.connected && device.inventoryAt ? device : undefined;
    },
    RECONNECT_MS,
  );
}

async function putInventory(token: string): Promise<number> {
  const { status } = await server.fetch(ATTRIBUTES, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify([{ name: 'device_type', value: DEVICE_TYPE }]),
  });
  return status;
}

/** What mender-client complained of since it was accepted; nothing comes before that but its refusals. */
function problemsIn(log: string): string[] {
  const accepted = log.lastIndexOf('successfully received new authorization data');
  const lines = log.slice(accepted).split('\n');
  return lines.filter((line) => /level=(error|fatal)/.test(line));
}

function countRefusals(log: string): number {
  return log.split('authentication request rejected').length - 1;
}
