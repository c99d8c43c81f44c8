/**
 * Power cuts while root file systems are updated: at every call of the boot loader's tools, and by seed at random points. The
 * machine throws when its boot loader starts a slot that is not whole; a round compares what runs with what was told.
 */
import { describe, expect, test as plainTest } from 'bun:test';
import { BOOT_LOADER_KINDS } from '../harness/two-slots/boot-loaders.ts';
import { canHaveSlots, type Mishap } from '../harness/two-slots/machine.ts';
import { randomMishaps, Rounds, seeded } from '../harness/two-slots/rounds.ts';
import { testWith } from '../tools.ts';

const test = canHaveSlots() ? testWith('fw_setenv', 'grub-editenv', 'losetup', 'mke2fs') : plainTest.skip;

/** More than any life of the machine makes: the last ones let it live. */
const CALLS_MAX = 12;
const RANDOM_ROUNDS = 100;
const WHENS = ['before', 'torn', 'after'] as const;

describe.each(BOOT_LOADER_KINDS)('with %s', (kind) => {
  test.each([0, 1])('a cut at any call of its tools, in life %i of the machine', async (life) => {
    await using rounds = await Rounds.make(kind);
    const outcomes = new Set<string>();
    for (let call = 1; call <= CALLS_MAX; call++)
      for (const when of WHENS) {
        const quiet: Mishap[] = Array.from({ length: life }, () => ({ kind: 'none' }));
        const { state } = await rounds.play([...quiet, { kind: 'tool', when, call }]);
        outcomes.add(state);
      }
    expect(outcomes).toEqual(new Set(['failure', 'success']));
  });

  test(`${RANDOM_ROUNDS} rounds of random mishaps`, async () => {
    await using rounds = await Rounds.make(kind);
    const counts = new Map<string, number>();
    for (let seed = 1; seed <= RANDOM_ROUNDS; seed++) {
      const mishaps = randomMishaps(seeded(seed));
      const { state, cause } = await rounds.play(mishaps).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${JSON.stringify(mishaps)}`, { cause: error });
      });
      const outcome = cause === undefined ? state : `${state} ${cause}`;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    expect(counts.get('success') ?? 0).toBeGreaterThan(0);
    expect(counts.get('failure power-lost') ?? 0).toBeGreaterThan(0);
  });
});
