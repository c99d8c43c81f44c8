import { expect, test } from 'bun:test';
import { barsOf } from './backtest-bars.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const UNTIL = Date.UTC(2026, 10, 20, 12, 30);

test('the picture is of the whole time that was asked for, steps without an alert are bars of no height', () => {
  const fromMs = UNTIL - 7 * DAY;
  const at = (step: number): string => new Date(fromMs + step * 3 * HOUR).toISOString();
  const over = [
    { at: at(2), fires: 3 },
    { at: at(55), fires: 1 },
  ];
  const values = barsOf({ stepMs: 3 * HOUR, over }, { fromMs, untilMs: UNTIL }).map(({ value }) => value);
  expect(values).toHaveLength(56);
  expect(values.slice(0, 4)).toEqual([0, 0, 3, 0]);
  expect(values.at(-1)).toBe(1);
});

test('a last step that is not whole has a bar too', () => {
  expect(barsOf({ stepMs: DAY, over: [] }, { fromMs: UNTIL - 1.5 * DAY, untilMs: UNTIL })).toHaveLength(2);
});
