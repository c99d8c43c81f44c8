/** Webhooks of a real server: told once it is committed, whatever is killed in between. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  createWebhook,
  deleteWebhook,
  getDelivery,
  listDeliveries,
  replayFailedDeliveries,
  rotateWebhookSecret,
  testWebhook,
  updateDevice,
  updateWebhook,
  type WebhookEvent,
} from '@lovely/api';
import { passWebhookTimeAt, WebhookVerifier } from '@lovely/server/testing';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

interface Received {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly type: string;
}

class Receiver {
  readonly received: Received[] = [];
  status = 204;
  readonly #server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const headers = Object.fromEntries(request.headers);
      const body = await request.text();
      const { type } = JSON.parse(body) as { type: string };
      this.received.push({ id: headers['webhook-id']!, headers, body, type });
      return new Response(null, { status: this.status });
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/hook`;
  }

  types(): string[] {
    return this.received.map(({ type }) => type);
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }
}

describe('webhooks', () => {
  let server: TestServer;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = new Receiver();
    server = await TestServer.start({ env: { LOVELY_WEBHOOKS_ALLOW_PRIVATE: 'yes' } });
  }, 60_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await receiver.stop();
  });

  const listen = async (...events: [WebhookEvent, ...WebhookEvent[]]) =>
    await server.call(createWebhook, { body: { name: 'Receiver', url: receiver.url, events, enabled: true } });

  test('tell of a gateway that asks, is accepted, comes and goes', async () => {
    const { webhook, secret } = await listen(
      'device.created',
      'device.accepted',
      'device.connected',
      'device.disconnected',
      'audit.created',
    );
    {
      await using gateway = await TestGateway.start(server);
      const device = await server.deviceWith(gateway.serial);
      await server.accept(device);
      await until('it is told that it is here', () => receiver.types().includes('device.connected'));
    }
    await until('it is told that it is gone', () => receiver.types().includes('device.disconnected'));
    expect(receiver.types()).toContain('device.created');
    expect(receiver.types()).toContain('device.accepted');
    expect(receiver.types()).toContain('audit.created');
    for (const { headers, body } of receiver.received) new WebhookVerifier(secret).verify(body, headers);
    await server.call(deleteWebhook, { params: { id: webhook.id } });
  });

  test('are made after a kill -9 of the server between the event and its delivery, none lost', async () => {
    const { webhook, secret } = await listen('device.updated');
    await using gateway = await TestGateway.start(server);
    const { id } = await server.deviceWith(gateway.serial);
    receiver.received.length = 0;
    const rename = async (n: number) =>
      await server.call(updateDevice, { params: { id }, body: { name: `House ${n}` } });
    const names = new Set<string>();
    for (let round = 0; round < 3; round++) {
      // The answer says that the change is committed; its delivery is at most half a second away.
      for (let at = 0; at < 5; at++) names.add((await rename(round * 10 + at)).name);
      server.process.signal('SIGKILL');
      await server.process.exited;
      await server.restart();
    }
    // After a minute a try that died with its server is made again.
    await passWebhookTimeAt(server.dataDir, 60);
    const told = () => new Set(receiver.received.map(({ body }) => nameIn(body)));
    await until('each change was told', () => [...names].every((name) => told().has(name)), 90_000);
    for (const { headers, body } of receiver.received) new WebhookVerifier(secret).verify(body, headers);
    // What was under way when the server died may have come twice: the same id says so.
    const byId = new Map(receiver.received.map(({ id, body }) => [id, body]));
    for (const name of names) expect([...byId.values()].filter((body) => nameIn(body) === name)).toHaveLength(1);
    await server.call(deleteWebhook, { params: { id: webhook.id } });
  });

  test('can be tested, replayed and signed with two secrets', async () => {
    const { webhook, secret } = await listen('device.updated');
    const params = { id: webhook.id };
    receiver.received.length = 0;
    receiver.status = 500;
    const first = await server.call(testWebhook, { params });
    const failed = await until('it has failed', async () => {
      const detail = await server.call(getDelivery, { params: { ...params, deliveryId: first.id } });
      return detail.state === 'failed' ? detail : undefined;
    });
    expect(failed).toMatchObject({ status: 500, attempts: 1, error: 'The receiver answered 500.' });
    expect(JSON.parse(failed.payload)).toMatchObject({ type: 'webhook.test', data: { webhook: { id: webhook.id } } });
    receiver.status = 204;
    const rotated = await server.call(rotateWebhookSecret, { params, body: { overlapHours: 1 } });
    expect(rotated.webhook.oldSecretUntil).toBeString();
    const since = new Date(Date.now() - 60_000).toISOString();
    expect(await server.call(replayFailedDeliveries, { params, body: { since } })).toEqual({ replayed: 1 });
    await until('it came', () => receiver.received.length === 2);
    const { headers, body } = receiver.received[1]!;
    for (const one of [secret, rotated.secret]) new WebhookVerifier(one).verify(body, headers);
    const { items } = await server.call(listDeliveries, { params, query: { state: 'delivered' } });
    expect(items.map(({ id }) => id)).toEqual([first.id]);
  });

  test('go nowhere private where the settings do not say so', async () => {
    await using strict = await TestServer.start();
    for (const url of [
      receiver.url,
      'https://127.0.0.1/',
      'https://localhost/',
      'https://user:password@example.com/',
    ]) {
      const refused = strict.call(createWebhook, {
        body: { name: 'x', url, events: ['device.updated'], enabled: false },
      });
      expect(await refused.catch((error: { problem: { code: string } }) => error.problem.code)).toBe('bad-input');
    }
    const { webhook } = await strict.call(createWebhook, {
      body: { name: 'x', url: 'https://example.com/', events: ['device.updated'], enabled: false },
    });
    const changed = strict.call(updateWebhook, { params: { id: webhook.id }, body: { url: 'https://10.0.0.1/' } });
    expect(await changed.catch((error: { problem: { code: string } }) => error.problem.code)).toBe('bad-input');
  });
});

function nameIn(body: string): string {
  return (JSON.parse(body) as { data: { device: { name: string } } }).data.device.name;
}
