import { expect, test } from 'bun:test';
import { daysText, gateTexts, phasesText, windowText } from './options-text.ts';

test('phases are told in a line', () => {
  const rest = { pauseMs: 0, waitsForPerson: false };
  expect(
    phasesText([
      { count: 1, ...rest },
      { percent: 10, ...rest },
      { percent: 100, ...rest },
    ]),
  ).toBe('1 house → 10% → all');
  expect(phasesText([])).toBe('all at once');
});

test('days in a row are told by their ends, all seven by one word', () => {
  expect(daysText([5, 1, 2, 3, 4])).toBe('Mon to Fri');
  expect(daysText([6, 7])).toBe('Sat, Sun');
  expect(daysText([7, 6, 5, 4, 3, 2, 1])).toBe('every day');
});

test('a window over midnight says so, and whose clock it goes by', () => {
  const days = [1, 2, 3, 4, 5, 6, 7];
  expect(windowText({ from: '22:00', to: '04:00', days, zone: 'house' })).toBe(
    'every day, 22:00 to 04:00 the next day, on the clock of each house',
  );
  expect(windowText({ from: '02:00', to: '04:00', days: [6], zone: 'Europe/Rome' })).toBe(
    'Sat, 02:00 to 04:00, Europe/Rome',
  );
});

test('only the gates that are looked at are told', () => {
  expect(gateTexts({ failureMax: 0.05, alertsMax: null, reconnectsMax: null, minSample: 20 })).toEqual([
    'more than 5% of the houses fail',
  ]);
  expect(gateTexts(null)).toEqual([]);
});
