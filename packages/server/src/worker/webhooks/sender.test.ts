import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook as Verifier } from 'standardwebhooks';
import type { Delivery, Webhook } from '@lovely/api';
import type { Task } from '../../background-task.ts';
import { WEBHOOK_RETRY_MAX_MS, WEBHOOK_TRIES_MS } from '../../limits.ts';
import { createLog } from '../../log.ts';
import { webhookSecret } from '../../store/sealed.ts';
import type { Store } from '../../store/store.ts';
import { ensureFirstTenant } from '../../store/tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../../store/test-databases.ts';
import { passWebhookTime } from '../../store/test-webhooks.ts';
import { getDelivery, insertTestDelivery, listDeliveries, replayDelivery } from '../../store/webhook-deliveries.ts';
import { getWebhook, insertWebhook, replaceWebhookSecret, updateWebhook } from '../../store/webhooks.ts';
import { renameUser, insertUser } from '../../store/users.ts';
import { createTestSeal } from '../../test-keys.ts';
import { retryAfterMs, startWebhookSender } from './sender.ts';

const seal = createTestSeal();
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A real HTTP server that answers as the test says. */
function startReceiver(answer: (received: Received, count: number) => Response | Promise<Response>) {
  const received: Received[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const one = { headers: Object.fromEntries(request.headers), body: await request.text() };
      received.push(one);
      return await answer(one, received.length);
    },
  });
  return { url: `http://127.0.0.1:${server.port}/hook?a=b`, received, stop: () => server.stop(true) };
}

async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  for (const deadlineMs = Date.now() + 15_000; ; await Bun.sleep(20)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadlineMs) throw new Error('It did not come to pass.');
  }
}

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let userId: string;
let sender: Task | undefined;
let receivers: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  databases = await startEmbeddedDatabases();
}, 60_000);
afterAll(async () => await databases[Symbol.asyncDispose]());
beforeEach(async () => {
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  userId = randomUUID();
  await insertUser(store.database, {
    id: userId,
    tenantId,
    email: 'a@example.com',
    name: 'A',
    passwordHash: 'x',
    grants: [],
  });
});
afterEach(async () => {
  await sender?.close();
  sender = undefined;
  await Promise.all(receivers.map((receiver) => receiver.stop()));
  receivers = [];
});

function receive(answer: Parameters<typeof startReceiver>[0] = () => new Response('thanks')) {
  const receiver = startReceiver(answer);
  receivers.push(receiver);
  return receiver;
}

async function listen(url: string, secret = newSecret()): Promise<{ id: string; secret: string }> {
  const id = randomUUID();
  const sealed = seal.seal(webhookSecret(id), secret);
  await insertWebhook(store.database, tenantId, {
    id,
    name: 'n',
    url,
    events: ['user.updated'],
    enabled: true,
    secret: sealed,
  });
  return { id, secret };
}

function send(allowPrivate = true): void {
  sender = startWebhookSender({ store, seal, log: createLog('silent'), allowPrivate });
}

/** Something that the webhooks are told of. */
let renames = 0;
const happen = async (): Promise<void> => await renameUser(store.database, userId, `Name ${++renames}`);

/** The newest delivery, once it is as expected. */
async function settled(webhookId: string, is: (delivery: Delivery) => boolean): Promise<Delivery> {
  return await until(async () => {
    const [newest] = (await listDeliveries(store.database, tenantId, webhookId, { limit: 1 })).items;
    return newest && is(newest) ? newest : undefined;
  });
}

/** What came of it is noted of the webhook a moment after the delivery. */
const noted = (id: string, is: (webhook: Webhook) => boolean): Promise<boolean> =>
  until(async () => is(await getWebhook(store.database, tenantId, id)));

describe('a delivery', () => {
  test('is signed, as the library of standardwebhooks verifies', async () => {
    const receiver = receive();
    const { id, secret } = await listen(receiver.url);
    send();
    await happen();
    const delivery = await settled(id, ({ state }) => state === 'delivered');
    expect(delivery).toMatchObject({
      attempts: 1,
      status: 200,
      error: null,
      responseExcerpt: 'thanks',
      nextAttemptAt: null,
    });
    const [{ headers, body }] = receiver.received as [Received];
    expect(new Verifier(secret).verify(body, headers)).toMatchObject({
      type: 'user.updated',
      data: { user: { id: userId } },
    });
    expect(headers['webhook-id']).toBe(delivery.id);
    expect(headers['content-type']).toBe('application/json');
    expect(() => new Verifier(newSecret()).verify(body, headers)).toThrow();
    expect(() => new Verifier(secret).verify(`${body} `, headers)).toThrow();
    await noted(id, ({ deliveredAt }) => deliveredAt !== null);
  });

  test('that fails is made again with the same id and body and a new signature', async () => {
    const receiver = receive((_, count) => (count < 3 ? new Response('not now', { status: 503 }) : new Response('')));
    const { id, secret } = await listen(receiver.url);
    send();
    await happen();
    await settled(id, ({ attempts, status }) => attempts === 1 && status === 503);
    await noted(id, ({ failingSince }) => failingSince !== null);
    await passWebhookTime(store.database, 10);
    await settled(
      id,
      ({ attempts, status, nextAttemptAt }) => attempts === 2 && status === 503 && nextAttemptAt !== null,
    );
    await passWebhookTime(store.database, 20);
    await settled(id, ({ state, attempts }) => state === 'delivered' && attempts === 3);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    for (const { headers, body } of receiver.received) new Verifier(secret).verify(body, headers);
    await noted(id, ({ failingSince }) => failingSince === null);
  });

  test('is given up after three days, and can be replayed', async () => {
    let isBroken = true;
    const receiver = receive(() => new Response('', { status: isBroken ? 500 : 204 }));
    const { id } = await listen(receiver.url);
    await happen();
    await passWebhookTime(store.database, WEBHOOK_TRIES_MS / 1000);
    send();
    const failed = await settled(id, ({ state }) => state === 'failed');
    expect(failed).toMatchObject({ error: 'The receiver answered 500.', nextAttemptAt: null });
    isBroken = false;
    await replayDelivery(store.database, tenantId, id, failed.id);
    expect((await settled(id, ({ state }) => state === 'delivered')).id).toBe(failed.id);
  });

  test('is signed with the old secret too while secrets overlap, and then with the new one alone', async () => {
    const receiver = receive();
    const { id, secret } = await listen(receiver.url);
    const next = newSecret();
    await replaceWebhookSecret(store.database, tenantId, id, seal.seal(webhookSecret(id), next), 24, undefined);
    send();
    await happen();
    await settled(id, ({ state }) => state === 'delivered');
    const [both] = receiver.received as [Received];
    for (const one of [secret, next]) new Verifier(one).verify(both.body, both.headers);
    expect(both.headers['webhook-signature']!.split(' ')).toHaveLength(2);
    await passWebhookTime(store.database, 25 * 3600);
    await happen();
    await until(async () => receiver.received.length === 2);
    const { headers, body } = receiver.received[1]!;
    new Verifier(next).verify(body, headers);
    expect(() => new Verifier(secret).verify(body, headers)).toThrow();
  });

  test('does not follow redirects, keep long answers, or wait for ever', async () => {
    const target = receive();
    const redirecting = receive(() => Response.redirect(target.url, 307));
    const endless = receive(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              controller.enqueue(Buffer.alloc(16_384, 'x\0'));
              await Bun.sleep(1);
            },
          }),
        ),
    );
    const [redirected, long] = [await listen(redirecting.url), await listen(endless.url)];
    send();
    await happen();
    expect((await settled(redirected.id, ({ attempts, status }) => attempts === 1 && status !== null)).error).toContain(
      'redirects are not followed',
    );
    expect(target.received).toEqual([]);
    const { responseExcerpt } = await settled(long.id, ({ state }) => state === 'delivered');
    expect(responseExcerpt).toHaveLength(1000);
    expect(responseExcerpt).not.toContain('\0');
  });

  test('to an address that nobody listens at says so', async () => {
    const gone = startReceiver(() => new Response(''));
    await gone.stop();
    const { id } = await listen(gone.url);
    send();
    await happen();
    expect((await settled(id, ({ error }) => error !== null)).error).toBe('Nothing listens at the address.');
  });

  test('into a private network is refused, also where only the name leads there', async () => {
    const receiver = receive();
    const port = new URL(receiver.url).port;
    const byAddress = await listen(`https://127.0.0.1:${port}/`);
    const byName = await listen(`https://localhost:${port}/`);
    const plain = await listen(receiver.url);
    send(false);
    await happen();
    for (const { id } of [byAddress, byName, plain])
      expect((await settled(id, ({ error }) => error !== null)).error).toMatch(/not allowed/);
    expect(receiver.received).toEqual([]);
  });

  test('of a slow receiver does not hold up others', async () => {
    const open: (() => void)[] = [];
    const slow = receive(() => new Promise((resolve) => open.push(() => resolve(new Response('')))));
    const quick = receive();
    const [waiting] = [await listen(slow.url), await listen(quick.url)];
    send();
    for (let at = 0; at < 10; at++) await happen();
    await until(async () => quick.received.length === 10);
    expect(slow.received.length).toBeLessThanOrEqual(7);
    const ended = until(async () => {
      for (const end of open.splice(0)) end();
      return slow.received.length === 10;
    });
    await ended;
    await until(async () => (await getWebhook(store.database, tenantId, waiting.id)).waiting === 0);
    expect(new Set(slow.received.map(({ headers }) => headers['webhook-id'])).size).toBe(10);
  });

  test('under way when the process stops is made by the next one', async () => {
    const opening = Promise.withResolvers<void>();
    const receiver = receive(async () => {
      await opening.promise;
      return new Response('');
    });
    const { id } = await listen(receiver.url);
    send();
    await happen();
    await until(async () => receiver.received.length === 1);
    await sender!.close();
    expect(await settled(id, () => true)).toMatchObject({ state: 'waiting', attempts: 0 });
    opening.resolve();
    send();
    await settled(id, ({ state }) => state === 'delivered');
  });

  test('for a test goes to a disabled webhook, once, whatever comes of it', async () => {
    const receiver = receive(() => new Response('', { status: 500 }));
    const { id } = await listen(receiver.url);
    await updateWebhook(store.database, tenantId, id, { enabled: false }, undefined);
    await happen();
    const test = await insertTestDelivery(store.database, tenantId, id, { by: 'a@example.com' });
    send();
    await settled(id, ({ state }) => state === 'failed');
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]!.headers['webhook-id']).toBe(test);
    expect(await getDelivery(store.database, tenantId, id, test)).toMatchObject({ event: 'webhook.test', attempts: 1 });
    expect((await getWebhook(store.database, tenantId, id)).failingSince).toBeNull();
  });
});

test('waits between tries double, are spread by half, and end after three days', () => {
  const wait = (attempts: number, random: number): number => retryAfterMs({ attempts, triedMs: 0 }, () => random)!;
  expect([wait(1, 0), wait(1, 1), wait(2, 1), wait(5, 1)]).toEqual([2500, 5000, 10_000, 80_000]);
  expect(wait(40, 1)).toBe(WEBHOOK_RETRY_MAX_MS);
  let [triedMs, tries] = [0, 0];
  for (
    let waitMs: number | undefined = 0;
    waitMs !== undefined;
    waitMs = retryAfterMs({ attempts: tries, triedMs }, () => 0.5)
  ) {
    triedMs += waitMs;
    tries++;
  }
  expect(triedMs).toBeWithin(WEBHOOK_TRIES_MS, WEBHOOK_TRIES_MS + WEBHOOK_RETRY_MAX_MS);
  expect(tries).toBeWithin(20, 45);
});
