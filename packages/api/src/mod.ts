/** HTTP contracts of our own API, the nouns it shows, and the typed client. */
export type { Access, Body, Endpoint, Params, Query, Result } from './endpoint.ts';
export { BUILT_IN_ROLES, builtInRole, PERMISSION_NAMES, PERMISSIONS } from './roles.ts';
export type { BuiltInRole, BuiltInRoleId, Permission } from './roles.ts';
export { deviceCondition, deviceFilter } from './device-filter.ts';
export type { DeviceCondition, DeviceFilter } from './device-filter.ts';
export { ApiError, call } from './call.ts';
export type { CallInput, Fetch } from './call.ts';
export { SENSOR_KINDS, sensorKind } from './sensor-kinds.ts';
export type { SensorKind, SensorKindName } from './sensor-kinds.ts';
export { listSensorModels, listSensors } from './endpoints/sensors.ts';
export { sendDeviceMessage } from './endpoints/messages.ts';
export type { Sensor } from './endpoints/sensors.ts';
export {
  deleteArtifact,
  deleteRelease,
  getArtifact,
  getRelease,
  listArtifacts,
  listReleases,
  listSoftwareNames,
  updateArtifact,
  updateRelease,
} from './endpoints/artifacts.ts';
export type { Artifact, Payload, PayloadFile, Release } from './endpoints/artifacts.ts';
export { createUpload, deleteUpload, getUpload, listUploads, madeContent, makeArtifact } from './endpoints/uploads.ts';
export type { MadeContent, Upload, UploadKind, UploadState } from './endpoints/uploads.ts';
export { createTrustedKey, deleteTrustedKey, listTrustedKeys, updateTrustedKey } from './endpoints/trusted-keys.ts';
export type { TrustedKey } from './endpoints/trusted-keys.ts';
export { PATHS } from './path.ts';
export { beginTotp, confirmTotp, createRecoveryCodes, deleteTotp, getFactors } from './endpoints/factors.ts';
export type { Factors, Proof } from './endpoints/factors.ts';
export {
  beginPasskey,
  beginPasskeyLogin,
  createPasskey,
  createPasskeyLogin,
  deletePasskey,
  listPasskeys,
  updatePasskey,
} from './endpoints/passkeys.ts';
export type { Passkey } from './endpoints/passkeys.ts';
export {
  createOidcProvider,
  deleteOidcProvider,
  findLoginProviders,
  listOidcProviders,
  updateOidcProvider,
} from './endpoints/oidc.ts';
export type { OidcProvider } from './endpoints/oidc.ts';
export { endLogin, endOtherLogins, listLogins } from './endpoints/logins.ts';
export type { Login } from './endpoints/logins.ts';
export { createToken, deleteToken, listTokens } from './endpoints/tokens.ts';
export type { Token } from './endpoints/tokens.ts';
export { createLogin, createSetup, deleteLogin, getMe, getSetup, updateMe } from './endpoints/people.ts';
export { deleteUser, deleteUserFactors, deleteUserLogins, getUser, listUsers, updateUser } from './endpoints/users.ts';
export type { Grant, UserAccount } from './endpoints/users.ts';
export {
  acceptInvitation,
  createInvitation,
  deleteInvitation,
  listInvitations,
  readInvitation,
  renewInvitation,
} from './endpoints/invitations.ts';
export type { Invitation, InvitationWithLink } from './endpoints/invitations.ts';
export {
  changePassword,
  completePasswordReset,
  createPasswordReset,
  readPasswordReset,
  requestPasswordReset,
} from './endpoints/passwords.ts';
export {
  deleteDevice,
  getDevice,
  getDeviceStatus,
  importDevices,
  listDevices,
  preauthorizeDevice,
  setAuthSetStatus,
  updateDevice,
} from './endpoints/devices.ts';
export {
  createTenant,
  deleteTenant,
  getOwnTenant,
  getTenant,
  listTenants,
  updateOwnTenant,
  updateTenant,
} from './endpoints/tenants.ts';
export type { OwnTenant, Tenant, TenantLimits, TenantSettings } from './endpoints/tenants.ts';
export { createJoinCode, deleteJoinCode, listJoinCodes } from './endpoints/join-codes.ts';
export type { JoinCode } from './endpoints/join-codes.ts';
export {
  createCertificateAuthority,
  deleteCertificateAuthority,
  listCertificateAuthorities,
} from './endpoints/certificate-authorities.ts';
export type { CertificateAuthority } from './endpoints/certificate-authorities.ts';
export {
  createWebhook,
  deleteWebhook,
  getDelivery,
  getWebhook,
  listDeliveries,
  listWebhooks,
  replayDelivery,
  replayFailedDeliveries,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  WEBHOOK_EVENTS,
  WEBHOOK_TEST_EVENT,
} from './endpoints/webhooks.ts';
export type { Delivery, DeliveryDetail, Webhook, WebhookEvent } from './endpoints/webhooks.ts';
export {
  createNotificationPolicy,
  deleteNotificationPolicy,
  getNotificationPolicy,
  getSubscription,
  listAlertNotifications,
  listNotificationPolicies,
  listNotifications,
  orderNotificationPolicies,
  previewNotifications,
  stopNotifications,
  testSubscription,
  updateNotificationPolicy,
  updateSubscription,
} from './endpoints/notifications.ts';
export type {
  AlertMatch,
  EscalationStep,
  Notification,
  NotificationKind,
  NotificationPolicy,
  NotificationPreview,
  NotificationState,
  QuietHours,
  Recipient,
  Subscription,
} from './endpoints/notifications.ts';
export { createRole, deleteRole, getUserAccess, listRoles, updateRole } from './endpoints/roles.ts';
export type { Role } from './endpoints/roles.ts';
export {
  addGroupDevices,
  createGroup,
  deleteGroup,
  getGroup,
  listFilterAttributes,
  listGroups,
  previewFilter,
  removeGroupDevices,
  updateGroup,
} from './endpoints/groups.ts';
export type { Group } from './endpoints/groups.ts';
export {
  backtestRule,
  createRule,
  deleteRule,
  getRule,
  listRules,
  listRuleVersions,
  previewRule,
  resetRule,
  ruleDraft,
  updateRule,
} from './endpoints/rules.ts';
export type { Rule, RuleDraft, RuleOf, RuleTarget, RuleVersion } from './endpoints/rules.ts';
export { watch } from './watch.ts';
export type { Watch } from './watch.ts';
export { getDeviceHistory, getGroupHistory, namesIn } from './endpoints/history.ts';
export type { GroupHistory, History, HistoryResolution, HistorySeries } from './endpoints/history.ts';
export { describeMetric, METRIC_CATALOGUE, METRIC_UNITS, starOf } from './metric-catalogue.ts';
export type { MetricDescription, MetricKind, MetricUnit } from './metric-catalogue.ts';
export { auditFilter, listAudit, listAuditFacets, verifyAudit } from './endpoints/audit.ts';
export type { AuditEntry, AuditFilter } from './endpoints/audit.ts';
export {
  acknowledgeAlert,
  alertAction,
  assignAlert,
  changeAlerts,
  commentAlert,
  getAlert,
  listAlertFacets,
  listAlerts,
  listAssignees,
  reopenAlert,
  resolveAlert,
  snoozeAlert,
  unacknowledgeAlert,
  unsnoozeAlert,
} from './endpoints/alerts.ts';
export type { AlertAction, AlertDetail, AlertEvent, AlertEventKind, AlertsChanged } from './endpoints/alerts.ts';
export { changeIncident, getIncident, listIncidents } from './endpoints/incidents.ts';
export type { Incident, IncidentDetail, IncidentTrait } from './endpoints/incidents.ts';
export {
  getDeviceConfiguration,
  getDeviceConfigurationForm,
  listConfigurations,
  listDeviceConfigurationVersions,
  putDeviceConfiguration,
  retryDeviceConfiguration,
  revertDeviceConfiguration,
} from './endpoints/configurations.ts';
export type {
  Configuration,
  ConfigurationCounts,
  ConfigurationEntry,
  ConfigurationFormField,
  ConfigurationProblem,
  ConfigurationState,
  ConfigurationVersion,
} from './endpoints/configurations.ts';
export {
  getGroupConfiguration,
  getGroupConfigurationForm,
  listGroupConfigurationVersions,
  putGroupConfiguration,
  revertGroupConfiguration,
} from './endpoints/group-configurations.ts';
export type { GroupConfiguration, GroupConfigurationVersion } from './endpoints/group-configurations.ts';
export {
  configurationField,
  createConfigurationSchema,
  deleteConfigurationSchema,
  getConfigurationSchema,
  listConfigurationSchemas,
  listConfigurationSchemaVersions,
  resetConfigurationSchema,
  updateConfigurationSchema,
} from './endpoints/configuration-schemas.ts';
export type {
  ConfigurationField,
  ConfigurationFieldType,
  ConfigurationSchema,
  ConfigurationSchemaDraft,
  ConfigurationSchemaOf,
  ConfigurationSchemaVersion,
} from './endpoints/configuration-schemas.ts';
export { configurationValues } from './configuration-values.ts';
export type { ConfigurationValues } from './configuration-values.ts';
export { createFix, deleteFix, getFix, listFixes, resetFix, updateFix } from './endpoints/fixes.ts';
export type { Fix, FixAction, FixAutomatic, FixParameter, FixStats, FixValue } from './endpoints/fixes.ts';
export { cancelFixRun, getFixRun, listFixRuns, runFix } from './endpoints/fix-runs.ts';
export type { FixRun, FixRunDetail, FixRunState } from './endpoints/fix-runs.ts';
export {
  abortFixRollout,
  continueFixRollout,
  createFixRollout,
  getFixRollout,
  listFixRollouts,
  pauseFixRollout,
  previewFixRollout,
} from './endpoints/fix-rollouts.ts';
export type { FixRollout, FixRolloutState, FixRolloutTarget } from './endpoints/fix-rollouts.ts';
export {
  abortDeployment,
  continueDeployment,
  countDeployments,
  createDeployment,
  deploymentDeviceState,
  getDeployment,
  listDeployments,
  pauseDeployment,
  previewDeployment,
  retryDeployment,
  updateDeployment,
} from './endpoints/deployments.ts';
export type {
  Deployment,
  DeploymentCounts,
  DeploymentDetail,
  DeploymentDeviceState,
  DeploymentPhase,
  DeploymentState,
  GateFigure,
} from './endpoints/deployments.ts';
export {
  abortDeploymentDevice,
  continueDeploymentDevice,
  getDeploymentDevice,
  getDeploymentLog,
  listDeploymentDevices,
  listDeploymentFailures,
  listDeviceDeployments,
  pauseDeploymentDevice,
} from './endpoints/deployment-devices.ts';
export { deploymentOptions } from './endpoints/deployment-options.ts';
export type {
  DeploymentGates,
  DeploymentOptions,
  DeploymentPhaseWish,
  DeploymentTarget,
  MaintenanceWindow,
  UpdatePause,
} from './endpoints/deployment-options.ts';
export type {
  DeploymentDevice,
  DeploymentDeviceDetail,
  DeploymentEvent,
  DeploymentSensor,
  FailureGroup,
  LogLine,
  UpdateCauseFound,
} from './endpoints/deployment-devices.ts';
export { getDeviceSoftware, listSoftwareDevices, listSoftwareVersions } from './endpoints/software.ts';
export type { DeviceSoftware, DeviceSoftwareDetail, SoftwareDrift, SoftwareVersion } from './endpoints/software.ts';
export { getSystem } from './endpoints/system.ts';
export { getFleet, listClusters, listHousesInView, searchTowns } from './endpoints/fleet.ts';
export {
  ALERT_COUNT_MAX,
  ALERT_IDS_MAX,
  ALERTS_CHANGED_MAX,
  AUDIT_RETENTION_DAYS_MAX,
  AUDIT_RETENTION_DAYS_MIN,
  BACKTEST_DAYS_MAX,
  BODY_BYTES_MAX,
  CLOSE_REASON_LENGTH_MAX,
  CLUSTERS_MAX,
  COMMENT_LENGTH_MAX,
  CONFIGURATION_KEY_LENGTH_MAX,
  CONFIGURATION_VALUES_MAX,
  DEPLOYMENT_DEVICES_MAX,
  DEPLOYMENT_PARALLEL_MAX,
  DEPLOYMENT_PHASES_MAX,
  DEPLOYMENT_PRIORITY_MAX,
  DEPLOYMENT_RETRIES_MAX,
  DESCRIPTION_LENGTH_MAX,
  FILTER_CONDITIONS_MAX,
  FIX_ACTIONS_MAX,
  FIX_PARAMETERS_MAX,
  FIX_STEPS_MAX,
  GRANTS_MAX,
  GROUP_CHANGE_DEVICES_MAX,
  HISTORY_METRICS_MAX,
  IMPORT_LENGTH_MAX,
  IMPORT_LINES_MAX,
  JOIN_CODE_MINUTES_MAX,
  MESSAGE_BYTES_MAX,
  PAGE_DEFAULT,
  NAME_LENGTH_MAX,
  NOTIFICATION_POLICIES_MAX,
  RECIPIENTS_MAX,
  RELEASE_NOTES_LENGTH_MAX,
  ESCALATION_STEPS_MAX,
  PAGE_MAX,
  PHASE_PAUSE_MS_MAX,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  PLACES_MAX,
  RULE_STEPS_MAX,
  RULE_TARGETS_MAX,
  SNOOZE_DAYS_MAX,
  SOFTWARE_NAMES_MAX,
  TAG_LENGTH_MAX,
  TAGS_MAX,
  TOKEN_DAYS_MAX,
  UPLOAD_BYTES_MAX,
  UPLOAD_PART_BYTES,
} from './limits.ts';
export { devicePatch } from './nouns.ts';
export type {
  Alert,
  AlertGroup,
  AlertState,
  AuthSet,
  Device,
  DeviceDetail,
  DevicePatch,
  DeviceStatus,
  DisconnectReason,
  Health,
  Metric,
  PersonName,
  Place,
  Problem,
  Severity,
  Town,
  User,
} from './nouns.ts';
