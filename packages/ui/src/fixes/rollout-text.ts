/** Rollouts in words. */
import type { FixRollout, FixRolloutState } from '@lovely/api';
import { count } from '../format/number.ts';

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

export interface Part {
  readonly key: string;
  readonly label: string;
  readonly houses: number;
  readonly tone: 'ok' | 'warn' | 'bad' | 'busy' | 'none';
}

/** The houses of a rollout by what came of it, good news first; states that no house is in are left out. */
export function partsOf({ counts }: Pick<FixRollout, 'counts'>): Part[] {
  const parts: Part[] = [
    { key: 'helped', label: 'helped', houses: counts.helped, tone: 'ok' },
    { key: 'skipped', label: 'fine by themselves', houses: counts.skipped, tone: 'ok' },
    { key: 'checking', label: 'being checked', houses: counts.checking, tone: 'busy' },
    { key: 'running', label: 'running', houses: counts.running, tone: 'busy' },
    { key: 'waiting', label: 'waiting for the house', houses: counts.waiting, tone: 'busy' },
    { key: 'notHelped', label: 'not helped', houses: counts.notHelped, tone: 'warn' },
    { key: 'failed', label: 'failed', houses: counts.failed, tone: 'bad' },
    { key: 'refused', label: 'refused', houses: counts.refused, tone: 'bad' },
    { key: 'cancelled', label: 'called off', houses: counts.cancelled, tone: 'none' },
    { key: 'pending', label: 'to come', houses: counts.pending, tone: 'none' },
  ];
  return parts.filter(({ houses }) => houses > 0);
}
