/** Carries rollouts on: asks the plan for the next step of each until there is nothing to do but wait. */
import { planRollout } from '../../domain/fix-rollout.ts';
import { FIX_FAILED_REST_MS, FIX_ROLLOUT_TIME_SHARE } from '../../limits.ts';
import type { FixRunChange } from '../../store/fix-run-engine.ts';
import { applyRolloutStep, takeOpenRollouts } from '../../store/fix-rollout-engine.ts';
import { inSavepoint } from '../../store/transaction.ts';
import type { WriterParts } from '../up-writer.ts';
import { announceFixRuns } from './announce-fix-runs.ts';

export function createRollouts({ store, bus, log }: WriterParts): () => Promise<void> {
  /** Rollouts that could not be carried on, and until when they are left alone. */
  const resting = new Map<string, number>();
  let nextMs = 0;

  async function carryOn(): Promise<{ changes: FixRunChange[]; steps: number }> {
    return await store.database.transaction().execute(async (transaction) => {
      const changes: FixRunChange[] = [];
      let steps = 0;
      for (const rollout of await takeOpenRollouts(transaction, [...resting.keys()])) {
        const step = planRollout(rollout.facts);
        if (step.kind === 'wait') continue;
        try {
          changes.push(...(await inSavepoint(transaction, () => applyRolloutStep(transaction, rollout, step))));
          steps++;
          if (step.kind !== 'start') log.info({ rollout: rollout.id, ...step }, 'a rollout of a fix goes on');
        } catch (error) {
          log.error({ error, rollout: rollout.id }, 'a rollout could not be carried on; it is looked at again later');
          resting.set(rollout.id, Date.now() + FIX_FAILED_REST_MS);
        }
      }
      return { changes, steps };
    });
  }

  return async () => {
    if (Date.now() < nextMs) return;
    for (const [id, untilMs] of resting) if (untilMs <= Date.now()) resting.delete(id);
    for (let isDone = false; !isDone;) {
      const begunMs = Date.now();
      const { changes, steps } = await carryOn();
      announceFixRuns(bus, changes);
      isDone = steps === 0;
      // What a look costs that finds nothing to do: the houses are counted each time.
      nextMs = begunMs + (Date.now() - begunMs) / FIX_ROLLOUT_TIME_SHARE;
    }
  };
}
