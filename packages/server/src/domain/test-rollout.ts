/**
 * A deployment without a database: houses in memory, carried on by the same plans as by workers, and gateways that a test
 * has do what it likes. For properties, models and simulations.
 */
import type { DeploymentOptions } from '@lovely/api';
import { UPDATE_RESTART_MS } from '../limits.ts';
import type { ChoosableArtifact, Provides } from './artifact-choice.ts';
import { chooseArtifact } from './artifact-choice.ts';
import { failuresOf, planCounts, type CountRow } from './deployment-counts.ts';
import { judgeGates } from './deployment-gates.ts';
import {
  aborted,
  ended,
  granted,
  isActive,
  isChanging,
  parked,
  released,
  told,
  type House,
} from './deployment-house.ts';
import { planDeployment, type DeploymentStep } from './deployment-plan.ts';
import { hear, withCause, type Heard, type Word } from './deployment-report.ts';
import { pausesOf, planActive, planTurn } from './deployment-turn.ts';
import { windowAt } from './maintenance-window.ts';

export const TEST_ARTIFACT: ChoosableArtifact = {
  id: 'artifact',
  name: 'new',
  deviceTypes: ['house'],
  provides: { artifact_name: 'new' },
  depends: {},
  clears: [],
  payloadTypes: ['script'],
  bytes: 1000,
  sha256: '',
};

export interface TestGateway {
  isConnected: boolean;
  epoch: number;
  sinceMs: number;
  provides: Provides;
}

/** What gateways are told; the test answers with `say`, then or later. */
export interface Telling {
  readonly kind: 'offer' | 'pause' | 'continue' | 'abort';
  readonly at: number;
  readonly attempt: number;
}

export class TestRollout {
  readonly houses: House[];
  readonly gateways: TestGateway[];
  readonly options: DeploymentOptions;
  readonly tellings: Telling[] = [];
  readonly steps: DeploymentStep[] = [];
  state: 'scheduled' | 'running' | 'paused' | 'finished' | 'aborted' = 'scheduled';
  phase = 0;
  overMs: number | null = null;
  isPassed = false;
  forgiven = { failed: 0, through: 0 };
  pausedBy: 'person' | 'gate' | undefined;
  nowMs: number;
  readonly #counts = new Map<string, { -readonly [K in keyof CountRow]: CountRow[K] }>();
  readonly #active = new Set<number>();
  readonly #telling = new Set<number>();
  #ready: number[];
  readonly #parked = new Set<number>();

  constructor(size: number, options: DeploymentOptions, nowMs: number, random: () => number) {
    this.options = options;
    this.nowMs = nowMs;
    this.houses = Array.from({ length: size }, (_, at) => newHouse(at, Math.floor(random() * 2 ** 31)));
    this.gateways = Array.from({ length: size }, () => ({
      isConnected: true,
      epoch: 1,
      sinceMs: nowMs - 3600_000,
      provides: { device_type: 'house', artifact_name: 'old' },
    }));
    for (const house of this.houses) this.#count(house, 1);
    this.#ready = this.houses.map((_, at) => at).sort((a, b) => this.houses[b]!.position - this.houses[a]!.position);
  }

  get begun(): number {
    return this.planCounts().begun;
  }

  planCounts() {
    return planCounts([...this.#counts.values()], this.#away().away);
  }

  /** One look of a worker. */
  carryOn(): void {
    for (const at of this.#parked) {
      if (this.houses[at]!.readyMs! > this.nowMs) continue;
      this.#parked.delete(at);
      this.#set(at, { ...this.houses[at]!, readyMs: null });
      this.#ready.push(at);
    }
    let isDry = false;
    for (
      let steps = 0;
      steps < 10_000 && (this.state === 'running' || this.state === 'scheduled' || this.state === 'paused');
      steps++
    ) {
      const step = planDeployment(this.#facts(isDry), this.nowMs);
      this.steps.push(step);
      if (step.kind === 'wait') break;
      if (step.kind === 'begin') isDry = !this.#begin(step);
      else this.#apply(step);
    }
    for (const at of [...this.#active, ...this.#telling]) this.#carryOnHouse(at);
  }

  say(at: number, word: Omit<Word, 'atMs' | 'substate'> & { atMs?: number; substate?: string }): Heard['outcome'] {
    const before = this.houses[at]!;
    const full = { atMs: this.nowMs, substate: '', ...word };
    const heard = hear(before, full, this.options.retries, this.nowMs, 0.5);
    this.#set(at, heard.house);
    return heard.outcome;
  }

  connect(at: number, isConnected: boolean): void {
    const gateway = this.gateways[at]!;
    if (gateway.isConnected === isConnected) return;
    Object.assign(gateway, { isConnected, sinceMs: this.nowMs, epoch: gateway.epoch + (isConnected ? 1 : 0) });
    const house = this.houses[at]!;
    if (!isConnected) return;
    // Its return wakes what waits for it, but not a pause after a failure.
    if (house.readyMs !== null && house.waits !== '') this.#set(at, { ...house, readyMs: this.nowMs });
    else if (house.lookMs !== null) this.#set(at, { ...house, lookMs: this.nowMs });
  }

  pause(): void {
    if (this.state !== 'running') return;
    this.state = 'paused';
    this.pausedBy = 'person';
    for (const at of this.#active) this.#set(at, { ...this.houses[at]!, lookMs: this.nowMs });
  }

  goOn(): void {
    if (this.state === 'paused') {
      if (this.pausedBy === 'gate') this.forgiven = failuresOf([...this.#counts.values()], 0);
      this.state = 'running';
      this.pausedBy = undefined;
      for (const at of this.#active) this.#set(at, { ...this.houses[at]!, lookMs: this.nowMs });
    } else if (this.overMs !== null) this.isPassed = true;
  }

  abort(): void {
    this.state = 'aborted';
    this.houses.forEach((house, at) => {
      if (house.finishedMs === null) this.#set(at, aborted(house, 'Ended.', this.nowMs));
    });
  }

  #facts(isDry: boolean) {
    const { away, suspicious } = this.#away();
    const counts = [...this.#counts.values()];
    const { failed, through } = failuresOf(counts, suspicious);
    const figures = judgeGates(this.options.gates, {
      failed: Math.max(0, failed - this.forgiven.failed),
      through: Math.max(0, through - this.forgiven.through),
      updated: 0,
      updatedWithAlert: 0,
      updatedReconnects: 0,
      rest: 0,
      restWithAlert: 0,
      restReconnects: 0,
      isPhaseOver: this.overMs !== null,
    });
    return {
      state: this.state as 'running',
      startMs: this.options.startAt === null ? null : Date.parse(this.options.startAt),
      endMs: this.options.endAt === null ? null : Date.parse(this.options.endAt),
      isCollected: true,
      joins: false,
      phase: this.phase,
      phases: this.options.phases,
      overMs: this.overMs,
      isPassed: this.isPassed,
      parallelMax: this.options.parallelMax,
      counts: planCounts(counts, away),
      figures,
      isDry,
    };
  }

  /** As the store counts them: houses in the middle of it that are gone for longer than a restart takes. */
  #away(): { away: number; suspicious: number } {
    let away = 0;
    let suspicious = 0;
    const sinceMs = this.nowMs - UPDATE_RESTART_MS;
    for (const at of this.#active) {
      const house = this.houses[at]!;
      const gateway = this.gateways[at]!;
      if (gateway.isConnected || gateway.sinceMs >= sinceMs || (house.heardMs ?? 0) >= sinceMs) continue;
      away++;
      if (isChanging(house)) suspicious++;
    }
    return { away, suspicious };
  }

  /** Returns whether anybody was ready. */
  #begin({ houses, first }: { readonly houses: number; readonly first: number }): boolean {
    let [grants, firstLeft, looked] = [0, first, 0];
    const put: number[] = [];
    while (grants < houses && this.#ready.length > 0) {
      const at = this.#ready.pop()!;
      const house = this.houses[at]!;
      if (house.finishedMs !== null || house.grantedMs !== null || house.readyMs !== null) continue;
      if (house.phase === null && firstLeft === 0) {
        put.push(at);
        continue;
      }
      looked++;
      const { isConnected, epoch, provides } = this.gateways[at]!;
      const connection = isConnected ? { hubId: 'hub', epoch } : null;
      const { window } = this.options;
      const turn = planTurn(
        {
          connection,
          takes: 'live',
          choice: chooseArtifact([TEST_ARTIFACT], provides, this.options.force),
          window: window === null ? undefined : windowAt(window, 'UTC', this.nowMs),
          isBlocked: false,
        },
        this.nowMs,
      );
      if (turn.kind === 'end') this.#set(at, ended(house, turn.state, this.nowMs));
      else if (turn.kind === 'park') this.#set(at, parked(house, turn.waits, turn.untilMs));
      else {
        if (house.phase === null) firstLeft--;
        grants++;
        const pauses = pausesOf(house, this.options.pauseBefore, false);
        const begun = granted(house, { ...turn, phase: this.phase }, this.nowMs);
        const offer = { epoch, linkUntilMs: this.nowMs + 12 * 3600_000, pauses, lookMs: this.nowMs + 10_000 };
        this.#set(at, told(begun, offer, this.nowMs));
        this.tellings.push({ kind: 'offer', at, attempt: house.attempt });
      }
    }
    this.#ready.push(...put.reverse());
    return looked > 0;
  }

  #apply(step: DeploymentStep): void {
    switch (step.kind) {
      case 'start':
        this.state = 'running';
        return;
      case 'over':
        this.overMs = this.nowMs;
        return;
      case 'advance':
        Object.assign(this, { phase: step.phase, overMs: null, isPassed: false });
        return;
      case 'hold':
        Object.assign(this, { state: 'paused', pausedBy: 'gate' });
        return;
      case 'finish':
        this.state = 'finished';
        return;
      case 'expire':
        this.houses.forEach((house, at) => {
          if (house.finishedMs === null && house.grantedMs === null)
            this.#set(at, aborted(house, 'Too late.', this.nowMs));
        });
        return;
      default:
        throw new Error(`${step.kind} is not expected here`);
    }
  }

  #carryOnHouse(at: number): void {
    const house = this.houses[at]!;
    if (house.lookMs === null || house.lookMs > this.nowMs) return;
    const { isConnected, epoch } = this.gateways[at]!;
    const pauses = pausesOf(house, this.options.pauseBefore, this.state === 'paused');
    const connection = isConnected ? { hubId: 'hub', epoch } : null;
    const step = planActive({ house, connection, takes: 'live', pauses }, this.nowMs);
    switch (step.kind) {
      case 'wait':
        return this.#set(at, { ...house, lookMs: step.lookMs });
      case 'forget':
        return this.#set(at, { ...house, tellsAbort: false, lookMs: null });
      case 'release':
        return this.#set(at, released(house, step.waits, step.readyMs));
      case 'lose':
        return this.#set(at, {
          ...ended(house, 'failure', this.nowMs),
          ...withCause({ code: 'lost', step: house.state, message: '' }),
        });
      default:
        this.tellings.push({ kind: step.kind, at, attempt: house.attempt });
        this.#set(at, {
          ...told(
            house,
            { epoch, linkUntilMs: this.nowMs + 12 * 3600_000, pauses, lookMs: this.nowMs + 10_000 },
            this.nowMs,
          ),
          // Nothing gets lost on the way here.
          ...(house.state === 'pending' || step.kind === 'abort' ? {} : { sends: 0 }),
        });
    }
  }

  #set(at: number, house: House): void {
    this.#count(this.houses[at]!, -1);
    this.houses[at] = house;
    this.#count(house, 1);
    if (isActive(house)) this.#active.add(at);
    else this.#active.delete(at);
    if (house.tellsAbort) this.#telling.add(at);
    else this.#telling.delete(at);
    if (house.finishedMs === null && house.grantedMs === null && house.readyMs !== null) this.#parked.add(at);
    else this.#parked.delete(at);
  }

  #count(house: House, by: 1 | -1): void {
    const phase = house.phase ?? -1;
    const state = house.state === 'pending' && house.grantedMs !== null ? 'offered' : house.state;
    const key = `${phase} ${state}`;
    const row = this.#counts.get(key) ?? {
      deploymentId: '',
      phase,
      state,
      houses: 0,
      wanted: 0,
      downloaded: 0,
      retried: 0,
      reconnects: 0,
    };
    row.houses += by;
    row.retried += by * (house.attempt - 1);
    this.#counts.set(key, row);
  }
}

function newHouse(at: number, position: number): House {
  return {
    deploymentId: 'deployment',
    deviceId: String(at),
    tenantId: 'tenant',
    state: 'pending',
    position,
    phase: null,
    attempt: 1,
    artifactId: null,
    bytes: null,
    downloaded: 0,
    percent: null,
    substate: '',
    waits: '',
    causeCode: null,
    causeStep: null,
    causeMessage: null,
    causeKey: null,
    isRolledBack: null,
    pauses: [],
    passed: [],
    toldPauses: [],
    tellsAbort: false,
    readyMs: null,
    grantedMs: null,
    sentMs: null,
    sentEpoch: null,
    sends: 0,
    linkUntilMs: null,
    reportedMs: null,
    events: 0,
    heardMs: null,
    beganMs: null,
    finishedMs: null,
    lookMs: null,
  };
}
