import { afterEach, beforeEach, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import {
  controlAccept,
  controlDrain,
  controlError,
  controlHello,
  controlOpen,
  controlPing,
  controlPong,
  encodeFrame,
  frame as makeFrame,
  PROTO,
  type Frame,
} from '@lovely/protocol';
import { CA_FILE, Hub, OTHER_CA_FILE } from '../test/hub.ts';
import { Proxy } from '../test/proxy.ts';
import { until } from '../test/until.ts';
import { Tokens } from './authentication.ts';
import { Channel, type ChannelPart, type Handler } from './channel.ts';
import { systemClock as clock } from './clock.ts';
import { controlHandler } from './control.ts';
import { bunHttp } from './http/bun.ts';
import { identityOf, newPrivateKey } from './identity.ts';
import { fixedKey } from './keys.ts';
import type { Log } from './log.ts';
import { bunTransport } from './transport/bun.ts';

let hub: Hub;
let stopping: AbortController;
let running: Promise<void> | undefined;

beforeEach(() => {
  hub = new Hub();
  stopping = new AbortController();
});

afterEach(async () => {
  stopping.abort();
  await running;
  await hub.stop();
});

interface Started {
  readonly events: string[];
  readonly acknowledged: number[];
  readonly epochs: number[];
}

function start(options: { ca?: string; proxy?: string; parts?: ChannelPart[]; custom?: Handler } = {}): Started {
  const events: string[] = [];
  const log: Log = {
    info: (event) => void events.push(event),
    warn: (event, fields) =>
      void events.push(
        `${event} ${String(fields?.kind ?? '')} ${String(fields?.status ?? fields?.missing ?? '')}`.trim(),
      ),
  };
  const network = { authorities: [readFileSync(options.ca ?? CA_FILE, 'utf8')], proxy: options.proxy };
  const server = new URL(hub.url);
  const acknowledged: number[] = [];
  const epochs: number[] = [];
  // No randomness: every wait is its shortest.
  const random = (): number => 0;
  const identity = identityOf('sn', newPrivateKey());
  const channel = new Channel({
    server,
    transport: bunTransport(network),
    tokens: new Tokens({ http: bunHttp(network), server, keys: fixedKey(identity), clock, random, log }),
    handlers: new Map([
      [
        PROTO.control,
        controlHandler({
          sessionProtos: [PROTO.shell],
          acknowledged: (ids) => acknowledged.push(...ids),
          refused: (reason) => void events.push(`refused: ${reason}`),
        }),
      ],
      ...(options.custom ? [[0x1000, options.custom] as const] : []),
    ]),
    parts: options.parts ?? [],
    reportedProtos: [PROTO.status],
    epoch: 0,
    welcomed: (epoch) => epochs.push(epoch),
    clock,
    random,
    log,
  });
  running = channel.run(stopping.signal);
  return { events, acknowledged, epochs };
}

const isHello = (frame: Frame): boolean => controlHello.is(frame);
const isError = (frame: Frame): boolean => controlError.is(frame);

test('the first message is hello, and the next hello names the epoch that welcome gave', async () => {
  const { epochs } = start();
  await until(() => epochs.length === 1);
  hub.cut();
  const hellos = await hub.received(isHello, 2);
  expect(hellos.map((hello) => controlHello.read(hello).body.epoch)).toEqual([0, 1]);
  expect(controlHello.read(hellos[0]!).body).toMatchObject({
    client: 'nice-smart-client',
    protocols: [PROTO.control, PROTO.status],
  });
});

test('parts live with the connection', async () => {
  const lives: string[] = [];
  const part: ChannelPart = {
    connected: (_, { epoch }) => void lives.push(`connected ${epoch}`),
    disconnected: () => void lives.push('gone'),
  };
  start({ parts: [part] });
  await until(() => lives.length === 1);
  hub.cut();
  await until(() => lives.length === 3);
  expect(lives).toEqual(['connected 1', 'gone', 'connected 2']);
});

test('a proto without a handler is answered as by mender-connect', async () => {
  const { epochs } = start();
  await until(() => epochs.length === 1);
  hub.send(makeFrame(9, 'x', { sid: 's1', props: { msgid: 'm1' } }));
  const [error] = await hub.received(isError);
  expect(error!.sid).toBe('s1');
  expect(controlError.read(error!).body).toEqual({
    err: 'no handler registered for protocol: 0x0009',
    close: false,
    msgproto: 9,
    msgtype: 'x',
    msgid: 'm1',
  });
});

test('control messages are answered as by mender-connect', async () => {
  const { epochs } = start();
  await until(() => epochs.length === 1);
  hub.send(controlOpen.frame({}, { versions: [1] }, 's1'));
  hub.send(controlOpen.frame({}, { versions: [2] }, 's2'));
  hub.send(controlPing.frame({}, undefined, 's3'));
  hub.send(makeFrame(PROTO.control, 'dance', { sid: 's4' }));
  const [accept] = await hub.received((frame) => controlAccept.is(frame));
  expect(controlAccept.read(accept!)).toEqual({ props: {}, body: { version: 1, protocols: [PROTO.shell] } });
  expect((await hub.received((frame) => controlPong.is(frame)))[0]!.sid).toBe('s3');
  const errors = await hub.received(isError, 2);
  expect(errors.map((error) => controlError.read(error).body)).toMatchObject([
    { err: 'handshake rejected: require version 1', close: true },
    { err: "session: control message type 'dance' not supported", close: false },
  ]);
});

test('what is no message costs an answer and not the connection', async () => {
  const { epochs } = start({ custom: (frame, link) => link.send(frame) });
  await until(() => epochs.length === 1);
  hub.sendBytes(new Uint8Array([0xc1, 0xff, 0x00]));
  hub.sendBytes(encodeFrame(makeFrame(PROTO.control, 'drain', { body: new Uint8Array([0xc0]) })));
  hub.send(makeFrame(0x1000, 'echo'));
  await hub.received((frame) => frame.proto === 0x1000);
  const errors = await hub.received(isError, 2);
  expect(errors.map((error) => controlError.read(error).body.reason)).toEqual(['unsupported', 'bad-message']);
  expect(epochs).toEqual([1]);
});

test('acks reach the spool', async () => {
  const { acknowledged, epochs } = start();
  await until(() => epochs.length === 1);
  hub.acknowledge([7, 2 ** 50]);
  await until(() => acknowledged.length === 2);
  expect(acknowledged).toEqual([7, 2 ** 50]);
});

test("the server's word that something was wrong is told, and not answered", async () => {
  const { epochs, events } = start();
  await until(() => epochs.length === 1);
  hub.send(controlError.frame({}, { err: 'a bad report', close: false }));
  hub.send(makeFrame(PROTO.control, 'error', { body: new Uint8Array([0xc0]) }));
  await until(() => events.includes('refused: unknown'));
  expect(events).toContain('refused: a bad report');
  hub.send(controlPing.frame({}, undefined, 's1'));
  await hub.received((frame) => controlPong.is(frame));
  expect(hub.frames.filter(isError)).toEqual([]);
});

test('a refused token is given up for a new one', async () => {
  const { epochs } = start();
  await until(() => epochs.length === 1);
  hub.revoke();
  await until(() => epochs.length === 2);
  expect(hub.upgrades).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  expect(hub.authentications.length).toBe(2);
});

test('an overloaded hub is asked again with the same token', async () => {
  hub.refuseWith = 503;
  const { events, epochs } = start();
  await until(() => hub.upgrades.length >= 2);
  hub.refuseWith = undefined;
  await until(() => epochs.length === 1);
  expect(hub.authentications.length).toBe(1);
  expect(events.filter((event) => event === 'disconnected refused 503').length).toBe(1);
});

test('a drained gateway comes back when it was told to, not earlier', async () => {
  const { epochs, events } = start();
  await until(() => epochs.length === 1);
  const startedMs = performance.now();
  hub.send(controlDrain.frame({}, { retryAfterMs: 300 }));
  await until(() => epochs.length === 2);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(295);
  expect(events).toContain('disconnected drained');
  expect(hub.farewells).toEqual([1000]);
});

test('a link that died without a word is noticed by its heartbeat, and replaced', async () => {
  const proxy = await Proxy.start();
  try {
    hub.heartbeatMs = 200;
    const { epochs, events } = start({ proxy: proxy.url });
    await until(() => epochs.length === 1);
    await Bun.sleep(500);
    expect(epochs).toEqual([1]);
    proxy.freeze();
    await until(() => epochs.length === 2);
    expect(events).toContain('disconnected silent heartbeat');
  } finally {
    stopping.abort();
    await running;
    await proxy[Symbol.asyncDispose]();
  }
});

test('everything goes through the proxy when there is one', async () => {
  const proxy = await Proxy.start();
  try {
    const { epochs } = start({ proxy: proxy.url.replace('http://', 'http://me:secret@') });
    await until(() => epochs.length === 1);
    expect(new Set(proxy.authorities)).toEqual(new Set([`localhost:${hub.port}`]));
    expect(proxy.authorities.length).toBeGreaterThanOrEqual(2);
    expect(new Set(proxy.credentials)).toEqual(new Set([`Basic ${btoa('me:secret')}`]));
  } finally {
    stopping.abort();
    await running;
    await proxy[Symbol.asyncDispose]();
  }
});

test('a server that another authority signed never sees the token', async () => {
  const { events } = start({ ca: OTHER_CA_FILE });
  await until(() => events.includes('server not available'));
  expect([hub.authentications, hub.upgrades]).toEqual([[], []]);
});

test('the transport alone refuses a server that another authority signed, too', async () => {
  const end = await new Promise((resolve) => {
    const transport = bunTransport({ authorities: [readFileSync(OTHER_CA_FILE, 'utf8')], proxy: undefined });
    const url = `${hub.url.replace('https', 'wss')}/api/devices/v1/deviceconnect/connect`;
    transport(
      url,
      { authorization: 'Bearer token-1' },
      { open: () => resolve('open'), message: () => undefined, pong: () => undefined, end: resolve },
    );
  });
  expect(end).toMatchObject({ kind: 'unreachable' });
  expect(hub.upgrades).toEqual([]);
});

test('a client that stops says farewell', async () => {
  const { epochs } = start();
  await until(() => epochs.length === 1);
  stopping.abort();
  await running;
  await until(() => hub.farewells.length === 1);
  expect(hub.farewells).toEqual([1000]);
});
