/** Ways to go through the houses that fit most fleets. */
import type { DeploymentPhaseWish } from '@lovely/api';

export interface Preset {
  readonly value: string;
  readonly title: string;
  readonly phases: readonly DeploymentPhaseWish[];
}

export const PRESETS: readonly Preset[] = [
  { value: 'careful', title: 'Careful', phases: percents(1, 10, 100) },
  { value: 'quick', title: 'Quick', phases: percents(10, 100) },
  { value: 'trial', title: 'Trial first', phases: [trialOnOne(), ...percents(10, 100)] },
  { value: 'at-once', title: 'All at once', phases: [] },
];

export const OWN_PRESET = 'own';

/** Which of the ways it is; OWN_PRESET when none. */
export function presetOf(phases: readonly DeploymentPhaseWish[]): string {
  const text = JSON.stringify(phases);
  return PRESETS.find((preset) => JSON.stringify(preset.phases) === text)?.value ?? OWN_PRESET;
}

function percents(...values: number[]): DeploymentPhaseWish[] {
  return values.map((percent) => ({ percent, pauseMs: 0, waitsForPerson: false }));
}

/** One house, and somebody looks at it before it goes on. */
function trialOnOne(): DeploymentPhaseWish {
  return { count: 1, pauseMs: 0, waitsForPerson: true };
}
