import { expect, test } from 'bun:test';
import type { LovelyError } from '../errors.ts';
import { entityTag, isKnown, versionOf } from './preconditions.ts';

const asking = (headers: Record<string, string>) => new Request('https://lovely.example.com/', { headers });
const versionFrom = (tag: string): number | undefined | string => {
  try {
    return versionOf(asking({ 'if-match': tag }));
  } catch (error) {
    return (error as LovelyError).code;
  }
};

test('the tag of an answer changes with the answer and begins with its version', () => {
  const [one, other] = [
    { version: 7, health: 'ok' },
    { version: 7, health: 'critical' },
  ].map((result) => entityTag(result, JSON.stringify(result)));
  expect(one).toMatch(/^"7-[\w-]{16}"$/);
  expect(other).not.toBe(one!);
  for (const result of [undefined, null, [], { items: [] }, { version: '0.1.0' }])
    expect(entityTag(result, '')).toBe(undefined);
});

test('a change is made from the version alone, as a tag of ours or as the number', () => {
  expect(versionFrom('"7"')).toBe(7);
  expect(versionFrom('"7-0123456789abcdef"')).toBe(7);
  expect(versionFrom('*')).toBe(undefined);
  expect(versionOf(asking({}))).toBe(undefined);
});

test('a tag that was never given can not match, and a weak one never does', () => {
  for (const tag of ['"x"', 'W/"7"', '7', '', '"-1"', '"7.5"']) expect(versionFrom(tag)).toBe('changed-meanwhile');
  expect(versionFrom('"7", "8"')).toBe('bad-request');
});

test('who has an answer already is not sent it again', () => {
  const tag = '"7-0123456789abcdef"';
  for (const known of [tag, `W/${tag}`, `"6-x", ${tag}`, '*'])
    expect(isKnown(asking({ 'if-none-match': known }), tag)).toBe(true);
  for (const known of ['"7"', '"6-0123456789abcdef"', ''])
    expect(isKnown(asking({ 'if-none-match': known }), tag)).toBe(false);
});
