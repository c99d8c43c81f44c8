import { expect, test } from 'bun:test';
import { createJoinCode, isJoinCode, joinCodeHash } from './join-code.ts';

test('a join code is known however it is typed, and when a letter is missing', () => {
  for (let turn = 0; turn < 100; turn++) {
    const code = createJoinCode();
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(isJoinCode(code)).toBe(true);
    expect(isJoinCode(code.slice(1))).toBe(true);
    const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}`;
    expect(isJoinCode(typed)).toBe(true);
    expect(joinCodeHash(typed)).toEqual(joinCodeHash(code));
  }
});

test('a tenant token of another system is not taken for one', () => {
  for (const token of [
    'dummy',
    'dummy-tenant-token',
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJtZW5kZXIifQ.c2ln',
    'a'.repeat(40),
    '',
  ])
    expect([token, isJoinCode(token)]).toEqual([token, false]);
});
