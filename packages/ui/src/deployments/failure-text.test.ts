import { expect, test } from 'bun:test';
import { UPDATE_CAUSES } from '@lovely/protocol';
import { causeTitle } from './failure-text.ts';

test('every cause that a gateway can tell has words, and one that is not known is told as it is', () => {
  for (const code of UPDATE_CAUSES) expect(causeTitle(code)).not.toBe(code);
  expect(causeTitle('toString')).toBe('toString');
});
