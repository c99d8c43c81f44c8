/**
 * A deployment as a plan: from its counts follows what is to be done next. Pure, and of the same size for ten houses and
 * for a million, so that every order of reports, losses and crashes can be tried. The worker carries the steps out and asks
 * again.
 *
 *     scheduled ─▶ running: collect ─▶ phase ─▶ over ─(pause, person)─▶ phase … ─▶ finished
 *                     ▲  │ a gate, a person
 *                     └─ paused
 */
import type { DeploymentPhaseWish, GateFigure } from '@lovely/api';

/** Houses by how far they are. */
export interface PlanCounts {
  /** All that were collected. */
  readonly houses: number;
  /** Through without having begun: there was nothing for them, or it was ended for them. */
  readonly skipped: number;
  /** Have had a turn, whatever came of it. */
  readonly begun: number;
  /** Wait for their first turn. */
  readonly waiting: number;
  /** Had one and wait for another. */
  readonly retrying: number;
  /** Have their turn now, and of these those that were told or download, and those that went away. */
  readonly active: number;
  readonly downloading: number;
  readonly away: number;
}

export interface PlanFacts {
  readonly state: 'scheduled' | 'running' | 'paused';
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly isCollected: boolean;
  readonly joins: boolean;
  readonly phase: number;
  readonly phases: readonly DeploymentPhaseWish[];
  /** When the houses of the phase were through. */
  readonly overMs: number | null;
  /** A person has said that the next phase may begin. */
  readonly isPassed: boolean;
  readonly parallelMax: number;
  readonly counts: PlanCounts;
  readonly figures: readonly GateFigure[];
  /** Nobody was ready when houses were last asked for. */
  readonly isDry: boolean;
}

export type DeploymentStep =
  | { readonly kind: 'start' }
  /** Finds the houses of the target. */
  | { readonly kind: 'collect' }
  /** So many houses have their turn, of them so many that have not had one. */
  | { readonly kind: 'begin'; readonly houses: number; readonly first: number }
  /** The houses of the phase are through. */
  | { readonly kind: 'over' }
  | { readonly kind: 'advance'; readonly phase: number }
  | { readonly kind: 'hold'; readonly figure: GateFigure }
  /** Its time is up: who has not begun is left out. */
  | { readonly kind: 'expire' }
  | { readonly kind: 'finish' }
  | { readonly kind: 'wait'; readonly for: 'start' | 'pause' | 'person' | null; readonly untilMs: number | null };

export interface PhasePlan {
  /** Houses that have begun when it is over, from the beginning of the deployment. */
  readonly end: number;
  readonly pauseMs: number;
  readonly waitsForPerson: boolean;
}

/** After the phases that somebody asked for come all that are left. */
export function phasesOf(wishes: readonly DeploymentPhaseWish[], houses: number): PhasePlan[] {
  const phases: PhasePlan[] = [];
  for (const wish of wishes) {
    const wanted = 'count' in wish ? wish.count : Math.ceil((houses * wish.percent) / 100);
    const end = Math.min(houses, Math.max(wanted, phases.at(-1)?.end ?? 0));
    phases.push({ end, pauseMs: wish.pauseMs, waitsForPerson: wish.waitsForPerson });
  }
  const last = wishes.at(-1);
  const isWhole = last !== undefined && 'percent' in last && last.percent === 100;
  return isWhole ? phases : [...phases, { end: houses, pauseMs: 0, waitsForPerson: false }];
}

export function planDeployment(facts: PlanFacts, nowMs: number): DeploymentStep {
  const { state, startMs, endMs, counts } = facts;
  const isLate = endMs !== null && nowMs >= endMs;
  if (isLate && counts.waiting + counts.retrying > 0) return { kind: 'expire' };
  if (state === 'scheduled') {
    if (startMs !== null && nowMs < startMs) return wait('start', startMs);
    return { kind: 'start' };
  }
  if (!facts.isCollected && !isLate) return state === 'paused' ? wait(null, endMs) : { kind: 'collect' };
  const isDone = counts.waiting + counts.retrying + counts.active === 0;
  if (isDone && (!facts.joins || isLate)) return { kind: 'finish' };
  if (state === 'paused') return wait(null, endMs);
  const exceeded = facts.figures.find((figure) => figure.state === 'exceeded');
  // Where nobody is left to be spared there is nothing to pause.
  if (exceeded && counts.waiting + counts.retrying + counts.downloading > 0) return { kind: 'hold', figure: exceeded };
  return planPhase(facts, nowMs);
}

function planPhase({ counts, ...facts }: PlanFacts, nowMs: number): DeploymentStep {
  const phases = phasesOf(facts.phases, counts.houses - counts.skipped);
  const { end, pauseMs, waitsForPerson } = phases[facts.phase] ?? phases.at(-1)!;
  const isLast = facts.phase >= phases.length - 1;
  const left = Math.min(Math.max(0, end - counts.begun), counts.waiting);
  const isOver = left === 0 && counts.retrying === 0 && counts.active <= counts.away;
  if (!isOver || isLast) {
    const room = facts.parallelMax - counts.downloading;
    const houses = Math.min(room, left + counts.retrying);
    return houses > 0 && !facts.isDry
      ? { kind: 'begin', houses, first: Math.min(left, houses) }
      : wait(null, facts.endMs);
  }
  // A phase that the one before went beyond has nothing to be waited for.
  const isEmpty = facts.phase > 0 && end <= (phases[facts.phase - 1]?.end ?? 0);
  if (facts.overMs === null && !isEmpty) return { kind: 'over' };
  if (!facts.isPassed && !isEmpty) {
    if (waitsForPerson) return wait('person', facts.endMs);
    const untilMs = (facts.overMs ?? nowMs) + pauseMs;
    if (nowMs < untilMs) return wait('pause', untilMs);
  }
  return { kind: 'advance', phase: facts.phase + 1 };
}

function wait(what: 'start' | 'pause' | 'person' | null, untilMs: number | null): DeploymentStep {
  return { kind: 'wait', for: what, untilMs };
}
