/** A deployment to one house, as part of something else: a fix that brings an update. */
import type { DeploymentDeviceState, UpdateCauseFound } from '@lovely/api';
import { deploymentOptions } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { findEnd } from './deployment-devices.ts';
import { insertDeployment } from './deployments.ts';
import type { StartedBy } from './schema/fixes.ts';
import type { Database } from './store.ts';

/**
 * Rolls a release out to one house, within the transaction. Once it is committed, the deployment is to be announced
 * (`announceDeployments`), so that workers begin at once. Throws 'no-such-artifact', 'no-houses', 'limit-reached'.
 */
export async function deployToDevice(
  transaction: Database,
  tenantId: string,
  of: {
    readonly deviceId: string;
    readonly artifactName: string;
    readonly name: string;
    readonly isForced: boolean;
    readonly priority: number;
    readonly startedBy: StartedBy;
  },
): Promise<string> {
  return await insertDeployment(transaction, tenantId, {
    name: of.name,
    artifactName: of.artifactName,
    kind: 'software',
    target: { kind: 'devices', ids: [of.deviceId] },
    options: deploymentOptions.parse({ gates: null, force: of.isForced, priority: of.priority }),
    scope: ALL_DEVICES,
    createdBy: of.startedBy,
  });
}

/** How it ended on the house; undefined while it is on. */
export async function endOfDeployment(
  database: Database,
  deploymentId: string,
  deviceId: string,
): Promise<{ readonly state: DeploymentDeviceState; readonly cause: UpdateCauseFound | null } | undefined> {
  return await findEnd(database, deploymentId, deviceId);
}
