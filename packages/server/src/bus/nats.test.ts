// What only the bus on NATS can do: lose its server and find it again.
import { afterEach, describe, expect } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, testWith } from '../../../../tests/tools.ts';
import { BUS_OUTBOX_BYTES_MAX } from '../limits.ts';
import type { Bus, BusError } from './bus.ts';
import { startNats, type NatsProcess } from './nats-process.ts';
import { connectNats } from './nats.ts';

const withNats = testWith('nats-server');
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function start(options?: Parameters<typeof startNats>[1]): Promise<NatsProcess> {
  const server = await startNats(requireTool('nats-server'), options);
  opened.push({ close: server.kill });
  return server;
}

async function open(url: string, errors: unknown[] = []): Promise<Bus> {
  const bus = await connectNats({
    url,
    name: 'nats.test',
    signal: AbortSignal.timeout(20_000),
    onError: (error) => errors.push(error),
  });
  opened.push(bus);
  return bus;
}

/** A bus whose server has just died, and notices it. */
async function openAndLose(errors: unknown[] = []): Promise<{ bus: Bus; port: number }> {
  const server = await start();
  const bus = await open(server.url, errors);
  await server.kill();
  await until(() => !bus.healthy);
  return { bus, port: server.port };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

describe('a NATS server that is killed and started again', () => {
  withNats('gets the subscriptions again, queue groups too', async () => {
    const server = await start();
    const [near, far] = [await open(server.url), await open(server.url)];
    const got: string[] = [];
    far.subscribe('a.*', ({ subject }) => void got.push(`all ${subject}`));
    for (let member = 0; member < 2; member++)
      far.subscribe('a.>', ({ subject }) => void got.push(`one ${subject}`), { queue: 'q' });
    await server.kill();
    await until(() => !near.healthy && !far.healthy);
    await start({ port: server.port });
    await until(() => near.healthy && far.healthy);
    // A server reads each connection in its own turn: only the answer to a flush tells that it has the subscriptions.
    await far.flush();
    near.publish('a.b', bytes(''));
    await near.flush();
    await far.flush();
    expect(got.toSorted()).toEqual(['all a.b', 'one a.b']);
  });

  withNats('gets what was published meanwhile, once and in order', async () => {
    const { bus, port } = await openAndLose();
    const got: string[] = [];
    bus.subscribe('a', ({ data }) => void got.push(text(data)));
    const sent = Array.from({ length: 1000 }, (_, index) => String(index));
    for (const each of sent) bus.publish('a', bytes(each));
    await start({ port });
    await bus.flush();
    expect(got).toEqual(sent);
  });

  withNats('gets the requests that were made meanwhile', async () => {
    const { bus, port } = await openAndLose();
    bus.subscribe('ask', ({ data, respond }) => respond(data));
    const answer = bus.request('ask', bytes('hello'), { timeoutMs: 20_000 });
    await start({ port });
    expect(text(await answer)).toBe('hello');
  });
});

describe('while no server is there', () => {
  withNats('what is published over the bound is dropped and reported once', async () => {
    const errors: unknown[] = [];
    const { bus, port } = await openAndLose(errors);
    let got = 0;
    bus.subscribe('a', () => void got++);
    const fitting = BUS_OUTBOX_BYTES_MAX / 2 ** 20;
    for (let each = 0; each < fitting + 3; each++) bus.publish('a', new Uint8Array(2 ** 20));
    expect(errors).toEqual([expect.objectContaining({ code: 'full' })]);
    await start({ port });
    await bus.flush();
    expect(got).toBe(fitting);
  });

  withNats('a request fails in time', async () => {
    const { bus } = await openAndLose();
    expect(await errorOf(bus.request('a', bytes(''), { timeoutMs: 20 }))).toMatchObject({ code: 'timeout' });
  });

  withNats('the bus can be closed', async () => {
    const { bus } = await openAndLose();
    bus.subscribe('a', () => {});
    const flushed = bus.flush().catch((error: unknown) => error);
    await bus.close();
    expect(await flushed).toMatchObject({ code: 'closed' });
  });
});

describe('connecting', () => {
  withNats('waits for the first server and reports once why', async () => {
    const free = await start();
    await free.kill();
    const errors: unknown[] = [];
    const connecting = open(free.url, errors);
    await until(() => errors.length > 0);
    await start({ port: free.port });
    expect((await connecting).healthy).toBe(true);
    expect(errors).toHaveLength(1);
  });

  withNats('ends with the signal', async () => {
    const free = await start();
    await free.kill();
    const controller = new AbortController();
    const reason = new Error('enough');
    const onError = (): void => controller.abort(reason);
    expect(await errorOf(connectNats({ url: free.url, name: 'nats.test', signal: controller.signal, onError }))).toBe(
      reason,
    );
  });

  withNats('takes user and password from the URL, and says when they are wrong', async () => {
    const { url } = await start({ args: ['--user', 'us er', '--pass', 'p@ss/word'] });
    const bus = await open(url.replace('nats://', `nats://us%20er:${encodeURIComponent('p@ss/word')}@`));
    await bus.flush();
    const wrong = await errorOf(open(url.replace('nats://', 'nats://us%20er:secret@')));
    expect(wrong).toMatchObject({ code: 'refused' });
    expect((wrong as BusError).message).not.toContain('secret');
  });

  withNats('refuses a server that takes too small messages', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovely-nats-'));
    opened.push({ close: async () => rmSync(folder, { recursive: true }) });
    writeFileSync(join(folder, 'nats.conf'), 'max_payload: 1000');
    const { url } = await start({ args: ['-c', join(folder, 'nats.conf')] });
    expect(await errorOf(open(url))).toMatchObject({ code: 'refused' });
  });
});

withNats('a subscription and a bus whose server is away can be closed', async () => {
  const server = await start();
  const bus = await open(server.url);
  const subscription = bus.subscribe('a', () => {});
  bus.subscribe('b', () => {}, { queue: 'q' });
  await server.kill();
  await until(() => !bus.healthy);
  await subscription.close();
  await bus.close();
});
