import { expect, test } from 'bun:test';
import { codeFromHash } from './code-from-hash.ts';
import { passwordStrength } from './strength.ts';

const levels = (passwords: string[], known: string[] = []) =>
  passwords.map((password) => passwordStrength(password, known).level);

test('short passwords have no strength, whatever they hold', () => {
  expect(levels(['', 'aB3$xY7!qW2', 'Tr0ub4dor&3'])).toEqual([0, 0, 0]);
  expect(passwordStrength('elevenchars').advice).toBe('1 more character.');
});

test('repeats, rows and one’s own name do not count', () => {
  expect(levels(['aaaaaaaaaaaaaaaa', '123456789012345', 'abcdefghijklmnop'])).toEqual([1, 1, 1]);
  expect(levels(['ada.king.example'], ['Ada King', 'ada@example.com'])).toEqual([1]);
});

test('a few words and random characters are strong', () => {
  for (const level of levels(['correct horse battery', 'k9$Lm2!pQx7@', 'vier große Fässer']))
    expect(level).toBeGreaterThanOrEqual(3);
});

test('the code is read from the link’s fragment', () => {
  expect([
    codeFromHash('#abc-123'),
    codeFromHash('#code=abc%20d'),
    codeFromHash(''),
    codeFromHash('#%E0%A4%A'),
  ]).toEqual(['abc-123', 'abc d', '', '%E0%A4%A']);
});
