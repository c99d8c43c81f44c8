import { expect, test } from 'bun:test';
import { doForEach } from './background-task.ts';

test('one that fails keeps nobody waiting, and is told of in the end', async () => {
  const done: number[] = [];
  const all = doForEach([1, 2, 3, 4], (item) => {
    done.push(item);
    return item % 2 === 0 ? Promise.reject(new Error(`no ${item}`)) : Promise.resolve();
  });
  const failure = await all.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect([done, failure]).toEqual([[1, 2, 3, 4], new Error('no 2')]);
});
