/** Rollouts in words. */
import type { FixRollout, FixRolloutState } from '@lovely/api';
import { count } from '../format/number.ts';
import type { BarPart } from '../parts/StackedBar.tsx';

export const ROLLOUT_STATES: Readonly<Record<FixRolloutState, string>> = {
  trial: 'Trial on one house',
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped by itself',
  aborted: 'Ended by hand',
  done: 'Done',
};

export function isRollingOut({ state }: Pick<FixRollout, 'state'>): boolean {
  return state === 'trial' || state === 'running' || state === 'paused';
}

/** What a phase is called: the trial, then the share that has had its turn when it is over. */
export function phaseText({ share, houses }: FixRollout['phases'][number]): string {
  if (share === 0) return 'Trial on 1 house';
  return `${(share * 100).toLocaleString('en', { maximumFractionDigits: 0 })}% · ${count(houses)} ${houses === 1 ? 'house' : 'houses'}`;
}

/** The houses of a rollout by what came of it, good news first; states that no house is in are left out. */
export function partsOf({ counts }: Pick<FixRollout, 'counts'>): BarPart[] {
  const parts: BarPart[] = [
    { key: 'helped', label: 'helped', amount: counts.helped, tone: 'ok' },
    { key: 'skipped', label: 'fine by themselves', amount: counts.skipped, tone: 'ok', shade: 'light' },
    { key: 'checking', label: 'being checked', amount: counts.checking, tone: 'busy', shade: 'striped' },
    { key: 'running', label: 'running', amount: counts.running, tone: 'busy' },
    { key: 'waiting', label: 'waiting for the house', amount: counts.waiting, tone: 'busy', shade: 'light' },
    { key: 'notHelped', label: 'not helped', amount: counts.notHelped, tone: 'warn' },
    { key: 'failed', label: 'failed', amount: counts.failed, tone: 'bad' },
    { key: 'refused', label: 'refused', amount: counts.refused, tone: 'bad', shade: 'striped' },
    { key: 'cancelled', label: 'called off', amount: counts.cancelled, tone: 'none', shade: 'striped' },
    { key: 'pending', label: 'to come', amount: counts.pending, tone: 'none' },
  ];
  return parts.filter(({ amount }) => amount > 0);
}
