/** Carries rollouts on: asks the plan for the next step of each until there is nothing to do but wait. */
import { planRollout } from '../../domain/fix-rollout.ts';
import type { FixRunChange } from '../../store/fix-run-engine.ts';
import { applyRolloutStep, takeOpenRollouts } from '../../store/fix-rollout-engine.ts';
import type { WriterParts } from '../up-writer.ts';
import { announceFixRuns } from './announce-fix-runs.ts';

export function createRollouts({ store, bus, log }: WriterParts): () => Promise<void> {
  return async () => {
    for (let isDone = false; !isDone;) {
      const { changes, steps } = await store.database.transaction().execute(async (transaction) => {
        const started: FixRunChange[] = [];
        let taken = 0;
        for (const rollout of await takeOpenRollouts(transaction)) {
          const step = planRollout(rollout.facts);
          if (step.kind === 'wait') continue;
          taken++;
          if (step.kind !== 'start') log.info({ rollout: rollout.id, ...step }, 'a rollout of a fix goes on');
          started.push(...(await applyRolloutStep(transaction, rollout, step)));
        }
        return { changes: started, steps: taken };
      });
      announceFixRuns(bus, changes);
      isDone = steps === 0;
    }
  };
}
