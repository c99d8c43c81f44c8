import { expect, test } from 'bun:test';
import { createRevocations } from './revocations.ts';
import type { DeviceClaims } from './tokens.ts';

const claims = (authSetId: string, issuedAtMs: number, keyId = 'key'): DeviceClaims => ({
  kind: 'device',
  tenantId: 'tenant',
  deviceId: 'device',
  authSetId,
  issuedAtMs,
  keyId,
});

test('a token issued up to the revocation of its key is void, a later one is good', () => {
  const revocations = createRevocations(() => 3000);
  revocations.add([{ authSetId: 'a', revokedAtMs: 1000 }]);
  expect(revocations.isRevoked(claims('a', 999))).toBe(true);
  expect(revocations.isRevoked(claims('a', 1000))).toBe(true);
  expect(revocations.isRevoked(claims('a', 1000.5))).toBe(false);
  expect(revocations.isRevoked(claims('b', 1))).toBe(false);
});

test('news in whatever order leave the later time', () => {
  const revocations = createRevocations(() => 3000);
  revocations.add([
    { authSetId: 'a', revokedAtMs: 2000 },
    { authSetId: 'a', revokedAtMs: 1000 },
  ]);
  revocations.add([{ authSetId: 'a', revokedAtMs: 1500 }]);
  expect(revocations.isRevoked(claims('a', 1999))).toBe(true);
  expect(revocations.isRevoked(claims('a', 2001))).toBe(false);
});

test('a revocation is forgotten when the tokens it voids have expired', () => {
  let nowMs = 3000;
  const revocations = createRevocations(() => nowMs);
  revocations.add([{ authSetId: 'a', revokedAtMs: 2000 }]);
  nowMs += 24 * 3600 * 1000;
  revocations.add([]);
  expect(revocations.isRevoked(claims('a', 1999))).toBe(false);
});

test('a token of a void key is void, however new it is', () => {
  const revocations = createRevocations(() => 1000);
  revocations.voidKeys(['leaked']);
  expect(revocations.isRevoked(claims('a', 999, 'leaked'))).toBe(true);
  expect(revocations.isRevoked(claims('a', 999, 'new'))).toBe(false);
});
