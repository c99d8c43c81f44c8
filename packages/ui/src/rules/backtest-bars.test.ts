import { expect, test } from 'bun:test';
import { barsOf } from './backtest-bars.ts';

const HOUR = 3_600_000;
const at = (hour: number): string => new Date(Date.UTC(2026, 10, 20, hour)).toISOString();

test('steps without an alert are bars of no height', () => {
  const bars = barsOf({
    stepMs: HOUR,
    until: at(40),
    over: [
      { at: at(2), fires: 3 },
      { at: at(5), fires: 1 },
    ],
  });
  const values = bars.map(({ value }) => value);
  expect(values.slice(0, 5)).toEqual([3, 0, 0, 1, 0]);
  expect(values).toHaveLength(39);
});

test('one alert at the end does not fill the picture', () => {
  const bars = barsOf({ stepMs: HOUR, until: at(40), over: [{ at: at(40), fires: 1 }] });
  expect(bars).toHaveLength(24);
  expect(bars.at(-1)?.value).toBe(1);
});
