/** Deployments for gateways that ask for them, as Mender's clients do, and what these may be told to wait for. */
import { sql } from 'kysely';
import type { UpdatePause } from '@lovely/api';
import type { ChoosableArtifact } from '../domain/artifact-choice.ts';
import type { House } from '../domain/deployment-house.ts';
import { planDeployment, type DeploymentStep } from '../domain/deployment-plan.ts';
import { pausesOf } from '../domain/deployment-turn.ts';
import { artifactsById } from './deployment-artifacts.ts';
import type { DeploymentChange } from './deployment-changes.ts';
import { turnOf } from './deployment-engine.ts';
import { NOBODY_AWAY, readFacts, type DeploymentRow } from './deployment-facts.ts';
import { HOUSE } from './deployment-houses.ts';
import { beginHouse } from './deployment-turns.ts';
import { storeProvides } from './device-software.ts';
import { isNameTaken } from './errors.ts';
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
  // By itself: who waits for a deployment must keep nobody from the rows of the house.
  await storeProvides(database, [{ tenantId, deviceId, provides, by: 'poll' }]);
  try {
    return await inTransaction(database, async (transaction) => {
      const known = await activeOffer(transaction, tenantId, deviceId);
      return known ? { offer: known, changes: [] } : await nextTurn(transaction, tenantId, deviceId);
    });
  } catch (error) {
    // It had its turn elsewhere just now; it asks again.
    if (isNameTaken(error)) return { offer: undefined, changes: [] };
    throw error;
  }
}

async function nextTurn(
  transaction: Database,
  tenantId: string,
  deviceId: string,
): Promise<{ offer: PollerOffer | undefined; changes: DeploymentChange[] }> {
  const changes: DeploymentChange[] = [];
  for (;;) {
    const nowMs = Date.now();
    const first = await firstDeployment(transaction, tenantId, deviceId);
    // Nobody is kept waiting for a house that could not begin anyway.
    if (!first || (await stepOf(transaction, first, nowMs)).kind !== 'begin') return { offer: undefined, changes };
    const row = await lockRunning(transaction, first.id);
    if (!row) return { offer: undefined, changes };
    const step = await stepOf(transaction, row, nowMs);
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

/** The one that comes first has the house, whether it may begin there now or not. */
async function firstDeployment(
  database: Database,
  tenantId: string,
  deviceId: string,
): Promise<DeploymentRow | undefined> {
  return await database
    .selectFrom('deployments')
    .selectAll('deployments')
    .where('state', '=', 'running')
    .where(
      sql<boolean>`deployments.id in (select house.deployment_id from deployment_devices as house
        where house.device_id = ${deviceId} and house.tenant_id = ${tenantId} and house.finished_at is null)`,
    )
    .orderBy('priority', 'desc')
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

/** Who has locked it gives its turns; others of the organisation go on meanwhile. */
async function lockRunning(transaction: Database, id: string): Promise<DeploymentRow | undefined> {
  return await transaction
    .selectFrom('deployments')
    .selectAll()
    .where('id', '=', id)
    .where('state', '=', 'running')
    .forNoKeyUpdate()
    .executeTakeFirst();
}

async function stepOf(database: Database, row: DeploymentRow, nowMs: number): Promise<DeploymentStep> {
  const { facts } = await readFacts(database, row, nowMs, NOBODY_AWAY);
  return planDeployment({ ...facts, isDry: false }, nowMs);
}

/** What it was offered and is not over. That it asks once more tells nothing of how far it is. */
async function activeOffer(
  transaction: Database,
  tenantId: string,
  deviceId: string,
): Promise<PollerOffer | undefined> {
  const { rows } = await sql<House>`
    select ${HOUSE} from deployment_devices as house
    where house.device_id = ${deviceId} and house.tenant_id = ${tenantId} and house.finished_at is null
      and house.granted_at is not null`.execute(transaction);
  const house = rows[0];
  if (!house?.artifactId) return undefined;
  const row = await transaction
    .selectFrom('deployments')
    .selectAll()
    .where('id', '=', house.deploymentId)
    .executeTakeFirstOrThrow();
  if (row.state === 'aborted') return undefined;
  const artifact = (await artifactsById(transaction, [house.artifactId])).get(house.artifactId);
  return artifact && toOffer(row, house, artifact);
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
