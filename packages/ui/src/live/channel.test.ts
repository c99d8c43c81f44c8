/** The live channel against a real WebSocket server. */
import { afterEach, expect, test } from 'bun:test';
import {
  controlPing,
  controlPong,
  decodeFrame,
  encodeFrame,
  feedSummary,
  mapWatch,
  type FleetSummary,
  type Frame,
} from '@lovely/protocol';
import { serve, type Server, type ServerWebSocket } from 'bun';
import { LiveChannel } from './channel.ts';

const SUMMARY: FleetSummary = {
  ts: 1,
  devices: 3,
  connected: 2,
  pending: 1,
  ok: 2,
  warning: 0,
  critical: 0,
  offline: 1,
  unknown: 0,
  alerts: 1,
  changesPerSecond: 0,
};

class Backend {
  readonly server: Server<undefined>;
  readonly received: Frame[] = [];
  readonly sockets = new Set<ServerWebSocket<undefined>>();
  answersPings = true;
  refuses = false;
  connections = 0;

  constructor() {
    this.server = serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request, server) => {
        if (!this.refuses && server.upgrade(request)) return undefined;
        return new Response('', { status: 503 });
      },
      websocket: {
        open: (socket) => {
          this.connections++;
          this.sockets.add(socket);
          socket.send(encodeFrame(feedSummary.frame({}, SUMMARY)));
        },
        close: (socket) => void this.sockets.delete(socket),
        message: (socket, data) => {
          const frame = decodeFrame(new Uint8Array(data as Buffer), 1 << 20);
          this.received.push(frame);
          if (controlPing.is(frame) && this.answersPings) socket.send(encodeFrame(controlPong.frame({}, undefined)));
        },
      },
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.server.port}/`;
  }
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function start(options: Partial<ConstructorParameters<typeof LiveChannel>[0]> = {}): {
  backend: Backend;
  channel: LiveChannel;
} {
  const backend = new Backend();
  const channel = new LiveChannel({ url: backend.url, reconnectFirstMs: 5, random: () => 1, ...options });
  closers.push(
    () => channel.close(),
    () => backend.server.stop(true),
  );
  return { backend, channel };
}

/** Resolves once `isTrue` holds after a change of state. */
function when(channel: LiveChannel, isTrue: () => boolean): Promise<void> {
  if (isTrue()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = channel.onState(() => {
      if (!isTrue()) return;
      stop();
      resolve();
    });
  });
}

test('a subscriber gets the messages of its type', async () => {
  const { channel } = start();
  const received = new Promise<FleetSummary>((resolve) => {
    channel.subscribe(feedSummary, ({ body }) => resolve(body));
  });
  channel.open();
  expect(await received).toEqual(SUMMARY);
  expect(channel.state.kind).toBe('open');
});

test('sending reports whether the channel was open', async () => {
  const { backend, channel } = start();
  const watch = mapWatch.frame({}, { z: 3, tiles: [{ x: 1, y: 2, since: 0 }] });
  expect(channel.send(watch)).toBe(false);
  channel.open();
  await when(channel, () => channel.state.kind === 'open');
  expect(channel.send(watch)).toBe(true);
  while (backend.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(mapWatch.read(backend.received[0]!).body.tiles).toEqual([{ x: 1, y: 2, since: 0 }]);
});

test('a dropped connection is shown as reconnecting and comes back', async () => {
  const { backend, channel } = start();
  channel.open();
  await when(channel, () => channel.state.kind === 'open');
  const states: string[] = [];
  channel.onState(() => states.push(channel.state.kind));
  for (const socket of backend.sockets) socket.close();
  await when(channel, () => channel.state.kind === 'open' && backend.connections === 2);
  expect(states).toEqual(['reconnecting', 'open']);
});

test('failed tries keep the time since when the data is old', async () => {
  const { backend, channel } = start();
  channel.open();
  await when(channel, () => channel.state.kind === 'open');
  backend.refuses = true;
  for (const socket of backend.sockets) socket.close();
  await when(channel, () => channel.state.kind === 'reconnecting');
  const { since } = channel.state;
  let tries = 0;
  await new Promise<void>((resolve) => {
    channel.onState(() => ++tries === 3 && resolve());
  });
  expect(channel.state).toEqual({ kind: 'reconnecting', since });
});

test('a silent link is asked for a sign of life, and kept when it gives one', async () => {
  const { backend, channel } = start({ silenceMs: 10, answerMs: 2000 });
  channel.open();
  await when(channel, () => channel.state.kind === 'open');
  while (backend.received.filter((frame) => controlPing.is(frame)).length < 3)
    await new Promise((resolve) => setTimeout(resolve, 1));
  expect(backend.connections).toBe(1);
});

test('a link that gives no sign of life is given up', async () => {
  const { backend, channel } = start({ silenceMs: 5, answerMs: 5 });
  backend.answersPings = false;
  channel.open();
  await when(channel, () => channel.state.kind === 'reconnecting');
  await when(channel, () => backend.connections > 1);
});

test('a closed channel stays closed', async () => {
  const { backend, channel } = start();
  channel.open();
  await when(channel, () => channel.state.kind === 'open');
  channel.close();
  while (backend.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(backend.connections).toBe(1);
});
