/** Gates: what is looked at before more houses get the same software. Pure. */
import type { DeploymentGates, GateFigure } from '@lovely/api';

export interface GateFacts {
  /** Turns that came to an end, tries that were followed by another among them, and houses that went away in the middle. */
  readonly through: number;
  readonly failed: number;
  /** Houses that the software is on, and of these those with an alert since; reconnects of all of them. */
  readonly updated: number;
  readonly updatedWithAlert: number;
  readonly updatedReconnects: number;
  /** The same of all other houses of the organisation in the same time. */
  readonly rest: number;
  readonly restWithAlert: number;
  readonly restReconnects: number;
  /** A phase is over: it is judged by what there is. */
  readonly isPhaseOver: boolean;
}

export function judgeGates(gates: DeploymentGates | null, facts: GateFacts): GateFigure[] {
  const { through, failed, updated, rest } = facts;
  const figure = (
    gate: GateFigure['gate'],
    max: number | null,
    value: number,
    restValue: number,
    sample: number,
  ): GateFigure => {
    const isEnough = sample >= (facts.isPhaseOver ? 1 : (gates?.minSample ?? 1));
    const state = max === null ? 'off' : !isEnough ? 'too-few' : value - restValue > max + ROUNDING ? 'exceeded' : 'ok';
    return { gate, max, value, rest: restValue, sample, state };
  };
  return [
    figure('failures', gates?.failureMax ?? null, share(failed, through), 0, through),
    figure(
      'alerts',
      gates?.alertsMax ?? null,
      share(facts.updatedWithAlert, updated),
      share(facts.restWithAlert, rest),
      updated,
    ),
    figure(
      'reconnects',
      gates?.reconnectsMax ?? null,
      share(facts.updatedReconnects, updated),
      share(facts.restReconnects, rest),
      updated,
    ),
  ];
}

/** 0.15 is a little more than 0.1 and 0.05 to a computer. */
const ROUNDING = 1e-9;

function share(part: number, of: number): number {
  return of > 0 ? part / of : 0;
}

/** Why it paused, in words; without figures of houses that are in no deployment, which not everybody may see. */
export function gateWords({ gate, value, sample }: GateFigure): string {
  const percent = (of: number): string => `${(of * 100).toFixed(of < 0.1 ? 1 : 0)} %`;
  switch (gate) {
    case 'failures':
      return `${percent(value)} of ${sample} houses failed.`;
    case 'alerts':
      return `${percent(value)} of ${sample} houses with the new software had an alert since, more than of the others.`;
    case 'reconnects':
      return `Houses with the new software reconnected ${value.toFixed(1)} times each, more often than the others.`;
  }
}
