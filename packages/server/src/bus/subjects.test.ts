import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { encode, ProtocolError, type Value } from '@lovely/protocol';
import { BUS_BATCH_ITEMS_MAX, BUS_PAYLOAD_BYTES_MAX } from '../limits.ts';
import type { Bus } from './bus.ts';
import { createMemoryBus } from './memory.ts';
import * as subjects from './subjects.ts';
import { answerTo, ask, publishItems, publishTo, subscribeTo, type Topic } from './topic.ts';

const tenant = '7e9f3c1e-7f0b-4a1e-9a55-3a0f3ad9a001';
const device = '7e9f3c1e-7f0b-4a1e-9a55-3a0f3ad9a002';
const alert = '7e9f3c1e-7f0b-4a1e-9a55-3a0f3ad9a003';
const hub = 'hub_1-a';
const epoch = 1_790_000_000_123;
const ts = 1_790_000_000_456;
const frame = Uint8Array.of(0x81, 0xa3, 0, 255);

let bus: Bus;
let errors: [error: unknown, subject: string][];
beforeEach(() => {
  errors = [];
  bus = createMemoryBus({ onError: (error, subject) => errors.push([error, subject]) });
});
afterEach(() => bus.close());

type Row = [subject: string, topic: Topic<unknown>, value: unknown];

function row<T>(subject: string, topic: Topic<T>, value: T): Row {
  return [subject, topic, value];
}

/** One message of every topic, with the subject where others can hear it. */
const messages: Row[] = [
  row('up.custom.1234', subjects.up(0x1234), [{ tenant, device, hub, epoch, receivedMs: ts, frame }]),
  row('up.0100', subjects.up(0x0100), [
    { tenant, device, hub, epoch, receivedMs: ts, frame },
    { tenant, device, hub, epoch, receivedMs: ts, clockOffsetMs: -3_600_000, frame },
  ]),
  row('presence', subjects.presence, [
    { tenant, device, hub, epoch, connected: true, ts, client: 'nice-smart-client 0.1.0' },
    { tenant, device, hub, epoch, connected: false, ts, reason: 'rebooting-for-update' },
  ]),
  row('hub.hub_1-a.down', subjects.hubDown(hub), { device, epoch, frame, api: 'api1', sid: 'session' }),
  row('hub.hub_1-a.down', subjects.hubDown(hub), { device, frame }),
  row('hub.hub_1-a.ack', subjects.hubAck(hub), [{ device, epoch, ids: [1, 2 ** 53 - 1] }]),
  row('hub.hub_1-a.control', subjects.hubControl(hub), { kind: 'drain', spreadMs: 10_000 }),
  row('hub.all.claim', subjects.claims, [{ device, epoch, hub }]),
  row('hub.all.revoked', subjects.revoked, { device, authSetIds: ['a', 'b'], revokedAtMs: ts }),
  row('api.all.logins-ended', subjects.loginsEnded, { ids: ['a', 'b'] }),
  row('api.api1.session', subjects.apiSession('api1'), { device, sid: 'session', frame }),
  row('api.api1.session-closed', subjects.apiSessionClosed('api1'), { device, sid: 'session', reason: 'gone' }),
  row(`event.${tenant}.presence`, subjects.event(tenant, 'presence'), [
    { device, connected: false, ts, reason: 'timeout' },
  ]),
  row(`event.${tenant}.health`, subjects.event(tenant, 'health'), [{ device, health: 'critical', ts }]),
  row(`event.${tenant}.alert`, subjects.event(tenant, 'alert'), [{ device, alert, change: 'opened', ts }]),
  row(`event.${tenant}.device`, subjects.event(tenant, 'device'), [{ device, change: 'updated', status: 'accepted' }]),
  row(`event.${tenant}.status`, subjects.event(tenant, 'status'), [{ device, ts }]),
];

test.each(messages)('a message on %s arrives as it was sent', async (subject, topic, value) => {
  const got: [string, unknown][] = [];
  subscribeTo(bus, topic, (each, on) => void got.push([on, each]));
  publishTo(bus, topic, value);
  await bus.flush();
  expect(errors).toEqual([]);
  expect(got).toEqual([[subject, value]]);
});

test.each(messages)('a message on %s without its members is reported and dropped', async (subject, topic, value) => {
  const got: unknown[] = [];
  subscribeTo(bus, topic, (each) => void got.push(each));
  const bad = [
    encode({}),
    encode([{}]),
    encode(null),
    Uint8Array.of(),
    Uint8Array.of(0xc1),
    encode(value as Value).subarray(1),
  ];
  for (const data of bad) bus.publish(subject, data);
  await bus.flush();
  expect(got).toEqual([]);
  expect(errors).toHaveLength(bad.length);
  for (const [error, on] of errors) {
    expect(error).toBeInstanceOf(ProtocolError);
    expect(on).toBe(subject);
  }
});

test('an id that could change the subject is refused, on the way out and on the way in', async () => {
  for (const id of ['', '*', '>', 'a.b', 'a b', 'ä', 'x'.repeat(129)]) {
    for (const build of [
      subjects.hubDown,
      subjects.hubAck,
      subjects.hubControl,
      subjects.apiSession,
      subjects.apiSessionClosed,
    ])
      expect(() => build(id)).toThrow();
    expect(() => subjects.event(id, 'alert')).toThrow();
    subscribeTo(bus, subjects.claims, () => expect.unreachable());
    publishItems(bus, subjects.claims, [{ device: id, epoch, hub }]);
  }
  await bus.flush();
  expect(errors).not.toBeEmpty();
});

test('every proto is heard by who listens to all, and nothing else is', async () => {
  const got: string[] = [];
  subscribeTo(bus, subjects.upAny, (_, subject) => void got.push(subject));
  publishItems(bus, subjects.presence, [{ tenant, device, hub, epoch, connected: true, ts }]);
  for (const proto of [1, 0x0100, 0xefff])
    publishTo(bus, subjects.up(proto), [{ tenant, device, hub, epoch, receivedMs: ts, frame }]);
  await bus.flush();
  expect(got).toEqual(['up.0001', 'up.0100', 'up.custom.efff']);
});

test('who listens to the events of every tenant is told whose they are', async () => {
  const got: string[] = [];
  subscribeTo(bus, subjects.eventAny('health'), (_, subject) => void got.push(subjects.eventTenant(subject)));
  for (const each of ['one', 'two']) publishItems(bus, subjects.event(each, 'health'), [{ device, health: 'ok', ts }]);
  publishItems(bus, subjects.event('one', 'status'), [{ device, ts }]);
  await bus.flush();
  expect(got).toEqual(['one', 'two']);
});

describe('a list', () => {
  async function sizesOf<T>(topic: Topic<T[]>, items: T[]): Promise<number[]> {
    const got: T[][] = [];
    subscribeTo(bus, topic, (each) => void got.push(each));
    publishItems(bus, topic, items);
    await bus.flush();
    expect(errors).toEqual([]);
    expect(got.flat()).toEqual(items);
    return got.map((each) => each.length);
  }

  const claims = (count: number): subjects.Claim[] =>
    Array.from({ length: count }, (_, index) => ({ device: `d${index}`, epoch, hub }));

  test('is sent in as many messages as the number of its items asks for', async () => {
    expect(await sizesOf(subjects.claims, claims(BUS_BATCH_ITEMS_MAX))).toEqual([BUS_BATCH_ITEMS_MAX]);
  });

  test('over the number is split', async () => {
    expect(await sizesOf(subjects.claims, claims(BUS_BATCH_ITEMS_MAX + 1))).toEqual([
      BUS_BATCH_ITEMS_MAX / 2 + 1,
      BUS_BATCH_ITEMS_MAX / 2,
    ]);
  });

  test('over the size of a message is split', async () => {
    const long = 'x'.repeat(128);
    const change = { tenant: long, device: long, hub: long, epoch, connected: true, ts, client: long };
    const changes = Array.from({ length: BUS_BATCH_ITEMS_MAX }, () => change);
    expect(encode(changes).length).toBeGreaterThan(BUS_PAYLOAD_BYTES_MAX);
    expect(await sizesOf(subjects.presence, changes)).toEqual([BUS_BATCH_ITEMS_MAX / 2, BUS_BATCH_ITEMS_MAX / 2]);
  });

  test('with more values than the codec takes is split', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => index);
    const acks = Array.from({ length: 100 }, () => ({ device, epoch, ids }));
    expect(() => encode(acks)).toThrow(RangeError);
    expect(await sizesOf(subjects.hubAck(hub), acks)).toEqual([50, 50]);
  });

  test('that is empty is not sent', async () => {
    expect(await sizesOf(subjects.claims, [])).toEqual([]);
  });
});

describe('a question', () => {
  const down = { device, frame };

  test('is answered', async () => {
    answerTo(bus, subjects.hubDown(hub), async (got) => ({ ok: got.device !== device, code: 'gone' as const }));
    expect(await ask(bus, subjects.hubDown(hub), down, { timeoutMs: 1000 })).toEqual({ ok: false, code: 'gone' });
  });

  test('whose answer is not of the shape fails', async () => {
    bus.subscribe(subjects.hubDown(hub).subject, ({ respond }) => respond(encode({ ok: 'yes' })));
    const answer = ask(bus, subjects.hubDown(hub), down, { timeoutMs: 1000 }).catch((error: unknown) => error);
    expect(await answer).toBeInstanceOf(ProtocolError);
  });
});

test('the largest frame fits into a message with everything around it', () => {
  const longest = 'x'.repeat(128);
  const largest = new Uint8Array(subjects.UP_FRAME_BYTES_MAX);
  publishTo(bus, subjects.up(1), [
    { tenant: longest, device: longest, hub: longest, epoch, receivedMs: ts, clockOffsetMs: -ts, frame: largest },
  ]);
  publishTo(bus, subjects.hubDown('h'), { device: longest, epoch, frame: largest, api: longest, sid: longest });
});
