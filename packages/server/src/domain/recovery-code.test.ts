import { expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { createRecoveryCodes, hashRecoveryCode } from './recovery-code.ts';

const userId = randomUUID();

test('ten different codes come in groups of four', () => {
  const codes = createRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
});

test('how a code was typed does not matter', () => {
  const hash = hashRecoveryCode(userId, 'x7qe-01fk-9mzt-w2ad')!;
  expect(hash).toHaveLength(32);
  for (const typed of ['x7qe01fk9mztw2ad', ' X7QE OIFK 9MZT W2AD ', 'x7qe-olfk-9mzt-w2ad'])
    expect(hashRecoveryCode(userId, typed)).toEqual(hash);
});

test('the same code of somebody else has another hash', () => {
  const [code] = createRecoveryCodes();
  expect(hashRecoveryCode(userId, code!)).not.toEqual(hashRecoveryCode(randomUUID(), code!)!);
});

test('what has another length or other letters is no code', () => {
  for (const text of ['', '123456', 'x7qe-01fk-9mzt-w2a', 'x7qe-01fk-9mzt-w2adx', 'x7qe-01fk-9mzt-w2aü'])
    expect(hashRecoveryCode(userId, text)).toBeUndefined();
});
