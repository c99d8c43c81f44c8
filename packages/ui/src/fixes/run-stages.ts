/** A run as the stages it goes through. */
import type { FixRun } from '@lovely/api';

export interface Stage {
  readonly label: string;
  readonly state: 'done' | 'now' | 'bad' | 'ahead';
}

type Run = Pick<FixRun, 'state' | 'startedAt' | 'steps' | 'stepsDone'>;

/** On its way to the house, what runs there, and whether it helped. */
export function stagesOf({ state, startedAt, steps, stepsDone }: Run): Stage[] {
  const running = steps > 1 ? `Runs, step ${Math.min(stepsDone + 1, steps)} of ${steps}` : 'Runs on the house';
  const ran = steps > 1 ? `Ran, ${steps} steps` : 'Ran on the house';
  switch (state) {
    case 'waiting':
      return [now('Waits for the house'), ahead('Runs on the house'), ahead('Checks')];
    case 'running':
      return [done('Reached the house'), now(running), ahead('Checks')];
    case 'checking':
      return [done('Reached the house'), done(ran), now('Checks whether it helped')];
    case 'helped':
      return [done('Reached the house'), done(ran), done('It helped')];
    case 'not-helped':
      return [done('Reached the house'), done(ran), bad('It did not help')];
    case 'failed':
    case 'refused':
    case 'cancelled': {
      const end = { failed: 'It failed', refused: 'The gateway refused', cancelled: 'Called off' }[state];
      return startedAt === null ? [bad(end)] : [done('Reached the house'), bad(end)];
    }
  }
}

const done = (label: string): Stage => ({ label, state: 'done' });
const now = (label: string): Stage => ({ label, state: 'now' });
const bad = (label: string): Stage => ({ label, state: 'bad' });
const ahead = (label: string): Stage => ({ label, state: 'ahead' });
