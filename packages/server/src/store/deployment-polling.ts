/** Deployments for gateways that ask for them, as Mender's clients do, and what these may be told to wait for. */
import type { UpdatePause } from '@lovely/api';
import type { DeploymentChange } from './deployment-changes.ts';
import type { Database } from './store.ts';

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
  _database: Database,
  _tenantId: string,
  _deviceId: string,
  _provides: Readonly<Record<string, string>>,
): Promise<{ offer: PollerOffer | undefined; changes: DeploymentChange[] }> {
  throw new Error('follows');
}

/** Where the gateway is to wait in this deployment; undefined: it is in no such deployment any more. */
export async function getUpdateControl(
  _database: Database,
  _of: { readonly tenantId: string; readonly deviceId: string; readonly deploymentId: string },
): Promise<{ readonly pauseBefore: readonly UpdatePause[] } | undefined> {
  throw new Error('follows');
}
