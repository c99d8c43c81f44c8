/** What others are told of deployments that changed, once it is committed. */
export interface DeploymentChange {
  readonly tenantId: string;
  readonly deploymentId: string;
  /** A house of it; null: it changed as a whole. */
  readonly deviceId: string | null;
}
