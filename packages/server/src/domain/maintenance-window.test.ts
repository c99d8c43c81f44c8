import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { MaintenanceWindow } from '@lovely/api';
import { windowAt, zoneOfHouse } from './maintenance-window.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const night: MaintenanceWindow = { from: '02:00', to: '05:00', days: EVERY_DAY, zone: 'house' };
const at = (text: string): number => Date.parse(text);
const opens = (window: MaintenanceWindow, zone: string, text: string): string => {
  const state = windowAt(window, zone, at(text));
  if (state.isOpen) throw new Error('it is open');
  return new Date(state.opensMs).toISOString();
};

test('a window opens and closes by the clocks of the house', () => {
  expect(windowAt(night, 'Europe/Berlin', at('2026-07-01T00:00:00Z'))).toEqual({
    isOpen: true,
    closesMs: at('2026-07-01T03:00:00Z'),
  });
  expect(opens(night, 'America/New_York', '2026-07-01T00:00:00Z')).toBe('2026-07-01T06:00:00.000Z');
  expect(windowAt(night, 'Asia/Kolkata', at('2026-07-01T20:29:59Z')).isOpen).toBe(false);
  expect(windowAt(night, 'Asia/Kolkata', at('2026-07-01T20:30:00Z')).isOpen).toBe(true);
});

test('a window over midnight belongs to the day that it begins on', () => {
  const friday: MaintenanceWindow = { from: '22:00', to: '03:00', days: [5], zone: 'house' };
  expect(windowAt(friday, 'UTC', at('2026-11-20T23:00:00Z')).isOpen).toBe(true);
  expect(windowAt(friday, 'UTC', at('2026-11-21T02:59:59Z')).isOpen).toBe(true);
  expect(windowAt(friday, 'UTC', at('2026-11-20T02:00:00Z')).isOpen).toBe(false);
  expect(opens(friday, 'UTC', '2026-11-21T03:00:00Z')).toBe('2026-11-27T22:00:00.000Z');
});

test('when clocks go forward, a window in the hour that is left out opens an hour later by the clock', () => {
  const early: MaintenanceWindow = { ...night, from: '02:30', to: '04:00' };
  // 2026-03-29 in Berlin: 01:59:59 is followed by 03:00.
  expect(opens(early, 'Europe/Berlin', '2026-03-29T00:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
  expect(windowAt(early, 'Europe/Berlin', at('2026-03-29T01:45:00Z'))).toEqual({
    isOpen: true,
    closesMs: at('2026-03-29T02:00:00Z'),
  });
});

test('when clocks go back, a night has an hour more', () => {
  // 2026-10-25 in Berlin: 02:00 comes twice.
  const state = windowAt(night, 'Europe/Berlin', at('2026-10-25T01:30:00Z'));
  expect(state).toEqual({ isOpen: true, closesMs: at('2026-10-25T04:00:00Z') });
});

test('equal ends make a whole day, and all days of it leave no gap', () => {
  const always: MaintenanceWindow = { ...night, from: '00:00', to: '00:00' };
  fc.assert(
    fc.property(fc.integer({ min: at('2026-01-01'), max: at('2028-01-01') }), (nowMs) => {
      expect(windowAt(always, 'Australia/Lord_Howe', nowMs).isOpen).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('a window that is closed is open when it says it opens, and one that is open is closed when it says it closes', () => {
  const zones = ['Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu', 'UTC'];
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const window = fc.record({
    from: time,
    to: time,
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 }),
    zone: fc.constant('house' as const),
  });
  fc.assert(
    fc.property(
      window,
      fc.constantFrom(...zones),
      fc.integer({ min: at('2026-01-01'), max: at('2028-01-01') }),
      (of, zone, nowMs) => {
        const state = windowAt(of, zone, nowMs);
        if (!state.isOpen) {
          expect(state.opensMs).toBeGreaterThan(nowMs);
          expect(windowAt(of, zone, state.opensMs).isOpen).toBe(true);
          return;
        }
        const closed = windowAt(of, zone, state.closesMs);
        // Unless that of the next day follows.
        if (closed.isOpen) expect(closed.closesMs).toBeGreaterThan(state.closesMs);
      },
    ),
    { numRuns: 300 },
  );
});

test('a house is where people or its inventory say, else where the organisation is', () => {
  expect(zoneOfHouse([null, 'Mars/Olympus', 'Asia/Tokyo', 'Europe/Berlin'])).toBe('Asia/Tokyo');
  expect(zoneOfHouse([undefined, ''])).toBe('UTC');
});
