import { expect, test } from 'bun:test';
import { createAccessToken, hashAccessToken, isAccessToken } from './access-token.ts';

test('tokens are recognised by their form and checksum', () => {
  const token = createAccessToken();
  expect(token).toMatch(/^lovely_pat_[0-9A-Za-z]{38}$/);
  expect(isAccessToken(token)).toBe(true);
});

test('one changed letter shows', () => {
  const token = createAccessToken();
  for (let at = 'lovely_pat_'.length; at < token.length; at++) {
    const other = token[at] === 'a' ? 'b' : 'a';
    expect(isAccessToken(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
  }
});

test('what only looks like one is none', () => {
  const token = createAccessToken();
  for (const text of ['', 'lovely_pat_', `${token}0`, token.slice(0, -1), token.replace('pat', 'key'), ` ${token}`])
    expect(isAccessToken(text)).toBe(false);
});

test('each token is another, and so is its hash', () => {
  const tokens = Array.from({ length: 100 }, createAccessToken);
  expect(new Set(tokens).size).toBe(100);
  expect(new Set(tokens.map((token) => hashAccessToken(token).toString('hex'))).size).toBe(100);
});
