/**
 * Updates whose power is cut: real update modules of Debian and of our own in a sandbox, the client or the whole machine killed at
 * every named step and at any time, state files torn and garbled. The software is always the old one or the new one, whole, and
 * the last report is always true.
 */
import { expect, test } from 'bun:test';
import { powerCutRound, type RoundOutcome } from '@lovely/client/testing';

/** A failure names its seed: `POWER_CUT_SEED=… POWER_CUT_ROUNDS=1 npm run test:long -- power-cut` runs the same round again. */
const SEED = Number(process.env.POWER_CUT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env.POWER_CUT_ROUNDS ?? 500);
/** Rounds that run at the same time. */
const LANES = 3;
const STORY_MS = 60 * 60_000;

test(
  `whatever is cut off, a gateway runs the old software or the new one, and says which (seed ${SEED}, ${ROUNDS} rounds)`,
  async () => {
    const outcomes: RoundOutcome[] = [];
    const failures: string[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < ROUNDS) {
        const seed = SEED + next++;
        try {
          outcomes.push(await powerCutRound(seed));
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    process.stderr.write(`${figuresOf(outcomes)}\n`);
    expect(failures).toEqual([]);
  },
  STORY_MS,
);

function figuresOf(outcomes: readonly RoundOutcome[]): string {
  const ends = new Map<string, number>();
  for (const { kind, state, code } of outcomes) {
    const end = `${kind}: ${code ?? state}`;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  const sum = (of: (outcome: RoundOutcome) => number): number => outcomes.reduce((all, one) => all + of(one), 0);
  return [
    `${outcomes.length} rounds, ${sum(({ cuts }) => cuts)} cuts, ${sum(({ tornFiles }) => tornFiles)} torn files`,
    ...[...ends].map(([end, count]) => `${String(count).padStart(5)}  ${end}`),
  ].join('\n');
}
