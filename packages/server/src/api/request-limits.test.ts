import { expect, test } from 'bun:test';
import { createRequestRate } from '../domain/request-rate.ts';
import type { LovelyError } from '../errors.ts';
import { RATE_KEYS_MAX, REQUESTS_OF_PERSON, REQUESTS_OF_STRANGERS, REQUESTS_OF_TOKEN } from '../limits.ts';
import type { Person } from './context.ts';
import { createRequestLimits } from './request-limits.ts';

const request = () => new Request('https://lovely.example.com/api/v1/devices');
const person = (id: string, tenantId = 'tenant', via: Person['via']['kind'] = 'login') =>
  ({ user: { id }, tenantId, via: { kind: via, id: `${via}-${id}` } }) as unknown as Person;

/** How many of `times` go through, and what the first refusal says. */
function through(times: number, call: () => void): { passed: number; refusal?: LovelyError } {
  for (let passed = 0; passed < times; passed++)
    try {
      call();
    } catch (error) {
      return { passed, refusal: error as LovelyError };
    }
  return { passed: times };
}

test('a burst goes through, then as many as the rate allows, and the refusal says when', () => {
  let now = 0;
  const rate = createRequestRate({ perSecond: 2, burst: 3 }, 10, () => now);
  expect([1, 2, 3, 4].map(() => rate.take('a').isAllowed)).toEqual([true, true, true, false]);
  expect(rate.take('a')).toEqual({ isAllowed: false, remaining: 0, retryAfterSeconds: 1, fullAfterSeconds: 2 });
  expect(rate.take('b').isAllowed).toBe(true);
  now = 1000;
  expect([1, 2, 3].map(() => rate.take('a').isAllowed)).toEqual([true, true, false]);
});

test('the number of keys is bounded, and the busiest is not forgotten', () => {
  const rate = createRequestRate({ perSecond: 1, burst: 2 }, 100, () => 0);
  for (let at = 0; at < 10_000; at++) {
    rate.take(`stranger ${at}`);
    rate.take('flood');
  }
  expect(rate.size).toBe(100);
  expect(rate.isSpent('flood')).toBe(true);
  expect(RATE_KEYS_MAX).toBeLessThanOrEqual(100_000);
});

test('one person who floods leaves the others of the tenant theirs', () => {
  const limits = createRequestLimits(1, () => 0);
  const flood = through(10_000, () => limits.countPerson(request(), person('flooding'), 'token 1'));
  expect(flood.passed).toBe(REQUESTS_OF_PERSON.burst);
  expect(flood.refusal).toMatchObject({ code: 'too-many-requests', retryAfterSeconds: 1 });
  expect(through(100, () => limits.countPerson(request(), person('good'), 'token 2')).passed).toBe(100);
});

test('a token that floods leaves its owner the rest of theirs', () => {
  const limits = createRequestLimits(1, () => 0);
  const flood = through(10_000, () => limits.countPerson(request(), person('ada', 'tenant', 'token'), 'token'));
  expect(flood.passed).toBe(REQUESTS_OF_TOKEN.burst);
  expect(through(100, () => limits.countPerson(request(), person('ada'), 'login')).passed).toBe(100);
});

test('strangers of an address that floods are refused, also with new credentials; known ones and other addresses are not', () => {
  const limits = createRequestLimits(1, () => 0);
  limits.countPerson(request(), person('good'), 'a good token');
  const flood = through(10_000, () => limits.countStranger(request(), '2001:db8::1'));
  expect(flood.passed).toBe(REQUESTS_OF_STRANGERS.burst);
  const admitted = (address: string, credential: string) => through(1, () => limits.admit(address, credential)).passed;
  expect(admitted('2001:db8::1', 'a good token')).toBe(1);
  expect(admitted('2001:db8::1', 'a made-up token')).toBe(0);
  expect(admitted('2001:db8::ffff:2', 'from the same /64')).toBe(0);
  expect(admitted('2001:db8:0:1::1', 'from another network')).toBe(1);
});

test('the answer tells the nearest limit as the draft writes it', () => {
  const limits = createRequestLimits(2, () => 0);
  const asked = request();
  expect(limits.headersOf(asked)).toEqual({});
  limits.countPerson(asked, person('ada', 'tenant', 'token'), 'token');
  expect(limits.headersOf(asked)).toEqual({
    'ratelimit-policy': '"token";q=4000;w=10',
    ratelimit: '"token";r=3999;t=1',
  });
});
