/** What gateways say of their updates: the one way in, from the wire and from Mender's paths. */
import type { LogLine, UpdateCauseFound } from '@lovely/api';
import type { SensorUpdate, UpdateState } from '@lovely/protocol';
import type { DeploymentChange } from './deployment-changes.ts';
import type { Database } from './store.ts';

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

export interface DeploymentLog {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly deploymentId: string;
  readonly attempt?: number | undefined;
  /** Rises with each part; undefined: this is all of it, and takes the place of what there was. */
  readonly messageId?: number | undefined;
  readonly lines: readonly LogLine[];
}

/** Stores one report. Publish the changes with `announceDeployments` once it is committed. */
export async function storeDeploymentReport(
  database: Database,
  report: DeploymentReport,
): Promise<{ outcome: ReportOutcome; changes: DeploymentChange[] }> {
  const { outcomes, changes } = await storeDeploymentReports(database, [report]);
  return { outcome: outcomes[0]!, changes };
}

/** The same for many, in their order; one outcome for each. */
export async function storeDeploymentReports(
  _database: Database,
  _reports: readonly DeploymentReport[],
): Promise<{ outcomes: ReportOutcome[]; changes: DeploymentChange[] }> {
  throw new Error('follows');
}

/** Keeps what fits; also of updates that are over. */
export async function storeDeploymentLog(
  _database: Database,
  _log: DeploymentLog,
): Promise<{ outcome: Exclude<ReportOutcome, 'aborted'>; changes: DeploymentChange[] }> {
  throw new Error('follows');
}
