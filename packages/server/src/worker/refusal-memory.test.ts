import { expect, test } from 'bun:test';
import { createRefusalMemory } from './refusal-memory.ts';

test('the same excess is told once an hour, and new sources of one gateway count as the same', () => {
  let nowMs = 0;
  const isNews = createRefusalMemory(() => nowMs);
  const sources = (deviceId: string, source: string) => isNews({ deviceId, source, excess: 'sources' });
  const metrics = (deviceId: string, source: string) => isNews({ deviceId, source, excess: 'metrics' });
  expect([sources('a', '1'), sources('a', '2'), sources('b', '1')]).toEqual([true, false, true]);
  expect([metrics('a', '1'), metrics('a', '2'), metrics('a', '1')]).toEqual([true, true, false]);
  nowMs = 3_600_000;
  expect([sources('a', '3'), metrics('a', '1')]).toEqual([true, true]);
});
