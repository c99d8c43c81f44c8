/** Who is here, and who has to go. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { controlDrain, controlHello, controlWelcome, NAME_LENGTH_MAX } from '@lovely/protocol';
import { hubControl, revoked, type PresenceChange } from '../bus/subjects.ts';
import { publishTo } from '../bus/topic.ts';
import { HUB_LEASE_MS } from '../limits.ts';
import { createLog } from '../log.ts';
import { endLease, renewLease } from '../store/presence.ts';
import { createPresenceSender } from './presence-sender.ts';
import { refusalAt, TestHubs, until } from './test-hubs.ts';

let rig: TestHubs;
beforeAll(async () => {
  rig = await TestHubs.start();
}, 60_000);
afterEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

describe('of two connections of one device the newer stays', () => {
  test('on one hub', async () => {
    const { hub, connect } = await rig.startHub();
    const older = await connect();
    const newer = await connect(older);
    expect(await older.device.closed).toBe(4000);
    await newer.device.hello();
    expect(hub.size).toBe(1);
  });

  test('on two hubs of one bus', async () => {
    const [first, second] = [await rig.startHub(), await rig.startHub()];
    const older = await first.connect();
    await older.device.hello();
    const newer = await second.connect(older);
    expect(await older.device.closed).toBe(4000);
    await newer.device.hello();
    await until(() => rig.told.find((change) => change.hub === first.hub.id && change.reason === 'replaced'));
    expect([first.hub.size, second.hub.size]).toEqual([0, 1]);
  });
});

test('a client with the longest names that a hello takes holds up nobody else', async () => {
  const { connect } = await rig.startHub();
  const { device, id } = await connect();
  const client = 'n'.repeat(NAME_LENGTH_MAX);
  device.send(controlHello.frame({}, { client, version: client, epoch: 0, protocols: [] }));
  await device.next(controlWelcome);
  const other = await connect();
  await until(() => rig.told.find((change) => change.device === other.id));
  expect(rig.told.find((change) => change.device === id)?.client).toBe(`${client} ${client}`);
});

describe('a revocation', () => {
  test('closes the open socket, keeps the old token out, and lets a later one in', async () => {
    const { url, connect } = await rig.startHub();
    const { device, id, authSetId, token } = await connect();
    const other = await connect();
    const revokedAtMs = Date.now() + 1;
    publishTo(rig.bus, revoked, { device: id, authSetIds: [authSetId], revokedAtMs });
    expect(await device.closed).toBe(4001);
    expect(await refusalAt(url, token)).toBe('401 bad-token');
    await until(() => rig.told.find((change) => change.device === id && change.reason === 'revoked'));
    await other.device.hello();
    await until(() => Date.now() > revokedAtMs);
    await connect({ id, authSetId });
  });
});

describe('presence', () => {
  test('is told with the client that said hello, and with the reason at the end', async () => {
    const { hub, connect } = await rig.startHub();
    const { device, id } = await connect();
    const epoch = await device.hello();
    const of = (connected: boolean) =>
      rig.told.findLast((change) => change.device === id && change.connected === connected);
    expect(await until(() => of(true)?.client && of(true))).toMatchObject({
      tenant: rig.tenantId,
      hub: hub.id,
      epoch,
      client: 'test-device 1.0.0',
    });
    device.close();
    expect(await until(() => of(false))).toMatchObject({ epoch, reason: 'closed' });
  });

  test('of a device that goes without a word is a timeout', async () => {
    const { connect } = await rig.startHub();
    const { device, id } = await connect();
    device.terminate();
    await until(() => rig.told.find((change) => change.device === id && change.reason === 'timeout'));
  });

  test('is told again until a worker has stored it', async () => {
    await rig.stopWorker();
    const { connect } = await rig.startHub();
    const { id } = await connect();
    await until(() => rig.logged.some((line) => line.includes('no worker stored the presence changes')));
    rig.startWorker();
    await until(() => rig.told.find((change) => change.device === id && change.connected));
  });

  test('of the newer connection is what waits, even when the end of the older is told after it', async () => {
    const sender = createPresenceSender(rig.bus, createLog('silent'));
    const change = { tenant: rig.tenantId, device: randomUUID(), hub: 'hub-1', ts: Date.now() };
    sender.add({ ...change, epoch: 2, connected: true });
    sender.add({ ...change, epoch: 1, connected: false, reason: 'replaced' });
    sender.add({ ...change, epoch: 2, connected: true, client: 'a 1' });
    sender.add({ ...change, epoch: 2, connected: true });
    await sender.close(AbortSignal.timeout(10_000));
    expect(rig.told).toEqual([{ ...change, epoch: 2, connected: true, client: 'a 1' }]);
  });

  test('is told once more when the lease was gone: the devices may have been declared lost', async () => {
    const { hub, connect } = await rig.startHub();
    const { device, id } = await connect();
    const epoch = await device.hello();
    const isHere = (change: PresenceChange) => change.device === id && change.connected && change.epoch === epoch;
    await until(() => rig.told.some(isHere));
    await rig.bus.flush();
    rig.told = [];
    await hub.renewLease();
    await endLease(rig.store.database, hub.id);
    await hub.renewLease();
    await until(() => rig.told.some(isHere));
    expect(rig.told).toHaveLength(1);
  });
});

describe('a drained hub', () => {
  test('tells its devices when to come back, lets nobody in, and gives its lease back', async () => {
    const { hub, url, connect } = await rig.startHub();
    const { device, id, token } = await connect();
    expect(await renewLease(rig.store.database, hub.id, HUB_LEASE_MS)).toBe(true);
    publishTo(rig.bus, hubControl(hub.id), { kind: 'drain', spreadMs: 5_000 });
    const { retryAfterMs } = controlDrain.read(await device.next(controlDrain)).body;
    expect(retryAfterMs).toBeWithin(0, 5_000);
    expect(await device.closed).toBe(1001);
    expect(await refusalAt(url, token)).toBe('503 draining');
    await until(() => rig.told.find((change) => change.device === id && change.reason === 'drained'));
    await hub.drain(0);
    expect(await renewLease(rig.store.database, hub.id, HUB_LEASE_MS)).toBe(false);
  });
});
