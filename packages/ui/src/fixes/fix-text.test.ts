import { expect, test } from 'bun:test';
import { successText, takesText } from './fix-text.ts';

test('how often a fix helped is a sentence', () => {
  expect([
    successText({ tried: 0, helped: 0 }),
    successText({ tried: 1, helped: 1 }),
    successText({ tried: 1, helped: 0 }),
    successText({ tried: 1041, helped: 37 }),
  ]).toEqual([
    'not tried yet',
    'worked the one time it ran',
    'did not help the one time it ran',
    'worked 37 of 1,041 times',
  ]);
});

test('how long a fix takes is rounded up to what people say', () => {
  expect([400, 5_600, 61_000].map(takesText)).toEqual(['about 1 second', 'about 6 seconds', 'about 2 minutes']);
});
