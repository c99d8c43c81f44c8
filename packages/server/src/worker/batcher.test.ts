import { expect, test } from 'bun:test';
import { createBatcher, type BatcherOptions } from './batcher.ts';

const BAD = new Error('the data is at fault');
const DOWN = new Error('the database is away');
const never = new AbortController().signal;

function batcher(options: Partial<BatcherOptions<number>> = {}) {
  const batches: number[][] = [];
  const rejected: number[] = [];
  const retries: unknown[] = [];
  const { store = () => Promise.resolve(), ...rest } = options;
  const made = createBatcher<number>({
    itemsMax: 4,
    bytesMax: 1000,
    waitingMax: 100,
    waitingBytesMax: 10_000,
    bytesOf: () => 1,
    lingerMs: 0,
    retryMs: 1,
    isBadInput: (error) => error === BAD,
    onRejected: (item) => rejected.push(item),
    onRetry: (error) => retries.push(error),
    ...rest,
    async store(items) {
      batches.push([...items]);
      await store(items);
    },
  });
  return { made, batches, rejected, retries };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

test('what comes in one turn is stored together, in order, in batches of the limit', async () => {
  const { made, batches } = batcher();
  for (const item of upTo(10)) expect(made.add(item)).toBe(true);
  await made.close(never);
  expect(batches).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
});

test('a batch holds only so many bytes, but always one item', async () => {
  const { made, batches } = batcher({ bytesMax: 10, bytesOf: (item) => item });
  for (const item of [4, 6, 1, 11, 9]) made.add(item);
  await made.close(never);
  expect(batches).toEqual([[4, 6], [1], [11], [9]]);
});

test('so many bytes wait and no more, until some are stored', async () => {
  const { made, batches } = batcher({ waitingBytesMax: 10, bytesOf: (item) => item });
  expect([7, 4, 3].map((item) => made.add(item))).toEqual([true, false, true]);
  await made.close(never);
  expect(batches).toEqual([[7, 3]]);
});

test('one batch is stored at a time; what comes meanwhile is the next', async () => {
  const storing = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  let atOnce = 0;
  const { made, batches } = batcher({
    async store() {
      expect(++atOnce).toBe(1);
      started.resolve();
      await storing.promise;
      atOnce--;
    },
  });
  made.add(0);
  await started.promise;
  for (const item of [1, 2, 3]) made.add(item);
  expect(made.waiting).toBe(3);
  storing.resolve();
  await made.close(never);
  expect(batches).toEqual([[0], [1, 2, 3]]);
});

test('what comes after everything was stored is stored too', async () => {
  const { made, batches } = batcher();
  made.add(0);
  while (batches.length === 0) await Bun.sleep(1);
  made.add(1);
  await made.close(never);
  expect(batches).toEqual([[0], [1]]);
});

test('more than may wait is refused, and taken again once there is room', async () => {
  const { made, batches } = batcher({ waitingMax: 2 });
  expect([0, 1, 2].map((item) => made.add(item))).toEqual([true, true, false]);
  while (made.waiting > 0) await Bun.sleep(1);
  expect(made.add(3)).toBe(true);
  await made.close(never);
  expect(batches.flat()).toEqual([0, 1, 3]);
});

test('a batch that the database does not take now is tried again until it does, and the next waits', async () => {
  let failures = 3;
  const { made, batches, retries } = batcher({
    store: () => (failures-- > 0 ? Promise.reject(DOWN) : Promise.resolve()),
  });
  for (const item of upTo(5)) made.add(item);
  await made.close(never);
  expect(batches).toEqual([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [4]]);
  expect(retries).toEqual([DOWN, DOWN, DOWN]);
});

test('a bad item is found by halving: it alone is rejected, the others are stored once and in order', async () => {
  const stored: number[] = [];
  const { made, rejected, retries } = batcher({
    itemsMax: 100,
    store(items) {
      if (items.some((item) => item % 10 === 7)) return Promise.reject(BAD);
      stored.push(...items);
      return Promise.resolve();
    },
  });
  for (const item of upTo(30)) made.add(item);
  await made.close(never);
  expect(rejected).toEqual([7, 17, 27]);
  expect(stored).toEqual(upTo(30).filter((item) => item % 10 !== 7));
  expect(retries).toEqual([]);
});

test('closing stores what waits', async () => {
  const { made, batches } = batcher();
  for (const item of upTo(3)) made.add(item);
  await made.close(never);
  expect(batches.flat()).toEqual([0, 1, 2]);
  expect(made.waiting).toBe(0);
});

test('closing gives up at its deadline while the database is away', async () => {
  const deadline = new AbortController();
  const { made, batches } = batcher({
    lingerMs: 0,
    retryMs: 3_600_000,
    onRetry: () => deadline.abort(),
    store: () => Promise.reject(DOWN),
  });
  made.add(0);
  await made.close(deadline.signal);
  expect(batches).toEqual([[0]]);
});

test('closing gives up at its deadline while the database does not answer', async () => {
  const deadline = new AbortController();
  const { made } = batcher({
    store() {
      deadline.abort();
      return new Promise(() => {});
    },
  });
  made.add(0);
  await made.close(deadline.signal);
  await made.close(AbortSignal.abort());
});
