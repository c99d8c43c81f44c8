import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { QuietHours } from '@lovely/api';
import { heldUntil, quietUntil } from './quiet-hours.ts';

const NIGHT: QuietHours = {
  from: '22:00',
  to: '07:00',
  days: [1, 2, 3, 4, 5, 6, 7],
  timeZone: 'Europe/Rome',
  criticalBreaksThrough: true,
};
const at = (text: string): Date => new Date(text);

describe('quiet hours', () => {
  test('last over midnight, by the clocks of their time zone', () => {
    expect(quietUntil(NIGHT, at('2026-11-23T20:59:59Z'))).toBeUndefined();
    expect(quietUntil(NIGHT, at('2026-11-23T21:00:00Z'))).toEqual(at('2026-11-24T06:00:00Z'));
    expect(quietUntil(NIGHT, at('2026-11-24T05:59:59Z'))).toEqual(at('2026-11-24T06:00:00Z'));
    expect(quietUntil(NIGHT, at('2026-11-24T06:00:00Z'))).toBeUndefined();
    expect(quietUntil({ ...NIGHT, timeZone: 'America/New_York' }, at('2026-11-24T04:00:00Z'))).toEqual(
      at('2026-11-24T12:00:00Z'),
    );
  });

  test('end when the clocks say so, in the nights in which these change', () => {
    // Europe/Rome: back on 25 October 2026, forward on 28 March 2027.
    expect(quietUntil(NIGHT, at('2026-10-24T21:00:00Z'))).toEqual(at('2026-10-25T06:00:00Z'));
    expect(quietUntil(NIGHT, at('2027-03-27T22:00:00Z'))).toEqual(at('2027-03-28T05:00:00Z'));
    // 02:30 is left out that night: quiet until the clocks are past it.
    const early = { ...NIGHT, from: '01:00', to: '02:30' };
    expect(quietUntil(early, at('2027-03-28T00:30:00Z'))).toEqual(at('2027-03-28T01:30:00Z'));
  });

  test('begin on their days alone, and follow each other', () => {
    const weekend = { ...NIGHT, timeZone: 'UTC', days: [6, 7], from: '00:00', to: '00:00' };
    // 21 November 2026 is a Saturday.
    expect(quietUntil(weekend, at('2026-11-20T23:59:00Z'))).toBeUndefined();
    expect(quietUntil(weekend, at('2026-11-21T10:00:00Z'))).toEqual(at('2026-11-23T00:00:00Z'));
    expect(quietUntil(weekend, at('2026-11-23T00:00:00Z'))).toBeUndefined();
  });

  test('of several are waited for one after the other, and a critical alert passes those that let it', () => {
    const now = at('2026-11-23T21:30:00Z');
    const strict = { ...NIGHT, from: '06:00', to: '09:00', criticalBreaksThrough: false };
    expect(heldUntil([NIGHT, null, strict], false, now)).toEqual(at('2026-11-24T08:00:00Z'));
    expect(heldUntil([NIGHT, null, strict], true, now)).toEqual(now);
    expect(heldUntil([strict], true, at('2026-11-24T05:30:00Z'))).toEqual(at('2026-11-24T08:00:00Z'));
  });

  test('whatever they are, the end is later and not quiet, and the moment before it is quiet', () => {
    const timeOfDay = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const hours = fc.record({
      from: timeOfDay,
      to: timeOfDay,
      days: fc.subarray([1, 2, 3, 4, 5], { minLength: 1 }),
      timeZone: fc.constantFrom('UTC', 'Europe/Rome', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
      criticalBreaksThrough: fc.boolean(),
    });
    const time = fc.date({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(hours, time, (quiet, now) => {
        const end = quietUntil(quiet, now);
        if (!end) return;
        expect(end > now).toBe(true);
        expect(quietUntil(quiet, end)).toBeUndefined();
        expect(quietUntil(quiet, new Date(Math.max(now.getTime(), end.getTime() - 1)))).toEqual(end);
      }),
      { numRuns: 300 },
    );
  });
});
