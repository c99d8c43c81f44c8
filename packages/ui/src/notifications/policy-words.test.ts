import { expect, test } from 'bun:test';
import { listed, matchText, quietText } from './policy-words.ts';

const NAMES = { rule: (key: string) => key, group: (id: string) => id, kind: (name: string) => name };
const ALL = { severities: [], rules: [], groupIds: [], sensorKinds: [] };

test('a match reads like a sentence', () => {
  expect(matchText(ALL, NAMES)).toBe('All alerts');
  expect(matchText({ ...ALL, severities: ['critical'], groupIds: ['Milan'] }, NAMES)).toBe('Critical alerts in Milan');
  expect(matchText({ ...ALL, rules: ['a', 'b'], sensorKinds: ['oven'] }, NAMES)).toBe(
    'All alerts of a and b about oven',
  );
});

test('a long list counts what it does not name', () => {
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('a, b and 3 others');
});

test('quiet hours name their days unless they are all', () => {
  const hours = { from: '22:00', to: '07:00', timeZone: 'UTC', criticalBreaksThrough: true };
  expect(quietText({ ...hours, days: [1, 2, 3, 4, 5, 6, 7] })).toBe('from 22:00 to 07:00');
  expect(quietText({ ...hours, days: [6, 7] })).toBe('from 22:00 to 07:00 on Sat and Sun');
});
