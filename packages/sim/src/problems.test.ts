import { expect, test } from 'bun:test';
import { figuresOf, usualOf } from './figures.ts';
import { createHouses, type House } from './house.ts';
import { outagesOf, problemsOf, type Problem } from './problems.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 10, 22, 12);

/** What the rules of a new tenant make of a house at a moment: red or amber, or not. */
function isTroubled(seed: number, house: House, problem: Problem | undefined, atMs: number): boolean {
  if (problem === undefined) return false;
  const hasLasted = atMs - problem.startMs > MINUTE_MS / 2;
  if (problem.kind === 'link-down') return hasLasted;
  const figures = figuresOf(house, usualOf(seed, house), problem, atMs, NOW_MS);
  return (
    Number(figures['disk./.usedPercent']) >= 90 ||
    Number(figures['memory.usedPercent']) >= 92 ||
    (Number(figures['services.failed']) >= 1 && hasLasted)
  );
}

function problemAt(seed: number, house: House, atMs: number): Problem | undefined {
  for (const problem of problemsOf(seed, house)) {
    if (problem.startMs > atMs) return undefined;
    if (problem.endMs > atMs) return problem;
  }
}

function take<T>(endless: Generator<T, never>, count: number): T[] {
  return Array.from({ length: count }, () => endless.next().value);
}

test('the same seed tells the same story', () => {
  const story = (seed: number): Problem[] => take(problemsOf(seed, { index: 11 }), 20);
  expect(story(7)).toEqual(story(7));
  expect(story(8)).not.toEqual(story(7));
});

test('2 to 3 % of a fleet are red or amber, from its first moment on', () => {
  const seed = 7;
  const houses = createHouses(seed, 2_000);
  const shares = [0, 20, 40, 60].map((minutes) => {
    const atMs = minutes * MINUTE_MS;
    return houses.filter((house) => isTroubled(seed, house, problemAt(seed, house, atMs), atMs)).length / houses.length;
  });
  for (const share of shares) expect(share).toBeWithin(0.012, 0.035);
  expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeWithin(0.018, 0.03);
});

test('a house without a problem breaks no rule at any time of the day', () => {
  for (const house of createHouses(7, 200)) {
    const usual = usualOf(7, house);
    for (let hour = 0; hour < 24; hour += 3) {
      const figures = figuresOf(house, usual, undefined, hour * 60 * MINUTE_MS, NOW_MS + hour * 60 * MINUTE_MS);
      expect(Number(figures['disk./.usedPercent'])).toBeLessThan(85);
      expect(Number(figures['memory.usedPercent'])).toBeLessThan(85);
      expect(figures['services.failed']).toBe(0);
    }
  }
});

test('an outage takes houses that are near to each other, and few of the fleet', () => {
  const houses = createHouses(7, 1_000);
  for (const outage of take(outagesOf(7, houses), 10)) {
    const out = [...outage.houses].map((index) => houses[index]!);
    expect(out.length).toBeWithin(2, 13);
    const latitudes = out.map(({ latitude }) => latitude);
    expect(Math.max(...latitudes) - Math.min(...latitudes)).toBeLessThan(6);
    expect(outage.endMs).toBeGreaterThan(outage.startMs);
  }
});
