/** Deployments for gateways that ask for them, as Mender's clients do, and what these may be told to wait for. */
import { sql } from 'kysely';
import type { UpdatePause } from '@lovely/api';
import type { ChoosableArtifact } from '../domain/artifact-choice.ts';
import type { House } from '../domain/deployment-house.ts';
import { planDeployment } from '../domain/deployment-plan.ts';
import { pausesOf } from '../domain/deployment-turn.ts';
import { artifactsById } from './deployment-artifacts.ts';
import type { DeploymentChange } from './deployment-changes.ts';
import { turnOf } from './deployment-engine.ts';
import { NOBODY_AWAY, readFacts, type DeploymentRow } from './deployment-facts.ts';
import { HOUSE, lockTurns } from './deployment-houses.ts';
import { beginHouse } from './deployment-turns.ts';
import { storeProvides } from './device-software.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface PollerOffer {
  readonly deploymentId: string;
  readonly attempt: number;
  readonly artifact: {
    readonly id: string;
    readonly name: string;
    readonly deviceTypes: readonly string[];
    readonly bytes: number;
    readonly sha256: string;
  };
  readonly isForced: boolean;
  readonly pauseBefore: readonly UpdatePause[];
  readonly bytesPerSecond: number | null;
  /** Undefined: all that fit the artifact. */
  readonly sensors: readonly string[] | undefined;
}

/**
 * What a gateway that asks is to install now: the same answer until that is over. Undefined: nothing now. It stores what
 * the gateway provides. Publish the changes with `announceDeployments` once it is committed.
 */
export async function nextForPoller(
  database: Database,
  tenantId: string,
  deviceId: string,
  provides: Readonly<Record<string, string>>,
): Promise<{ offer: PollerOffer | undefined; changes: DeploymentChange[] }> {
  return await inTransaction(database, async (transaction) => {
    await storeProvides(transaction, [{ tenantId, deviceId, provides, by: 'poll' }]);
    const known = await activeOffer(transaction, tenantId, deviceId);
    if (known) return { offer: known, changes: [] };
    if (!(await hasOpen(transaction, deviceId))) return { offer: undefined, changes: [] };
    await lockTurns(transaction, tenantId);
    return await nextTurn(transaction, tenantId, deviceId);
  });
}

async function nextTurn(
  transaction: Database,
  tenantId: string,
  deviceId: string,
): Promise<{ offer: PollerOffer | undefined; changes: DeploymentChange[] }> {
  const changes: DeploymentChange[] = [];
  for (;;) {
    // The one that comes first has the house, whether it may begin there now or not.
    const row = await transaction
      .selectFrom('deployments')
      .selectAll('deployments')
      .where('state', '=', 'running')
      .where(
        sql<boolean>`exists (select from deployment_devices as house where house.deployment_id = deployments.id
          and house.device_id = ${deviceId} and house.tenant_id = ${tenantId} and house.finished_at is null)`,
      )
      .orderBy('priority', 'desc')
      .orderBy('created_at')
      .orderBy('id')
      .limit(1)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return { offer: undefined, changes };
    const nowMs = Date.now();
    const { facts } = await readFacts(transaction, row, nowMs, NOBODY_AWAY);
    const step = planDeployment({ ...facts, isDry: false }, nowMs);
    if (step.kind !== 'begin') return { offer: undefined, changes };
    const { grants, changed } = await beginHouse(transaction, await turnOf(transaction, row), deviceId, step, nowMs);
    const [grant] = grants;
    if (grant) {
      changes.push({ tenantId, deploymentId: row.id, deviceId });
      return { offer: toOffer(row, grant.house, grant.artifact), changes };
    }
    // There was nothing in this one for it: what comes next?
    if (!changed.some(({ finishedMs }) => finishedMs !== null)) return { offer: undefined, changes };
    changes.push({ tenantId, deploymentId: row.id, deviceId });
  }
}

async function hasOpen(database: Database, deviceId: string): Promise<boolean> {
  const { rows } = await sql`select from deployment_devices
    where device_id = ${deviceId} and finished_at is null limit 1`.execute(database);
  return rows.length > 0;
}

/** What it was offered and is not over; noted as heard of, so that it is not given up. */
async function activeOffer(
  transaction: Database,
  tenantId: string,
  deviceId: string,
): Promise<PollerOffer | undefined> {
  const { rows } = await sql<House>`
    select ${HOUSE} from deployment_devices as house
    where house.device_id = ${deviceId} and house.tenant_id = ${tenantId} and house.finished_at is null
      and house.granted_at is not null for update`.execute(transaction);
  const house = rows[0];
  if (!house?.artifactId) return undefined;
  const row = await transaction
    .selectFrom('deployments')
    .selectAll()
    .where('id', '=', house.deploymentId)
    .executeTakeFirstOrThrow();
  if (row.state === 'aborted') return undefined;
  const artifact = (await artifactsById(transaction, [house.artifactId])).get(house.artifactId);
  if (!artifact) return undefined;
  await transaction
    .updateTable('deployment_devices')
    .set({ heard_at: sql<Date>`now()` })
    .where('deployment_id', '=', house.deploymentId)
    .where('device_id', '=', deviceId)
    .execute();
  return toOffer(row, house, artifact);
}

function toOffer(row: DeploymentRow, house: House, artifact: ChoosableArtifact): PollerOffer {
  const { id, name, deviceTypes, bytes, sha256 } = artifact;
  const { options } = row;
  return {
    deploymentId: row.id,
    attempt: house.attempt,
    artifact: { id, name, deviceTypes, bytes, sha256 },
    isForced: options.force,
    pauseBefore: pausesOf(house, options.pauseBefore, row.state === 'paused'),
    bytesPerSecond: options.bytesPerSecond,
    sensors: options.sensors ?? undefined,
  };
}

/** Where the gateway is to wait in this deployment; undefined: it is in no such deployment any more. */
export async function getUpdateControl(
  database: Database,
  {
    tenantId,
    deviceId,
    deploymentId,
  }: { readonly tenantId: string; readonly deviceId: string; readonly deploymentId: string },
): Promise<{ readonly pauseBefore: readonly UpdatePause[] } | undefined> {
  const { rows } = await sql<{
    pauses: UpdatePause[];
    passed: UpdatePause[];
    pauseBefore: UpdatePause[];
    state: string;
  }>`
    with asked as (
      update deployment_devices as house set heard_at = now()
      where house.deployment_id = ${deploymentId} and house.device_id = ${deviceId} and house.tenant_id = ${tenantId}
        and house.finished_at is null and house.granted_at is not null
      returning house.deployment_id, house.pauses, house.passed)
    select asked.pauses, asked.passed, deployments.options -> 'pauseBefore' as "pauseBefore", deployments.state
    from asked join deployments on deployments.id = asked.deployment_id`.execute(database);
  const row = rows[0];
  if (!row || row.state === 'aborted') return undefined;
  return { pauseBefore: pausesOf(row, row.pauseBefore, row.state === 'paused') };
}
