import { expect, test } from 'bun:test';
import { generateSync } from 'otplib';
import { createTotpSecret, findTotpStep, isTotpCode, totpUri } from './totp.ts';

/** The secret of RFC 6238, appendix B, "12345678901234567890", in base32. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const STEP_MS = 30_000;

test('the codes are those of RFC 6238', () => {
  // Its vectors have eight digits; six are the last six of them.
  expect(findTotpStep(RFC_SECRET, '287082', 0, 59_000)).toBe(1);
  expect(findTotpStep(RFC_SECRET, '081804', 0, 1_111_111_109_000)).toBe(37_037_036);
  expect(findTotpStep(RFC_SECRET, '353130', 0, 20_000_000_000_000)).toBe(666_666_666);
});

test('a code is good one step early and late, and no further', () => {
  const secret = createTotpSecret();
  const nowMs = 1_800_000_015_000;
  const step = Math.floor(nowMs / STEP_MS);
  const codeAt = (steps: number) => generateSync({ secret, epoch: (nowMs + steps * STEP_MS) / 1000 });
  for (const near of [-1, 0, 1]) expect(findTotpStep(secret, codeAt(near), 0, nowMs)).toBe(step + near);
  for (const far of [-3, -2, 2, 3]) expect(findTotpStep(secret, codeAt(far), 0, nowMs)).toBeUndefined();
});

test('a code that was used, and those before it, are void', () => {
  const secret = createTotpSecret();
  const nowMs = 1_800_000_015_000;
  const step = Math.floor(nowMs / STEP_MS);
  const code = generateSync({ secret, epoch: nowMs / 1000 });
  expect(findTotpStep(secret, code, step - 1, nowMs)).toBe(step);
  expect(findTotpStep(secret, code, step, nowMs)).toBeUndefined();
  expect(findTotpStep(secret, code, step + 1, nowMs)).toBeUndefined();
});

test('what are no six digits is no code', () => {
  for (const text of ['', '12345', '1234567', '12345a', '١٢٣٤٥٦', '-12345', '1e5000']) {
    expect(isTotpCode(text)).toBe(false);
    expect(findTotpStep(RFC_SECRET, text, 0, 59_000)).toBeUndefined();
  }
});

test('the URI names the system and the person', () => {
  const uri = new URL(totpUri(RFC_SECRET, 'a+b@example.com'));
  expect([uri.protocol, uri.host, decodeURIComponent(uri.pathname)]).toEqual([
    'otpauth:',
    'totp',
    '/Lovely Smart System:a+b@example.com',
  ]);
  expect(uri.searchParams.get('secret')).toBe(RFC_SECRET);
  expect(uri.searchParams.get('issuer')).toBe('Lovely Smart System');
});
