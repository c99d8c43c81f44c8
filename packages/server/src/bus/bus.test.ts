// What both buses promise: one table of cases, run on each.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { requireTool, testWith } from '../../../../tests/tools.ts';
import { BUS_PAYLOAD_BYTES_MAX } from '../limits.ts';
import { BusError, type Bus, type BusErrorCode, type OnBusError } from './bus.ts';
import { createMemoryBus } from './memory.ts';
import { startNats, type NatsProcess } from './nats-process.ts';
import { connectNats } from './nats.ts';

const withNats = testWith('nats-server');
let server: NatsProcess | undefined;
beforeAll(async () => {
  if (withNats === test) server = await startNats(requireTool('nats-server'));
});
afterAll(() => server?.kill());

interface Kind {
  readonly kind: string;
  readonly test: typeof test | typeof test.skip;
  /** Two ends that reach each other. */
  open(onError: OnBusError): Promise<readonly [Bus, Bus]>;
}

const kinds: Kind[] = [
  {
    kind: 'the bus in memory',
    test,
    open: async (onError) => {
      const bus = createMemoryBus({ onError });
      return [bus, bus];
    },
  },
  {
    kind: 'the bus on NATS',
    test: withNats,
    open: async (onError) => {
      const options = { url: server!.url, name: 'bus.test', signal: AbortSignal.timeout(10_000), onError };
      return [await connectNats(options), await connectNats(options)];
    },
  },
];

const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

async function codeOf(action: () => unknown): Promise<BusErrorCode | undefined> {
  try {
    await action();
  } catch (error) {
    if (error instanceof BusError) return error.code;
    throw error;
  }
  return undefined;
}

describe.each(kinds)('$kind', ({ test, open }) => {
  let near: Bus;
  let far: Bus;
  let errors: [error: unknown, subject: string][];

  beforeEach(async () => {
    errors = [];
    [near, far] = await open((error, subject) => errors.push([error, subject]));
  });
  afterEach(async () => {
    await near.close();
    await far.close();
  });

  /** Everything sent until now has reached the handlers of both ends. */
  async function settle(): Promise<void> {
    await near.flush();
    await far.flush();
  }

  /** The texts that arrive at the far end. */
  async function listen(pattern: string, options?: { queue?: string }): Promise<string[]> {
    const got: string[] = [];
    far.subscribe(pattern, ({ data }) => void got.push(text(data)), options);
    await settle();
    return got;
  }

  test('a message reaches everyone who is subscribed to its subject, and nobody else', async () => {
    const [one, two, other] = [await listen('a.b'), await listen('a.b'), await listen('a.c')];
    near.publish('a.b', bytes('hello'));
    await settle();
    expect([one, two, other]).toEqual([['hello'], ['hello'], []]);
  });

  test('a message reaches the subscriptions of its sender too', async () => {
    const got: string[] = [];
    near.subscribe('a', ({ subject }) => void got.push(subject));
    near.publish('a', bytes(''));
    await settle();
    expect(got).toEqual(['a']);
  });

  test('a handler is called after publish has returned', async () => {
    let calls = 0;
    near.subscribe('a', () => void calls++);
    near.publish('a', bytes(''));
    expect(calls).toBe(0);
    await settle();
    expect(calls).toBe(1);
  });

  const fitting: [pattern: string, subjects: string[]][] = [
    ['a.*', ['a.b', 'a.c']],
    ['*', ['a']],
    ['*.*', ['a.b', 'a.c', 'b.b']],
    ['a.>', ['a.b', 'a.c', 'a.b.c', 'a.b.c.d']],
    ['a.*.c', ['a.b.c']],
    ['*.b.>', ['a.b.c', 'a.b.c.d']],
    ['>', ['a', 'a.b', 'a.c', 'b.b', 'a.b.c', 'a.b.c.d']],
    ['A.b', []],
  ];
  test.each(fitting)('the pattern %s takes %p', async (pattern, subjects) => {
    const got = await listen(pattern);
    for (const subject of ['a', 'a.b', 'a.c', 'b.b', 'a.b.c', 'a.b.c.d']) near.publish(subject, bytes(subject));
    await settle();
    expect(got).toEqual(subjects);
  });

  const badSubjects = ['', '.', 'a.', '.a', 'a..b', 'a b', 'a\tb', 'a\r\nPUB', 'a.*', 'a.>', 'a*', 'x'.repeat(256)];
  test.each(badSubjects)('publishing on %p is refused', async (subject) => {
    expect(await codeOf(() => near.publish(subject, bytes('')))).toBe('bad-subject');
    expect(await codeOf(() => near.request(subject, bytes(''), { timeoutMs: 1000 }))).toBe('bad-subject');
  });

  const badPatterns = ['', 'a.', '.a', 'a..b', 'a b', 'a.>.b', '>.a', 'a*', '*a', 'a>', 'a\nb', 'x'.repeat(256)];
  test.each(badPatterns)('subscribing to %p is refused', async (pattern) => {
    expect(await codeOf(() => near.subscribe(pattern, () => {}))).toBe('bad-subject');
  });

  test.each(['', 'a b', 'a.b', '*', 'a\nb'])('a queue group called %p is refused', async (queue) => {
    expect(await codeOf(() => near.subscribe('a', () => {}, { queue }))).toBe('bad-subject');
  });

  test('a queue group shares its messages: each goes to exactly one member', async () => {
    const members = [
      await listen('work', { queue: 'w' }),
      await listen('work', { queue: 'w' }),
      await listen('*', { queue: 'w' }),
    ];
    const others = [await listen('work', { queue: 'other' }), await listen('work')];
    const sent = Array.from({ length: 300 }, (_, index) => String(index));
    for (const each of sent) near.publish('work', bytes(each));
    await settle();
    const inOrder = (got: string[]): string[] => got.toSorted((a, b) => Number(a) - Number(b));
    expect(inOrder(members.flat())).toEqual(sent);
    for (const member of members) expect(member).not.toBeEmpty();
    for (const other of others) expect(other).toEqual(sent);
  });

  test('messages of one sender arrive in the order they were sent, over all subjects', async () => {
    const got = await listen('order.*');
    const sent = Array.from({ length: 2000 }, (_, index) => String(index));
    for (const each of sent) near.publish(`order.${Number(each) % 7}`, bytes(each));
    await settle();
    expect(got).toEqual(sent);
  });

  test('bytes that a receiver keeps stay as they were', async () => {
    const kept: Uint8Array[] = [];
    far.subscribe('keep', ({ data }) => void kept.push(data));
    await settle();
    const sent = Array.from({ length: 300 }, (_, index) => new Uint8Array(index * 97).fill(index));
    for (const data of sent) near.publish('keep', data);
    await settle();
    near.publish('noise', new Uint8Array(500_000));
    await settle();
    expect(kept.map((data) => Buffer.compare(data, sent[kept.indexOf(data)]!))).toEqual(sent.map(() => 0));
  });

  test('a message of the largest size arrives whole; one byte more is refused', async () => {
    const got: Uint8Array[] = [];
    far.subscribe('large', ({ data }) => void got.push(data));
    await settle();
    const largest = new Uint8Array(BUS_PAYLOAD_BYTES_MAX).map((_, index) => index * 31);
    near.publish('large', largest);
    await settle();
    expect(got.map((data) => Buffer.compare(data, largest))).toEqual([0]);
    const larger = new Uint8Array(BUS_PAYLOAD_BYTES_MAX + 1);
    expect(await codeOf(() => near.publish('large', larger))).toBe('too-large');
    expect(await codeOf(() => near.request('large', larger, { timeoutMs: 1000 }))).toBe('too-large');
  });

  describe('a request', () => {
    test('gets the answer, an empty one too', async () => {
      far.subscribe('ask', ({ data, respond }) => respond(data));
      await settle();
      expect(text(await near.request('ask', bytes('hello'), { timeoutMs: 5000 }))).toBe('hello');
      expect(await near.request('ask', bytes(''), { timeoutMs: 5000 })).toHaveLength(0);
    });

    test('gets the first of several answers', async () => {
      far.subscribe('ask', ({ respond }) => {
        respond(bytes('first'));
        respond(bytes('second'));
      });
      await settle();
      expect(text(await near.request('ask', bytes(''), { timeoutMs: 5000 }))).toBe('first');
    });

    test('can run beside many others', async () => {
      far.subscribe('ask', async ({ data, respond }) => {
        if (Number(text(data)) % 2) await far.flush();
        respond(data);
      });
      await settle();
      const sent = Array.from({ length: 200 }, (_, index) => String(index));
      const answers = await Promise.all(sent.map((each) => near.request('ask', bytes(each), { timeoutMs: 5000 })));
      expect(answers.map(text)).toEqual(sent);
    });

    test('fails at once where nobody is subscribed', async () => {
      expect(await codeOf(() => near.request('nobody', bytes(''), { timeoutMs: 60_000 }))).toBe('no-responders');
    });

    test('fails when no answer comes in time', async () => {
      far.subscribe('silent', () => {});
      await settle();
      expect(await codeOf(() => near.request('silent', bytes(''), { timeoutMs: 20 }))).toBe('timeout');
    });

    test('ends with the reason of its signal', async () => {
      const reason = new Error('enough');
      const controller = new AbortController();
      far.subscribe('silent', () => controller.abort(reason));
      await settle();
      const options = { timeoutMs: 60_000, signal: controller.signal };
      expect(await errorOf(near.request('silent', bytes(''), options))).toBe(reason);
      expect(await errorOf(near.request('silent', bytes(''), { ...options, signal: AbortSignal.abort(reason) }))).toBe(
        reason,
      );
    });

    test('that is open when the bus closes fails', async () => {
      far.subscribe('silent', () => {});
      await settle();
      const code = codeOf(() => near.request('silent', bytes(''), { timeoutMs: 60_000 }));
      await near.close();
      expect(await code).toBe('closed');
    });

    test('is not made of a plain message: answering that has no effect', async () => {
      far.subscribe('plain', ({ respond }) => respond(bytes('answer')));
      await settle();
      near.publish('plain', bytes(''));
      await settle();
      expect(errors).toEqual([]);
    });

    test('whose answer is too large gets none, and the answering end is told', async () => {
      far.subscribe('ask', ({ respond }) => respond(new Uint8Array(BUS_PAYLOAD_BYTES_MAX + 1)));
      await settle();
      expect(await codeOf(() => near.request('ask', bytes(''), { timeoutMs: 50 }))).toBe('timeout');
      expect(errors).toEqual([[expect.objectContaining({ code: 'too-large' }), 'ask']]);
    });
  });

  describe('a handler', () => {
    test('that throws or rejects is reported with the subject, and messages go on', async () => {
      const [thrown, rejected] = [new Error('thrown'), new Error('rejected')];
      far.subscribe('bad.throw', () => {
        throw thrown;
      });
      far.subscribe('bad.reject', () => Promise.reject(rejected));
      const got = await listen('bad.>');
      for (const subject of ['bad.throw', 'bad.reject', 'bad.none']) near.publish(subject, bytes(subject));
      await settle();
      expect(got).toEqual(['bad.throw', 'bad.reject', 'bad.none']);
      expect(errors).toEqual([
        [thrown, 'bad.throw'],
        [rejected, 'bad.reject'],
      ]);
    });

    test('that is running when its subscription closes is waited for', async () => {
      const gate = Promise.withResolvers<void>();
      const got: string[] = [];
      const subscription = far.subscribe('slow', async ({ data }) => {
        await gate.promise;
        got.push(text(data));
      });
      await settle();
      near.publish('slow', bytes('taken'));
      await settle();
      const closing = subscription.close();
      await settle();
      near.publish('slow', bytes('late'));
      expect(await Promise.race([closing.then(() => 'closed'), settle().then(() => 'waiting')])).toBe('waiting');
      gate.resolve();
      await closing;
      await subscription.close();
      expect(got).toEqual(['taken']);
    });

    test('does not run after its subscription has closed', async () => {
      const got: string[] = [];
      const subscription = far.subscribe('a', ({ data }) => void got.push(text(data)));
      await subscription.close();
      near.publish('a', bytes('late'));
      await settle();
      expect(got).toEqual([]);
    });

    test('may subscribe and close subscriptions while it runs', async () => {
      const got: string[] = [];
      const outer = far.subscribe('a', async () => {
        far.subscribe('b', ({ data }) => void got.push(text(data)));
        await far.flush();
      });
      await settle();
      near.publish('a', bytes(''));
      await settle();
      await outer.close();
      near.publish('b', bytes('inner'));
      await settle();
      expect(got).toEqual(['inner']);
    });
  });

  describe('closing', () => {
    test('delivers what was published before', async () => {
      const got: string[] = [];
      far.subscribe('a', ({ data }) => void got.push(text(data)));
      await settle();
      for (let each = 0; each < 100; each++) near.publish('a', bytes(String(each)));
      await near.close();
      await far.close();
      expect(got).toHaveLength(100);
    });

    test('waits for handlers, and they may still publish', async () => {
      const gate = Promise.withResolvers<void>();
      let finished = false;
      far.subscribe('a', async () => {
        await gate.promise;
        far.publish('b', bytes(''));
        finished = true;
      });
      await settle();
      near.publish('a', bytes(''));
      await settle();
      const closing = far.close();
      gate.resolve();
      await closing;
      expect(finished).toBe(true);
      expect(errors).toEqual([]);
    });

    test('twice is the same as once', async () => {
      await Promise.all([near.close(), near.close()]);
      await near.close();
    });

    test('leaves a bus that refuses everything and is not healthy', async () => {
      expect(near.healthy).toBe(true);
      await near.close();
      expect(near.healthy).toBe(false);
      expect(await codeOf(() => near.publish('a', bytes('')))).toBe('closed');
      expect(await codeOf(() => near.subscribe('a', () => {}))).toBe('closed');
      expect(await codeOf(() => near.request('a', bytes(''), { timeoutMs: 1000 }))).toBe('closed');
      expect(await codeOf(() => near.flush())).toBe('closed');
    });
  });
});
