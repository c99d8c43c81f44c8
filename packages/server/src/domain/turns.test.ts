import { expect, test } from 'bun:test';
import { createTurns, type TurnLimits } from './turns.ts';

/** Work that ends when it is told to, by name. */
function start(limits: TurnLimits) {
  const turns = createTurns(limits);
  const order: string[] = [];
  const ends = new Map<string, () => void>();
  const come = async (name: string, neighbour: string, isKnown = false): Promise<string> => {
    const done = await turns.run(neighbour, isKnown, async () => {
      order.push(name);
      await new Promise<void>((end) => ends.set(name, end));
      return name;
    });
    return done?.value ?? 'no room';
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)!();
    await Bun.sleep(0);
  };
  return { come, end, order };
}

test('so many work at once, the others wait, those known to be good before strangers', async () => {
  const { come, end, order } = start({ atOnceMax: 2, waitingMax: 2, ofNeighbourMax: 9 });
  const all = [come('a', '1'), come('b', '2'), come('c', '3'), come('d', '4'), come('known', '5', true)];
  expect(await come('late', '6')).toBe('no room');
  expect(order).toEqual(['a', 'b']);
  await end('b');
  expect(order).toEqual(['a', 'b', 'known']);
  for (const name of ['a', 'known', 'c', 'd']) await end(name);
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'known']);
});

test('one neighbour takes only its share, and has it again afterwards', async () => {
  const { come, end } = start({ atOnceMax: 1, waitingMax: 9, ofNeighbourMax: 2 });
  const [first, second] = [come('first', '1'), come('second', '1')];
  expect(await come('third', '1')).toBe('no room');
  const other = come('other', '2');
  for (const name of ['first', 'second', 'other']) await end(name);
  expect(await Promise.all([first, second, other])).toEqual(['first', 'second', 'other']);
  const again = come('again', '1');
  await end('again');
  expect(await again).toBe('again');
});

test('work that fails gives its turn on', async () => {
  const turns = createTurns({ atOnceMax: 1, waitingMax: 1, ofNeighbourMax: 1 });
  const failing = turns.run('1', false, () => Promise.reject(new Error('broken')));
  const next = turns.run('2', false, () => Promise.resolve('fine'));
  expect(failing).rejects.toThrow('broken');
  expect(await next).toEqual({ value: 'fine' });
});
