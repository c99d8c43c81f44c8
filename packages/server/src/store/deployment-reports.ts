/** What gateways say of their updates: the one way in, from the wire and from Mender's paths. */
import { sql } from 'kysely';
import type { UpdateCauseFound } from '@lovely/api';
import type { SensorUpdate, UpdateState } from '@lovely/protocol';
import { aborted, isActive, isFinal, released, type House } from '../domain/deployment-house.ts';
import { hear, type Heard } from '../domain/deployment-report.ts';
import {
  CAUSE_STEP_LENGTH_MAX,
  DEPLOYMENT_RESEND_MS,
  FAILURE_MESSAGE_LENGTH_MAX,
  SUBSTATE_LENGTH_MAX,
} from '../software-limits.ts';
import { artifactsById } from './deployment-artifacts.ts';
import type { DeploymentChange } from './deployment-changes.ts';
import {
  countedEvents,
  HOUSE,
  houseEvent,
  insertDeploymentEvents,
  storable,
  wakeHouses,
  writeHouses,
  type NewEvent,
} from './deployment-houses.ts';
import { noteInstalled, type Installed } from './device-software.ts';
import { isNameTaken } from './errors.ts';
import { storeDeploymentSensors } from './deployment-sensors.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface DeploymentReport {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly deploymentId: string;
  /** Undefined: the one that is on; Mender's clients know of no other. */
  readonly attempt?: number | undefined;
  /** '' tells a substate only (COMPAT, pitfall 6). */
  readonly state: UpdateState | '';
  readonly substate?: string | undefined;
  /** On the gateway's clock, or when it came in. */
  readonly atMs: number;
  readonly bytes?: number | undefined;
  readonly cause?: UpdateCauseFound | undefined;
  readonly isRolledBack?: boolean | undefined;
  readonly sensors?: readonly SensorUpdate[] | undefined;
}

/** stored: or known already. aborted: the gateway must stop and go back. unknown: it was never offered that. */
export type ReportOutcome = 'stored' | 'aborted' | 'unknown';

/** Stores one report. Publish the changes with `announceDeployments` once it is committed. */
export async function storeDeploymentReport(
  database: Database,
  report: DeploymentReport,
): Promise<{ outcome: ReportOutcome; changes: DeploymentChange[] }> {
  const { outcomes, changes } = await storeDeploymentReports(database, [report]);
  return { outcome: outcomes[0]!, changes };
}

interface Row {
  readonly house: House;
  readonly retries: number;
  readonly isAborted: boolean;
}

/** The same for many, in their order; one outcome for each. */
export async function storeDeploymentReports(
  database: Database,
  reports: readonly DeploymentReport[],
): Promise<{ outcomes: ReportOutcome[]; changes: DeploymentChange[] }> {
  if (reports.length === 0) return { outcomes: [], changes: [] };
  return await inTransaction(database, async (transaction) => {
    const rows = await lockHouses(transaction, reports);
    const ofRow = new Map(rows.map((row) => [keyOf(row.house), row]));
    const houses = new Map([...ofRow].map(([key, { house }]) => [key, house]));
    const events: NewEvent[] = [];
    const ended: { house: House; end: NonNullable<Heard['end']> }[] = [];
    const sensors: { report: DeploymentReport; house: House }[] = [];
    const nowMs = Date.now();
    const outcomes = reports.map((report): ReportOutcome => {
      const key = keyOf(report);
      const row = ofRow.get(key);
      const known = houses.get(key);
      if (!row || !known || known.tenantId !== report.tenantId) return 'unknown';
      const before = row.isAborted && !isFinal(known) ? aborted(known, 'The deployment was ended.', nowMs) : known;
      const heard = hear(before, wordOf(report), row.retries, nowMs, Math.random());
      const counted = countedEvents(heard.house, heard.events);
      houses.set(key, counted.house);
      for (const { kind, attempt, state, substate, text } of counted.events)
        events.push(
          houseEvent(known, kind, {
            attempt,
            state,
            substate,
            text,
            deviceMs: kind === 'retry' ? null : Math.round(report.atMs),
            bytes: report.bytes ?? null,
            cause: kind === 'retry' ? null : cleanCause(report.cause),
          }),
        );
      if (heard.end !== null) ended.push({ house: counted.house, end: heard.end });
      if (heard.outcome !== 'unknown' && report.sensors?.length) sensors.push({ report, house: counted.house });
      return heard.outcome;
    });
    givePlace(rows, houses);
    const changed = [...houses].filter(([key, house]) => house !== ofRow.get(key)!.house).map(([, house]) => house);
    await writeOrRepeat(transaction, changed);
    await insertDeploymentEvents(transaction, events);
    await storeDeploymentSensors(transaction, sensors);
    await noteReboots(transaction, changed);
    await noteEnds(transaction, ended);
    const withNews = new Set([...events.map(keyOf), ...sensors.map(({ house }) => keyOf(house))]);
    const installed = new Set(ended.filter(({ end }) => end === 'success').map(({ house }) => keyOf(house)));
    return {
      outcomes,
      changes: [...withNews].map((key) => {
        const { tenantId, deploymentId, deviceId } = houses.get(key)!;
        return { tenantId, deploymentId, deviceId, ...(installed.has(key) ? { isSoftware: true as const } : {}) };
      }),
    };
  });
}

function keyOf({ deploymentId, deviceId }: { deploymentId: string; deviceId: string | null }): string {
  return `${deploymentId} ${deviceId}`;
}

/** The houses that are spoken of, and what else these gateways were offered, each locked in one order. */
async function lockHouses(transaction: Database, reports: readonly DeploymentReport[]): Promise<Row[]> {
  const { rows } = await sql<House & Omit<Row, 'house'>>`
    with meant as (
      select * from unnest(${reports.map(({ deploymentId }) => deploymentId)}::uuid[],
        ${reports.map(({ deviceId }) => deviceId)}::uuid[]) as spoken (deployment_id, device_id)
      -- With "or" in its place PostgreSQL reads all houses of all deployments.
      union select deployment_id, device_id from deployment_devices
        where device_id = any(${reports.map(({ deviceId }) => deviceId)}::uuid[])
          and finished_at is null and granted_at is not null)
    select ${HOUSE}, coalesce((deployments.options ->> 'retries')::int, 0) as retries,
      deployments.state = 'aborted' as "isAborted"
    from meant
    join deployment_devices as house on house.deployment_id = meant.deployment_id and house.device_id = meant.device_id
    join deployments on deployments.id = house.deployment_id
    order by house.deployment_id, house.device_id for update of house`.execute(transaction);
  return rows.map(({ retries, isAborted, ...house }) => ({ house, retries, isAborted }));
}

function wordOf({ attempt, state, substate = '', atMs, bytes, cause, isRolledBack }: DeploymentReport) {
  return {
    attempt,
    state,
    substate: storable(substate, SUBSTATE_LENGTH_MAX),
    atMs: Math.round(atMs),
    bytes,
    cause: cleanCause(cause) ?? undefined,
    isRolledBack,
  };
}

function cleanCause(cause: UpdateCauseFound | undefined): UpdateCauseFound | null {
  if (!cause) return null;
  const { code, step, message } = cause;
  return {
    code: storable(code, CAUSE_STEP_LENGTH_MAX),
    step: storable(step, CAUSE_STEP_LENGTH_MAX),
    message: storable(message, FAILURE_MESSAGE_LENGTH_MAX),
  };
}

/** A house that began after its turn was taken back has it again: what it was offered meanwhile waits. */
function givePlace(rows: readonly Row[], houses: Map<string, House>): void {
  const before = rows.map(({ house }) => house);
  const regained = before.filter((house) => !isActive(house) && isActive(houses.get(keyOf(house))!));
  for (const house of regained) {
    const { deviceId, deploymentId } = house;
    const other = before.find((one) => one.deviceId === deviceId && one.deploymentId !== deploymentId && isActive(one));
    const now = other && houses.get(keyOf(other))!;
    if (!now || !isActive(now)) continue;
    // Both can't be in the middle of it: the one that is, stays.
    if (now.state === 'pending') houses.set(keyOf(now), released(now, BLOCKED, Date.now() + DEPLOYMENT_RESEND_MS));
    else houses.set(keyOf(house), house);
  }
}

/** Another deployment may have given the gateway a turn at this moment: then all of it is read and judged again. */
async function writeOrRepeat(transaction: Database, houses: readonly House[]): Promise<void> {
  try {
    await writeHouses(transaction, houses);
  } catch (cause) {
    throw isNameTaken(cause) ? new Error('a house had its turn elsewhere just now', { cause }) : cause;
  }
}

const BLOCKED = 'Waits for another deployment on this house.';

/** Its word that it restarts may come after the end of its connection: that is why it ended. */
async function noteReboots(transaction: Database, changed: readonly House[]): Promise<void> {
  const rebooting = changed.filter(({ state }) => state === 'rebooting').map(({ deviceId }) => deviceId);
  if (rebooting.length === 0) return;
  await sql`update presence set reason = 'rebooting-for-update'
    where device_id = any(${rebooting}::uuid[]) and not connected and reason in ('closed', 'timeout')`.execute(
    transaction,
  );
}

/** A house that is through is free for what waits, and has what it got. */
export async function noteEnds(
  transaction: Database,
  ended: readonly { readonly house: House; readonly end: NonNullable<Heard['end']> }[],
): Promise<void> {
  const succeeded = ended.filter(({ house, end }) => end === 'success' && house.artifactId !== null);
  const artifacts = await artifactsById(
    transaction,
    succeeded.map(({ house }) => house.artifactId!),
  );
  await noteInstalled(
    transaction,
    succeeded.flatMap(({ house }): Installed[] => {
      const { tenantId, deviceId, deploymentId } = house;
      const artifact = artifacts.get(house.artifactId!);
      return artifact ? [{ tenantId, deviceId, deploymentId, artifact }] : [];
    }),
  );
  await wakeHouses(
    transaction,
    ended.map(({ house }) => house.deviceId),
  );
}
