/**
 * Carries fix runs on: takes those that are due, asks the plan for the next step, writes it down, and only then does it. A
 * worker that dies in between leaves a run that says "sent" and was not: it is sent again, and the house does it once.
 */
import { eventAny } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import type { Task } from '../../background-task.ts';
import { planRun, type RunStep } from '../../domain/fix-run.ts';
import { LovelyError } from '../../errors.ts';
import { COMMAND_KEYS_FRESH_MS, FIX_FAILED_REST_MS, FIX_RUNS_TAKEN_MAX, FIX_TICK_MS } from '../../limits.ts';
import { currentCommandKey, listCommandKeys } from '../../store/command-keys.ts';
import {
  applyStep,
  dueRunOf,
  postponeRun,
  takeDueRuns,
  wakeRunsOfAlerts,
  wakeRunsOfDevices,
  type DueRow,
  type DueRun,
  type FixRunChange,
} from '../../store/fix-run-engine.ts';
import { recordAlertEvents, type AlertEventEntry } from '../../store/alert-events.ts';
import type { Database } from '../../store/store.ts';
import { inSavepoint } from '../../store/transaction.ts';
import type { Log } from '../../log.ts';
import type { WriterParts } from '../up-writer.ts';
import { createWakeable } from '../wakeable.ts';
import { announceFixRuns } from './announce-fix-runs.ts';
import { sendCancel, sendCommand, type Addressee, type SigningKeys } from './delivery.ts';

export interface FixEngine extends Task {
  /** Looks at what is due now. */
  wake(): void;
}

interface Outcome {
  readonly changes: FixRunChange[];
  /** What is to be done now that it is written down. */
  readonly deeds: { readonly due: DueRun; readonly step: RunStep }[];
  readonly taken: number;
}

export function startFixEngine({ store, bus, log }: WriterParts, queue: string): FixEngine {
  const { database } = store;
  const underWay = new Set<Promise<void>>();
  const signingKeys = createSigningKeys(database);

  async function carryOn(): Promise<void> {
    for (;;) {
      const { changes, deeds, taken } = await writeSteps(database, log, Date.now());
      announceFixRuns(bus, changes);
      for (const { due, step } of deeds) {
        const doing: Promise<void> = carryOut(due, step)
          .catch((error: unknown) =>
            log.info({ error, run: due.run.id }, 'a house could not be told; it is told again'),
          )
          .finally(() => underWay.delete(doing));
        underWay.add(doing);
      }
      if (taken < FIX_RUNS_TAKEN_MAX) return;
    }
  }

  async function carryOut({ run, facts, hubId }: DueRun, step: RunStep): Promise<void> {
    if (hubId === null || !facts.connection) return;
    const number = step.kind === 'next' ? run.step + 1 : run.step;
    const { epoch } = facts.connection;
    const to: Addressee = { hubId, deviceId: run.device_id, epoch, runId: run.id, step: number };
    const action = run.actions[number]!;
    // Configurations and updates go there by themselves, and back.
    if (action.kind !== 'command' && action.kind !== 'script') return;
    if (step.kind === 'cancel') await sendCancel(bus, to);
    else await sendCommand(bus, to, action, await signingKeys(), Date.now());
  }

  const task = createWakeable('fix runs', FIX_TICK_MS, log, carryOn);
  const wakeAfter = (waking: Promise<void>): Promise<void> => waking.then(task.wake);
  const subscriptions = [
    subscribeTo(
      bus,
      eventAny('presence'),
      async (changes) => {
        const back = changes.filter(({ connected }) => connected).map(({ device }) => device);
        if (back.length > 0) await wakeAfter(wakeRunsOfDevices(database, back));
      },
      { queue },
    ),
    subscribeTo(
      bus,
      eventAny('alert'),
      async (changes) => {
        const closed = changes.filter(({ change }) => change === 'closed').map(({ alert }) => alert);
        if (closed.length > 0) await wakeAfter(wakeRunsOfAlerts(database, closed));
      },
      { queue },
    ),
    // Whoever starts or cancels a run says so.
    subscribeTo(bus, eventAny('fix-run'), (changes) => {
      if (changes.some(({ state }) => state === 'waiting')) task.wake();
    }),
  ];
  return {
    wake: task.wake,
    async close() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await task.close();
      await Promise.all(underWay);
    },
  };
}

/** Plans and writes down the next step of each run that is due, in one transaction. */
async function writeSteps(database: Database, log: Log, nowMs: number): Promise<Outcome> {
  return await database.transaction().execute(async (transaction) => {
    const rows = await takeDueRuns(transaction, FIX_RUNS_TAKEN_MAX);
    const changes: FixRunChange[] = [];
    const deeds: Outcome['deeds'] = [];
    const entries: AlertEventEntry[] = [];
    for (const row of rows) {
      const done = await tryWrite(transaction, row, log, nowMs);
      if (!done) continue;
      const { due, step } = done;
      const change = changeBy(due, step);
      if (change) changes.push(change);
      if (DEEDS.has(step.kind)) deeds.push({ due, step });
      if (step.kind === 'end') entries.push(entryOf(due, step));
    }
    await recordAlertEvents(transaction, entries);
    return { changes, deeds, taken: rows.length };
  });
}

/** The step that was written; undefined when the run stays as it is. One that can't be carried on keeps no other waiting. */
async function tryWrite(
  transaction: Database,
  row: DueRow,
  log: Log,
  nowMs: number,
): Promise<Outcome['deeds'][number] | undefined> {
  try {
    return await inSavepoint(transaction, async () => {
      const due = await dueRunOf(transaction, row, nowMs);
      const step = await write(transaction, due, nowMs);
      return step && { due, step };
    });
  } catch (error) {
    log.error({ error, run: row.id }, 'a fix run could not be carried on; it is looked at again later');
    await postponeRun(transaction, row.id, nowMs + FIX_FAILED_REST_MS);
    return undefined;
  }
}

const DEEDS: ReadonlySet<RunStep['kind']> = new Set(['begin', 'send', 'next', 'cancel']);

/** The step that was written; undefined when the run stays as it is for now. */
async function write(transaction: Database, due: DueRun, nowMs: number): Promise<RunStep | undefined> {
  const step = planRun(due.facts, nowMs);
  try {
    return (await applyStep(transaction, due, step, nowMs)) || (DEEDS.has(step.kind) && step.kind !== 'begin')
      ? step
      : undefined;
  } catch (error) {
    if (!(error instanceof LovelyError)) throw error;
    const failed: RunStep = { kind: 'end', state: 'failed', reason: error.message, code: error.code };
    await applyStep(transaction, due, failed, nowMs);
    return failed;
  }
}

const STATE_AFTER = {
  begin: 'running',
  send: 'running',
  cancel: 'running',
  next: 'running',
  check: 'checking',
} as const;

function changeBy({ run }: DueRun, step: RunStep): FixRunChange | undefined {
  const state = step.kind === 'end' ? step.state : step.kind === 'wait' ? run.state : STATE_AFTER[step.kind];
  const { tenant_id: tenantId, device_id: deviceId, alert_id: alertId, id: runId, rollout_id: rolloutId } = run;
  // A run that waits is announced as such by whoever starts it: engines wake by that.
  if (step.kind === 'wait' && state === 'waiting') return undefined;
  return { tenantId, deviceId, alertId, runId, rolloutId, state };
}

function entryOf({ run }: DueRun, step: Extract<RunStep, { kind: 'end' }>): AlertEventEntry {
  return {
    tenantId: run.tenant_id,
    alertId: run.alert_id,
    kind: 'fix-run',
    text: `${run.fix_title}: ${step.reason}`,
    details: { runId: run.id, state: step.state },
  };
}

/** Read again every few seconds at most: a new key is announced long before it signs. */
function createSigningKeys(database: Database): () => Promise<SigningKeys> {
  let keys: SigningKeys | undefined;
  let readMs = 0;
  return async () => {
    if (!keys || Date.now() - readMs > COMMAND_KEYS_FRESH_MS) {
      readMs = Date.now();
      keys = { all: await listCommandKeys(database), current: await currentCommandKey(database) };
    }
    return keys;
  };
}
