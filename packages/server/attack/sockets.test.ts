/**
 * WebSockets and the bus behind them: who may open one, what each message of the protocol does on it, and that what
 * happens in one tenant, or between a device and somebody, reaches nobody else.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { PATHS } from '@lovely/api';
import { controlPing, decodeFrame, encodeFrame, mapWatch, PROTO, type Frame } from '@lovely/protocol';
import { messages } from '@lovely/protocol/fixtures';
import { apiSession, event, hubDown, type Down, type Event, type EventKind } from '../src/bus/subjects.ts';
import { answerTo, publishItems, publishTo } from '../src/bus/topic.ts';
import { TEST_ORIGIN } from '../src/api/test-api.ts';
import type { Socket, SocketOwner } from '../src/listener.ts';
import { LovelyError } from '../src/errors.ts';
import { applyPresence } from '../src/store/presence.ts';
import type { Caller } from './sides.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
/** Connected devices: one of the group, one of ours beside it, and one of the other tenant. */
let device: { readonly inGroup: string; readonly outside: string; readonly other: string };
const down: Down[] = [];
beforeAll(async () => {
  world = await makeWorld();
  const { own, other, api } = world;
  device = { inGroup: own.deviceId, outside: await world.makeDevice(own, false), other: other.deviceId };
  const connected = Object.values(device).map((deviceId, at) => ({
    deviceId,
    hubId: 'hub-1',
    epoch: at + 1,
    connected: true,
    ts: new Date(),
    reason: null,
    client: null,
  }));
  await applyPresence(api.context.store, connected);
  answerTo(api.context.bus, hubDown('hub-1'), (asked) => {
    down.push(asked);
    return { ok: true };
  });
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());

/** The near end of a WebSocket: what was sent to it, and whether it was closed. */
class NearEnd implements Socket {
  readonly frames: Frame[] = [];
  isClosed = false;

  send(bytes: Uint8Array): number {
    this.frames.push(decodeFrame(bytes, bytes.length));
    return bytes.length;
  }
  close(): void {
    this.isClosed = true;
  }
  terminate(): void {
    this.isClosed = true;
  }
  getBufferedAmount(): number {
    return 0;
  }
}

/** The server's end, or the code of the refusal. */
async function open(token: string | null, path: string): Promise<SocketOwner | string> {
  const headers = { upgrade: 'websocket', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const answer = await world.api.api.answer(new Request(TEST_ORIGIN + path, { headers }), '127.0.0.1');
  if (!(answer instanceof Response)) return answer;
  return ((await answer.json()) as { code: string }).code;
}

const deviceConnect = (id: string) => PATHS.deviceConnect.replace('{id}', id);

async function connect(token: string, path: string): Promise<{ owner: SocketOwner; socket: NearEnd }> {
  const owner = await open(token, path);
  if (typeof owner === 'string') throw new LovelyError('not-allowed', owner);
  const socket = new NearEnd();
  owner.opened(socket);
  return { owner, socket };
}

const outcome = (opened: SocketOwner | string): string => (typeof opened === 'string' ? opened : 'open');

describe('who may open', () => {
  test('the live channel: whoever may see anything', async () => {
    for (const caller of world.callers) {
      const expected = !caller.userId ? 'not-signed-in' : caller.holds('fleet.read') === 'no' ? 'not-allowed' : 'open';
      expect([caller.name, outcome(await open(caller.token, PATHS.live))]).toEqual([caller.name, expected]);
    }
  });

  test('a session: whoever holds the permission for that device, and nobody learns of devices they may not see', async () => {
    const reach = (caller: Caller, permission: 'fleet.read' | 'device.terminal', of: keyof typeof device): boolean =>
      of !== 'other' &&
      (caller.holds(permission) === 'all' || (caller.holds(permission) === 'group' && of === 'inGroup'));
    for (const caller of world.callers)
      for (const of of ['inGroup', 'outside', 'other'] as const) {
        const expected = !caller.userId
          ? 'not-signed-in'
          : caller.holds('device.terminal') === 'no'
            ? 'not-allowed'
            : reach(caller, 'device.terminal', of)
              ? 'open'
              : reach(caller, 'fleet.read', of)
                ? 'not-allowed'
                : 'not-found';
        const opened = outcome(await open(caller.token, deviceConnect(device[of])));
        expect([caller.name, of, opened]).toEqual([caller.name, of, expected]);
        if (of === 'other') expect(outcome(await open(caller.token, deviceConnect(randomUUID())))).toBe(expected);
      }
  });
});

describe.each(messages.map(({ message, hex }) => [message, Buffer.from(hex, 'hex')] as const))('%s', (_, bytes) => {
  const frame = decodeFrame(bytes, bytes.length);

  test('on the live channel is answered there, or refused, and goes nowhere else', async () => {
    const { owner, socket } = await connect(world.own.administrator.token, PATHS.live);
    const before = down.length;
    owner.received(socket, bytes);
    const isKnown = mapWatch.is(frame) || controlPing.is(frame);
    expect(socket.frames.filter(({ proto, typ }) => proto === PROTO.control && typ === 'error')).toHaveLength(
      isKnown ? 0 : 1,
    );
    expect(down.length).toBe(before);
    owner.closed(socket, 1000, '');
  });

  test('on a session goes to its device with our id of the session and the person, or nowhere', async () => {
    const { owner, socket } = await connect(world.own.administrator.token, deviceConnect(device.inGroup));
    const before = down.length;
    const forged = { ...frame, sid: 'somebody-elses', props: { ...frame.props, user_id: 'root' } };
    owner.received(socket, encodeFrame(forged));
    owner.closed(socket, 1000, '');
    const isOfSessions = [
      PROTO.shell,
      PROTO.filetransfer,
      PROTO.portforward,
      PROTO.menderclient,
      PROTO.control,
    ].includes(frame.proto as never);
    // Closing tells the device that the shell and the session are over.
    const sent = await since(before, isOfSessions ? 3 : 2);
    expect(new Set(sent.map((one) => one.device))).toEqual(new Set([device.inGroup]));
    for (const one of sent) {
      const told = decodeFrame(one.frame, one.frame.length);
      expect(told.sid).toBe(one.sid!);
      expect(told.sid).not.toBe('somebody-elses');
      expect([undefined, world.own.administrator.userId]).toContain(told.props.user_id as string | undefined);
      expect(told.proto === frame.proto || told.proto === PROTO.shell || told.proto === PROTO.control).toBe(true);
    }
  });
});

/** What went down since then, once it is this many. */
async function since(before: number, count: number): Promise<Down[]> {
  for (let turn = 0; turn < 1000 && down.length < before + count; turn++) await Bun.sleep(1);
  const sent = down.slice(before);
  expect(sent).toHaveLength(count);
  return sent;
}

describe('what happens in another tenant', () => {
  const ts = Date.now();
  const happenings: { readonly [K in EventKind]: (id: string) => Event<K> } = {
    presence: (id) => ({ device: id, connected: true, ts }),
    health: (id) => ({ device: id, health: 'critical', ts }),
    alert: (id) => ({ device: id, alert: randomUUID(), change: 'opened', ts }),
    incident: (id) => ({ device: id, incident: randomUUID(), change: 'opened', ts }),
    device: (id) => ({ device: id, change: 'updated', status: 'accepted' }),
    status: (id) => ({ device: id, ts }),
    sensors: (id) => ({ device: id, ts }),
    configuration: (id) => ({ device: id, ts }),
    deployment: (id) => ({ device: id, deployment: randomUUID(), ts }),
    software: (id) => ({ device: id, ts }),
    'fix-run': (id) => ({ device: id, alert: randomUUID(), run: randomUUID(), state: 'running', ts }),
    group: (id) => ({ group: randomUUID(), devices: [id] }),
  };

  test('reaches nobody’s live channel here, of whatever kind it is', async () => {
    const viewers = await Promise.all(
      world.callers
        .filter((caller) => caller.holds('fleet.read') !== 'no')
        .map((caller) => connect(caller.token!, PATHS.live)),
    );
    const theirs = await world.api.signIn(world.other.id, [{ roleId: 'viewer', groupIds: null }]);
    const witness = await connect(theirs.token, PATHS.live);
    for (const [kind, make] of Object.entries(happenings))
      publishItems(world.api.context.bus, event(world.other.id, kind as EventKind), [make(device.other) as never]);
    const told = () => JSON.stringify(witness.socket.frames.map(({ body }) => Buffer.from(body).toString('latin1')));
    for (let turn = 0; turn < 500 && !told().includes(device.other); turn++) await Bun.sleep(10);
    expect(told()).toContain(device.other);
    for (const { socket } of viewers)
      for (const { body } of socket.frames) expect(Buffer.from(body).toString('latin1')).not.toContain(device.other);
    for (const { owner, socket } of [...viewers, witness]) owner.closed(socket, 1000, '');
  });
});

test('a device can only speak in sessions that were opened with it', async () => {
  const { owner, socket } = await connect(world.own.administrator.token, deviceConnect(device.inGroup));
  const before = down.length;
  owner.received(
    socket,
    encodeFrame({
      proto: PROTO.shell,
      typ: 'new',
      sid: '',
      props: { terminal_width: 80, terminal_height: 24 },
      body: new Uint8Array(),
    }),
  );
  for (let turn = 0; turn < 200 && down.length === before; turn++) await Bun.sleep(1);
  const { sid, api } = down.at(-1)!;
  const say = (from: string) =>
    publishTo(world.api.context.bus, apiSession(api!), {
      device: from,
      sid: sid!,
      frame: encodeFrame({
        proto: PROTO.shell,
        typ: 'shell',
        sid: sid!,
        props: { status: 1 },
        body: Buffer.from(from),
      }),
    });
  say(device.other);
  say(device.outside);
  say(device.inGroup);
  for (let turn = 0; turn < 200 && socket.frames.length === 0; turn++) await Bun.sleep(1);
  expect(socket.frames.map(({ body }) => Buffer.from(body).toString())).toEqual([device.inGroup]);
  owner.closed(socket, 1000, '');
});
