/** What others are told of deployments that changed, once it is committed. */
export interface DeploymentChange {
  readonly tenantId: string;
  readonly deploymentId: string;
  /** The house that it changed on, or one of its houses; null: there is none. */
  readonly deviceId: string | null;
  /** Other software runs on the house now. */
  readonly isSoftware?: true;
}
