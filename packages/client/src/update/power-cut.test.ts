/** A few rounds of what tests/long/power-cut.test.ts does for long: real modules in a sandbox, and a client that is killed. */
import { expect, test } from 'bun:test';
import { powerCutRound } from '../../test/update/power-cut.ts';

/** Each kind of software once, with files that are torn. */
const SEEDS = [1, 2, 4, 5];

for (const seed of SEEDS)
  test(`whatever is cut off, a gateway runs the old software or the new one, and says which (seed ${seed})`, async () => {
    expect(await powerCutRound(seed)).toMatchObject({ cuts: expect.any(Number) });
  });
