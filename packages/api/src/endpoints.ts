/** Every contract and every noun by name: what documentation, command line and attacks are made of. */
import type { z } from 'zod';
import { deviceCondition, deviceFilter } from './device-filter.ts';
import {
  alert,
  alertGroup,
  alertState,
  authSet,
  device,
  deviceDetail,
  devicePatch,
  deviceStatus,
  disconnectReason,
  health,
  metric,
  person,
  place,
  problem,
  severity,
  town,
  user,
} from './nouns.ts';
import { watch } from './watch.ts';
import type { Endpoint } from './endpoint.ts';
import * as alerts from './endpoints/alerts.ts';
import * as artifacts from './endpoints/artifacts.ts';
import * as audit from './endpoints/audit.ts';
import * as certificateAuthorities from './endpoints/certificate-authorities.ts';
import * as configurationSchemas from './endpoints/configuration-schemas.ts';
import * as configurations from './endpoints/configurations.ts';
import * as deploymentDevices from './endpoints/deployment-devices.ts';
import * as deploymentOptions from './endpoints/deployment-options.ts';
import * as deployments from './endpoints/deployments.ts';
import * as devices from './endpoints/devices.ts';
import * as factors from './endpoints/factors.ts';
import * as fixRollouts from './endpoints/fix-rollouts.ts';
import * as fixRuns from './endpoints/fix-runs.ts';
import * as fixes from './endpoints/fixes.ts';
import * as fleet from './endpoints/fleet.ts';
import * as groupConfigurations from './endpoints/group-configurations.ts';
import * as groups from './endpoints/groups.ts';
import * as history from './endpoints/history.ts';
import * as incidents from './endpoints/incidents.ts';
import * as invitations from './endpoints/invitations.ts';
import * as joinCodes from './endpoints/join-codes.ts';
import * as logins from './endpoints/logins.ts';
import * as messages from './endpoints/messages.ts';
import * as notifications from './endpoints/notifications.ts';
import * as oidc from './endpoints/oidc.ts';
import * as passkeys from './endpoints/passkeys.ts';
import * as passwords from './endpoints/passwords.ts';
import * as people from './endpoints/people.ts';
import * as roles from './endpoints/roles.ts';
import * as rules from './endpoints/rules.ts';
import * as sensors from './endpoints/sensors.ts';
import * as software from './endpoints/software.ts';
import * as system from './endpoints/system.ts';
import * as tenants from './endpoints/tenants.ts';
import * as tokens from './endpoints/tokens.ts';
import * as trustedKeys from './endpoints/trusted-keys.ts';
import * as uploads from './endpoints/uploads.ts';
import * as users from './endpoints/users.ts';
import * as webhooks from './endpoints/webhooks.ts';

type EndpointsOf<M> = { [K in keyof M as M[K] extends Endpoint ? K : never]: M[K] };

function endpointsOf<M extends object>(module: M): EndpointsOf<M> {
  return Object.fromEntries(Object.entries<unknown>(module as never).filter(([, value]) => isEndpoint(value))) as never;
}

function isEndpoint(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value;
}

/** By the name that a contract is exported by, which is its operation's id in the OpenAPI document. */
export const ENDPOINTS = {
  ...endpointsOf(alerts),
  ...endpointsOf(artifacts),
  ...endpointsOf(audit),
  ...endpointsOf(certificateAuthorities),
  ...endpointsOf(configurationSchemas),
  ...endpointsOf(configurations),
  ...endpointsOf(deploymentDevices),
  ...endpointsOf(deployments),
  ...endpointsOf(devices),
  ...endpointsOf(factors),
  ...endpointsOf(fixRollouts),
  ...endpointsOf(fixRuns),
  ...endpointsOf(fixes),
  ...endpointsOf(fleet),
  ...endpointsOf(groupConfigurations),
  ...endpointsOf(groups),
  ...endpointsOf(history),
  ...endpointsOf(incidents),
  ...endpointsOf(invitations),
  ...endpointsOf(joinCodes),
  ...endpointsOf(logins),
  ...endpointsOf(messages),
  ...endpointsOf(notifications),
  ...endpointsOf(oidc),
  ...endpointsOf(passkeys),
  ...endpointsOf(passwords),
  ...endpointsOf(people),
  ...endpointsOf(roles),
  ...endpointsOf(rules),
  ...endpointsOf(sensors),
  ...endpointsOf(software),
  ...endpointsOf(system),
  ...endpointsOf(tenants),
  ...endpointsOf(tokens),
  ...endpointsOf(trustedKeys),
  ...endpointsOf(uploads),
  ...endpointsOf(users),
  ...endpointsOf(webhooks),
};

export type EndpointName = keyof typeof ENDPOINTS;

/** Shapes that occur in several answers, by the name that the OpenAPI document gives them. */
export const NOUNS = {
  Health: health,
  DeviceStatus: deviceStatus,
  DisconnectReason: disconnectReason,
  AuthSet: authSet,
  Place: place,
  Device: device,
  DeviceDetail: deviceDetail,
  Metric: metric,
  Severity: severity,
  Alert: alert,
  AlertState: alertState,
  Artifact: artifacts.artifact,
  Payload: artifacts.payload,
  PayloadFile: artifacts.payloadFile,
  Release: artifacts.release,
  TrustedKey: trustedKeys.trustedKey,
  Upload: uploads.upload,
  UploadKind: uploads.uploadKind,
  UploadState: uploads.uploadState,
  MadeContent: uploads.madeContent,
  AlertEvent: alerts.alertEvent,
  AlertDetail: alerts.alertDetail,
  AlertAction: alerts.alertAction,
  AlertsChanged: alerts.alertsChanged,
  Incident: incidents.incident,
  IncidentDetail: incidents.incidentDetail,
  IncidentTrait: incidents.incidentTrait,
  PersonName: person,
  AlertGroup: alertGroup,
  User: user,
  Town: town,
  Problem: problem,
  DevicePatch: devicePatch,
  DeviceCondition: deviceCondition,
  DeviceFilter: deviceFilter,
  Grant: users.grant,
  UserAccount: users.userAccount,
  Group: groups.group,
  History: history.history,
  HistoryResolution: history.historyResolution,
  HistorySeries: history.historySeries,
  GroupHistory: history.groupHistory,
  Login: logins.login,
  Token: tokens.token,
  Role: roles.role,
  Sensor: sensors.sensor,
  Rule: rules.rule,
  RuleDraft: rules.ruleDraft,
  RuleOf: rules.ruleOf,
  RuleTarget: rules.ruleTarget,
  RuleVersion: rules.ruleVersion,
  Watch: watch,
  AuditEntry: audit.auditEntry,
  TenantLimits: tenants.tenantLimits,
  TenantSettings: tenants.tenantSettings,
  Tenant: tenants.tenant,
  OwnTenant: tenants.ownTenant,
  Factors: factors.factors,
  Proof: factors.proof,
  Invitation: invitations.invitation,
  InvitationWithLink: invitations.invitationWithLink,
  CertificateAuthority: certificateAuthorities.certificateAuthority,
  JoinCode: joinCodes.joinCode,
  Passkey: passkeys.passkey,
  OidcProvider: oidc.oidcProvider,
  Webhook: webhooks.webhook,
  Delivery: webhooks.delivery,
  DeliveryDetail: webhooks.deliveryDetail,
  Notification: notifications.notification,
  NotificationPolicy: notifications.notificationPolicy,
  NotificationPreview: notifications.notificationPreview,
  Subscription: notifications.subscription,
  Configuration: configurations.configuration,
  ConfigurationCounts: configurations.configurationCounts,
  ConfigurationEntry: configurations.configurationEntry,
  ConfigurationField: configurationSchemas.configurationField,
  ConfigurationSchema: configurationSchemas.configurationSchema,
  ConfigurationState: configurations.configurationState,
  ConfigurationVersion: configurations.configurationVersion,
  GroupConfiguration: groupConfigurations.groupConfiguration,
  Fix: fixes.fix,
  FixAction: fixes.fixAction,
  FixParameter: fixes.fixParameter,
  FixAutomatic: fixes.fixAutomatic,
  FixStats: fixes.fixStats,
  FixRun: fixRuns.fixRun,
  FixRunDetail: fixRuns.fixRunDetail,
  FixRunState: fixRuns.fixRunState,
  FixRollout: fixRollouts.fixRollout,
  FixRolloutState: fixRollouts.fixRolloutState,
  FixRolloutTarget: fixRollouts.fixRolloutTarget,
  Deployment: deployments.deployment,
  DeploymentCounts: deployments.deploymentCounts,
  DeploymentDetail: deployments.deploymentDetail,
  DeploymentGates: deploymentOptions.deploymentGates,
  DeploymentOptions: deploymentOptions.deploymentOptions,
  DeploymentPhase: deployments.deploymentPhase,
  DeploymentPhaseWish: deploymentOptions.deploymentPhaseWish,
  DeploymentState: deployments.deploymentState,
  DeploymentTarget: deploymentOptions.deploymentTarget,
  GateFigure: deployments.gateFigure,
  MaintenanceWindow: deploymentOptions.maintenanceWindow,
  UpdatePause: deploymentOptions.updatePause,
  DeploymentDevice: deploymentDevices.deploymentDevice,
  DeploymentDeviceDetail: deploymentDevices.deploymentDeviceDetail,
  DeploymentDeviceState: deployments.deploymentDeviceState,
  DeploymentEvent: deploymentDevices.deploymentEvent,
  DeploymentSensor: deploymentDevices.deploymentSensor,
  FailureGroup: deploymentDevices.failureGroup,
  UpdateCause: deploymentDevices.updateCause,
  LogLine: deploymentDevices.logLine,
  DeviceSoftware: software.deviceSoftware,
  DeviceSoftwareDetail: software.deviceSoftwareDetail,
  SoftwareVersion: software.softwareVersion,
  SoftwareDrift: software.softwareDrift,
} as const satisfies Record<string, z.ZodType>;
