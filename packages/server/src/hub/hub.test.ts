import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import {
  alertRules,
  controlAck,
  controlClock,
  controlError,
  controlHello,
  controlPing,
  controlPong,
  controlWelcome,
  encodeFrame,
  frame,
  PROTO,
  shellInput,
  shellOutput,
  statusReport,
  type Frame,
} from '@lovely/protocol';
import {
  apiSession,
  apiSessionClosed,
  hubAck,
  hubDown,
  up,
  UP_FRAME_BYTES_MAX,
  type Down,
  type SessionClosed,
  type SessionFrame,
  type Up,
} from '../bus/subjects.ts';
import { ask, publishTo, subscribeTo } from '../bus/topic.ts';
import { DEVICE_BAD_FRAMES_MAX, DEVICE_MESSAGES_BURST } from '../limits.ts';
import type { Hub } from './hub.ts';
import type { TestDevice } from './test-device.ts';
import { refusalAt, TestHubs, until } from './test-hubs.ts';

const CUSTOM_PROTO = 0x1234;
const WAIT_MS = 10_000;

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

const report = (id: number): Frame =>
  statusReport.frame({ id }, [{ ts: 1_700_000_000_000, source: '', values: { 'load.1m': 0.5 } }]);
const errorsOf = ({ received }: TestDevice) =>
  received.filter((one) => controlError.is(one)).map((one) => controlError.read(one).body);
const down = (hub: Hub, message: Down) => ask(rig.bus, hubDown(hub.id), message, { timeoutMs: WAIT_MS });

describe('at the door', () => {
  test('a device with a good token is let in; others are told why not', async () => {
    const { url, connect } = await rig.startHub();
    await connect();
    expect(await refusalAt(url)).toBe('401 bad-token');
    expect(await refusalAt(url, 'a.b.c')).toBe('401 bad-token');
    const user = await rig.tokens.signUser({ tenantId: rig.tenantId, userId: randomUUID(), loginId: randomUUID() });
    expect(await refusalAt(url, user)).toBe('401 bad-token');
    expect(await (await fetch(url.replace('ws:', 'http:'))).text()).toBe('upgrade-required');
  });

  test('hello is answered with the epoch, the limits, and the rules to watch', async () => {
    const { connect } = await rig.startHub();
    const { device } = await connect();
    const epoch = await device.hello();
    expect(epoch).toBeGreaterThan(Date.UTC(2026, 0) * 1024);
    const { body } = alertRules.read(await device.next(alertRules));
    expect(body.map((rule) => rule.key)).toContain('disk-almost-full');
  });

  test('a device that remembers a later epoch gets one above it, unless that lies far in the future', async () => {
    const { connect } = await rig.startHub();
    const { device } = await connect();
    const seen = (Date.now() + 60_000) * 1024;
    expect(await device.hello(seen)).toBe(seen + 1);
    const { device: liar } = await connect();
    liar.send(controlHello.frame({}, { client: 'a', version: '1', epoch: Number.MAX_SAFE_INTEGER, protocols: [] }));
    await liar.next(controlError);
    expect(errorsOf(liar)[0]).toMatchObject({ reason: 'bad-frame', close: false });
  });
});

describe('up', () => {
  test('a frame goes to a worker as it came, with tenant, device, hub and epoch', async () => {
    const { hub, connect } = await rig.startHub();
    const ups: Up[] = [];
    subscribeTo(rig.bus, up(PROTO.status), (messages) => void ups.push(...messages));
    const { device, id } = await connect();
    const epoch = await device.hello();
    const sent = encodeFrame(report(7));
    device.sendBytes(sent);
    const message = await until(() => ups[0]);
    expect(message).toMatchObject({ tenant: rig.tenantId, device: id, hub: hub.id, epoch });
    expect(new Uint8Array(message.frame)).toEqual(new Uint8Array(sent));
  });

  test('a proto of a customer goes up without the hub knowing it', async () => {
    const { connect } = await rig.startHub();
    const ups: Up[] = [];
    subscribeTo(rig.bus, up(CUSTOM_PROTO), (messages) => void ups.push(...messages));
    const { device } = await connect();
    device.send(frame(CUSTOM_PROTO, 'anything', { body: Uint8Array.of(1, 2, 3) }));
    await until(() => ups[0]);
  });

  test('what the bus does not take costs nobody the connection', async () => {
    const { connect } = await rig.startHub();
    const ups: Up[] = [];
    subscribeTo(rig.bus, up(PROTO.status), (messages) => void ups.push(...messages));
    const { device } = await connect();
    await device.hello();
    const publish = rig.bus.publish.bind(rig.bus);
    rig.bus.publish = () => {
      throw new Error('the bus is full');
    };
    device.send(report(1));
    await until(() => rig.logged.find((line) => line.includes('could not be handed on')));
    rig.bus.publish = publish;
    device.send(report(2));
    await until(() => ups[0]);
  });

  test('what a device says of its clock tells what to add to its times', async () => {
    const { connect } = await rig.startHub();
    const ups: Up[] = [];
    subscribeTo(rig.bus, up(PROTO.status), (messages) => void ups.push(...messages));
    const { device } = await connect();
    const hello = { client: 'test-device', version: '1', epoch: 0, protocols: [] };
    const offsets: (number | undefined)[] = [];
    for (const [at, frame] of [
      controlHello.frame({}, { ...hello, nowMs: 60_000 }),
      controlClock.frame({}, { nowMs: Date.now() + 3_600_000 }),
      controlClock.frame({}, { nowMs: Date.now() - 5_000 }),
    ].entries()) {
      device.send(frame);
      device.send(report(at));
      offsets.push((await until(() => ups[at])).clockOffsetMs);
    }
    const nowMs = Date.now();
    expect(Math.abs(offsets[0]! - (nowMs - 60_000))).toBeLessThan(WAIT_MS);
    expect(Math.abs(offsets[1]! + 3_600_000)).toBeLessThan(WAIT_MS);
    expect(offsets[2]).toBeUndefined();
    const { nowMs: told } = controlWelcome.read(await device.next(controlWelcome)).body;
    expect(Math.abs(told! - nowMs)).toBeLessThan(WAIT_MS);
  });

  test('an acknowledgement comes back to the connection that sent the message, and to no later one', async () => {
    const { hub, connect } = await rig.startHub();
    const joined = await connect();
    const epoch = await joined.device.hello();
    publishTo(rig.bus, hubAck(hub.id), [{ device: joined.id, epoch, ids: [7, 8] }]);
    expect(controlAck.read(await joined.device.next(controlAck)).body.ids).toEqual([7, 8]);
    const { device } = await connect(joined);
    const newer = await device.hello();
    publishTo(rig.bus, hubAck(hub.id), [{ device: joined.id, epoch, ids: [9] }]);
    publishTo(rig.bus, hubAck(hub.id), [{ device: joined.id, epoch: newer, ids: [10] }]);
    expect(controlAck.read(await device.next(controlAck)).body.ids).toEqual([10]);
  });

  test('a flood is cut to the limit, and told so once', async () => {
    const { hub, connect } = await rig.startHub();
    const ups: Up[] = [];
    subscribeTo(rig.bus, up(PROTO.status), (messages) => void ups.push(...messages));
    const { device } = await connect();
    const sent = DEVICE_MESSAGES_BURST * 3;
    for (let id = 0; id < sent; id++) device.send(report(id));
    await device.next(controlError);
    // A pong says that all before its ping was looked at; pings are held to the limit too.
    const ping = setInterval(() => device.send(controlPing.frame({}, undefined)), 50);
    await device.next(controlPong).finally(() => clearInterval(ping));
    expect(ups.length).toBeGreaterThanOrEqual(DEVICE_MESSAGES_BURST);
    expect(ups.length).toBeLessThan(sent);
    expect(errorsOf(device).map(({ reason, close }) => ({ reason, close }))).toEqual([
      { reason: 'rate-limit', close: false },
    ]);
    expect(hub.size).toBe(1);
  });

  test('a frame that the bus could not carry is refused with the limit, and the connection goes on', async () => {
    const { connect } = await rig.startHub();
    const { device } = await connect();
    for (const proto of [PROTO.status, PROTO.shell])
      device.send(frame(proto, 'shell', { sid: 'a', body: new Uint8Array(UP_FRAME_BYTES_MAX) }));
    await device.hello();
    expect(errorsOf(device).map(({ reason, msgproto }) => [reason, msgproto])).toEqual([
      ['frame-too-large', PROTO.status],
      ['frame-too-large', PROTO.shell],
    ]);
  });

  test('an unknown proto is answered in Mender’s words', async () => {
    const { connect } = await rig.startHub();
    const { device } = await connect();
    device.send(frame(0x0a00, 'what', { sid: 'session-1' }));
    const answer = await device.next(controlError);
    expect(answer.sid).toBe('session-1');
    expect(controlError.read(answer).body).toEqual({
      err: 'no handler registered for protocol: 0x0a00',
      close: false,
      msgproto: 0x0a00,
      msgtype: 'what',
    });
  });

  test('bad frames are told each and end the connection when there are too many; others do not notice', async () => {
    const { hub, connect } = await rig.startHub();
    const [{ device, id }, { device: other }] = [await connect(), await connect()];
    for (let count = 0; count < DEVICE_BAD_FRAMES_MAX; count++) device.sendBytes(Uint8Array.of(0xc1, count));
    expect(await device.closed).toBe(1008);
    const errors = errorsOf(device);
    expect(errors).toHaveLength(DEVICE_BAD_FRAMES_MAX);
    expect(errors.every(({ reason }) => reason === 'bad-frame')).toBe(true);
    expect(errors.map(({ close }) => close)).toEqual([...Array(DEVICE_BAD_FRAMES_MAX - 1).fill(false), true]);
    await until(() => rig.told.find((change) => change.device === id && change.reason === 'protocol-error'));
    await other.hello();
    expect(hub.size).toBe(1);
  });
});

describe('a session', () => {
  const sid = 'session-1';

  test('goes from its api to the device and back, and no other device can speak in it', async () => {
    const { hub, connect } = await rig.startHub();
    const frames: SessionFrame[] = [];
    subscribeTo(rig.bus, apiSession('api-1'), (message) => void frames.push(message));
    const [{ device, id }, { device: other }] = [await connect(), await connect()];
    const input = shellInput.frame({}, Buffer.from('ls'), sid);
    expect(await down(hub, { device: id, frame: encodeFrame(input), api: 'api-1', sid })).toEqual({ ok: true });
    expect(Buffer.from((await device.next(shellInput)).body).toString()).toBe('ls');
    other.send(shellOutput.frame({}, Buffer.from('forged'), sid));
    await other.hello();
    const output = encodeFrame(shellOutput.frame({ status: 1 }, Buffer.from('a b'), sid));
    device.sendBytes(output);
    const [message] = await until(() => frames.length > 0 && frames);
    expect(message).toMatchObject({ device: id, sid });
    expect(new Uint8Array(message!.frame)).toEqual(new Uint8Array(output));
    expect(frames).toHaveLength(1);
  });

  test('ends for its api when the device goes', async () => {
    const { hub, connect } = await rig.startHub();
    const ends: SessionClosed[] = [];
    subscribeTo(rig.bus, apiSessionClosed('api-1'), (message) => void ends.push(message));
    const { device, id } = await connect();
    const frames = { frame: encodeFrame(shellInput.frame({}, Buffer.from('a'), sid)) };
    await down(hub, { device: id, ...frames, api: 'api-1', sid });
    device.close();
    expect(await until(() => ends[0])).toEqual({ device: id, sid, reason: 'closed' });
  });

  test('that its api has ended gets nothing more', async () => {
    const { hub, connect } = await rig.startHub();
    const frames: SessionFrame[] = [];
    subscribeTo(rig.bus, apiSession('api-1'), (message) => void frames.push(message));
    const { device, id } = await connect();
    const input = { frame: encodeFrame(shellInput.frame({}, Buffer.from('a'), sid)) };
    await down(hub, { device: id, ...input, api: 'api-1', sid });
    await down(hub, { device: id, ...input, sid });
    device.send(shellOutput.frame({}, Buffer.from('late'), sid));
    await device.hello();
    await rig.bus.flush();
    expect(frames).toEqual([]);
  });

  test('a frame for a device that is not here, or was here before, is refused as gone', async () => {
    const { hub, connect } = await rig.startHub();
    const { device, id } = await connect();
    const epoch = await device.hello();
    const message = { frame: encodeFrame(controlPing.frame({}, undefined)) };
    expect(await down(hub, { device: randomUUID(), ...message })).toEqual({ ok: false, code: 'gone' });
    expect(await down(hub, { device: id, epoch: epoch - 1, ...message })).toEqual({ ok: false, code: 'gone' });
    expect(await down(hub, { device: id, epoch, ...message })).toEqual({ ok: true });
  });
});

test('a frame that can not be handled ends the connection, so that the device says everything again', async () => {
  const { hub, connect } = await rig.startHub();
  const { device, id } = await connect();
  await device.hello();
  await down(hub, {
    device: id,
    frame: encodeFrame(shellInput.frame({}, Uint8Array.of(1), 's')),
    api: 'api1',
    sid: 's',
  });
  const { bus } = rig;
  const publish = bus.publish.bind(bus);
  bus.publish = () => {
    bus.publish = publish;
    throw new Error('the bus is full');
  };
  device.send(shellOutput.frame({}, Uint8Array.of(2), 's'));
  expect(await device.closed).toBe(1001);
  expect(errorsOf(device)).toMatchObject([{ reason: 'internal' }]);
});
