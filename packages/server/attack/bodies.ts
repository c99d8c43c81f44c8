/** A valid body for every contract that takes one. The test fails for a contract that is missing here. */
import { randomUUID } from 'node:crypto';
import { publicKey, type Tenant } from './sides.ts';

const PASSWORD = 'a long sentence that nobody guesses';

export const BODIES: Readonly<Record<string, (of: Tenant) => unknown>> = {
  updateDevice: ({ prefix }) => ({ name: `${prefix} house` }),
  setAuthSetStatus: () => ({ status: 'rejected' }),
  preauthorizeDevice: ({ prefix }) => ({ identity: { sn: `${prefix} ${randomUUID()}` }, publicKey: publicKey() }),
  sendDeviceMessage: () => ({ proto: 0x1000, body: 'aGVsbG8=' }),
  importDevices: () => ({ csv: 'identity,publicKey\r\n', dryRun: true }),

  assignAlert: () => ({ userId: null }),
  snoozeAlert: () => ({ until: new Date(Date.now() + 3600_000).toISOString() }),
  resolveAlert: ({ prefix }) => ({ reason: `${prefix} reason` }),
  commentAlert: ({ prefix }) => ({ text: `${prefix} comment` }),
  changeAlerts: () => ({ which: { rule: 'disk-almost-full' }, action: { kind: 'acknowledge' } }),
  changeIncident: ({ prefix }) => ({ action: { kind: 'comment', text: `${prefix} comment` } }),

  createRole: ({ prefix }) => ({ name: `${prefix} role ${randomUUID()}`, permissions: [] }),
  updateRole: ({ prefix }) => ({ description: `${prefix} of all` }),
  createGroup: ({ prefix }) => ({ name: `${prefix} group ${randomUUID()}` }),
  updateGroup: ({ prefix }) => ({ description: `${prefix} houses` }),
  addGroupDevices: ({ deviceId }) => ({ deviceIds: [deviceId] }),
  removeGroupDevices: ({ deviceId }) => ({ deviceIds: [deviceId] }),
  previewFilter: () => ({
    filter: { all: [{ scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' }] },
  }),

  createRule: ({ prefix }) => ({
    key: `rule-${randomUUID()}`,
    title: `${prefix} rule`,
    severity: 'warning',
    description: 'too hot',
    watch: { kind: 'threshold', metric: 'oven.celsius', direction: 'above', raiseAt: 100, clearAt: 90, forMs: 0 },
  }),
  updateRule: ({ prefix }) => ({ title: `${prefix} rule` }),
  previewRule: ({ deviceId }) => ({
    of: { kind: 'gateway' },
    target: { deviceTypes: [], groupIds: [], deviceIds: [deviceId] },
  }),
  backtestRule: ({ deviceId }) => ({
    rule: {
      title: 'rule',
      severity: 'warning',
      description: 'too hot',
      watch: { kind: 'threshold', metric: 'oven.celsius', direction: 'above', raiseAt: 100, clearAt: 90, forMs: 0 },
      target: { deviceTypes: [], groupIds: [], deviceIds: [deviceId] },
    },
    from: new Date(Date.now() - 3600_000).toISOString(),
    to: new Date().toISOString(),
  }),

  updateMe: ({ prefix }) => ({ name: `${prefix} person` }),
  updateUser: ({ prefix }) => ({ name: `${prefix} person` }),
  createInvitation: ({ prefix }) => ({
    email: `${prefix}-${randomUUID()}@example.com`,
    grants: [],
  }),
  changePassword: () => ({ currentPassword: 'not the right one', password: PASSWORD }),
  confirmTotp: () => ({ code: '000000' }),
  deleteTotp: () => ({ code: '000000' }),
  createRecoveryCodes: () => ({ code: '000000' }),
  createPasskey: () => ({ challengeId: randomUUID(), name: 'key', credential: {} }),
  updatePasskey: () => ({ name: 'key' }),
  createToken: ({ prefix }) => ({ name: `${prefix} token`, expiresInDays: 1, permissions: ['fleet.read'] }),

  createTenant: () => ({ name: `new ${randomUUID()}`, administrator: `${randomUUID()}@example.com` }),
  updateTenant: () => ({ limits: { devices: 7 } }),
  updateOwnTenant: () => ({ settings: { timeZone: 'Europe/Berlin' } }),
  createJoinCode: ({ prefix }) => ({ name: `${prefix} code`, expiresInMinutes: 5, usesMax: 1, accept: false }),
  createCertificateAuthority: ({ prefix }) => ({ name: `${prefix} authority`, certificate: 'none' }),
  createOidcProvider: ({ prefix }) => ({
    name: `${prefix} provider`,
    issuer: 'https://login.example.com',
    clientId: 'lovely',
    clientSecret: 'not so secret',
    emailDomains: [`${randomUUID()}.example.com`],
  }),
  updateOidcProvider: ({ prefix }) => ({ name: `${prefix} provider` }),
  createWebhook: ({ prefix }) => ({
    name: `${prefix} hook`,
    url: 'https://hooks.example.com/',
    events: ['alert.opened'],
    enabled: false,
  }),
  updateWebhook: ({ prefix }) => ({ name: `${prefix} hook` }),
  rotateWebhookSecret: () => ({ overlapHours: 1 }),
  createNotificationPolicy: ({ prefix }) => ({
    name: `${prefix} policy`,
    recipients: [{ kind: 'role', roleId: 'administrator' }],
  }),
  updateNotificationPolicy: ({ prefix }) => ({ name: `${prefix} policy` }),
  orderNotificationPolicies: () => ({ ids: [] }),
  previewNotifications: ({ deviceId }) => ({ deviceId, severity: 'critical' }),
  updateSubscription: () => ({ enabled: true }),
  createFix: ({ prefix }) => ({
    rule: 'service-down',
    title: `${prefix} fix ${randomUUID()}`,
    actions: [{ kind: 'command', name: 'restart-service', parameters: { service: '{target}' } }],
  }),
  updateFix: ({ prefix }) => ({ title: `${prefix} fix` }),
  runFix: () => ({ fixId: randomUUID() }),
  previewDeployment: () => ({ artifactName: 'nothing', target: { kind: 'all' } }),
  createDeployment: ({ prefix }) => ({
    name: `${prefix} deployment`,
    artifactName: 'nothing',
    target: { kind: 'all' },
  }),
  updateDeployment: ({ prefix }) => ({ name: `${prefix} deployment` }),
  continueDeployment: () => ({}),
  retryDeployment: ({ prefix }) => ({ name: `${prefix} deployment` }),
  pauseDeploymentDevice: () => ({ before: ['install'] }),

  previewFixRollout: () => ({ fixId: randomUUID() }),
  createFixRollout: () => ({ fixId: randomUUID() }),

  updateRelease: ({ prefix }) => ({ notes: `${prefix} notes` }),
  updateArtifact: ({ prefix }) => ({ description: `${prefix} description` }),
  createUpload: ({ prefix }) => ({ kind: 'file', name: `${prefix} file`, bytes: 10 }),
  makeArtifact: ({ prefix }) => ({
    name: `${prefix} ${randomUUID()}`,
    deviceTypes: ['gateway'],
    content: { type: 'docker', images: ['oven:7'] },
  }),
  createTrustedKey: ({ prefix }) => ({ name: `${prefix} key`, publicKeyPem: publicKey() }),
  updateTrustedKey: ({ prefix }) => ({ name: `${prefix} key` }),
  putDeviceConfiguration: ({ prefix }) => ({ values: { 'report.intervalMs': 60_000, note: prefix } }),
  retryDeviceConfiguration: () => ({}),
  revertDeviceConfiguration: () => ({ version: 0 }),
  putGroupConfiguration: ({ prefix }) => ({ values: { note: prefix }, priority: 10 }),
  revertGroupConfiguration: () => ({ version: 0 }),
  createConfigurationSchema: ({ prefix }) => ({
    key: `schema-${randomUUID()}`,
    title: `${prefix} schema`,
    of: { kind: 'gateway', deviceTypes: [`${prefix} type`] },
    fields: [{ key: 'port', title: 'Port', type: 'integer' }],
  }),
  updateConfigurationSchema: ({ prefix }) => ({
    title: `${prefix} schema`,
    of: { kind: 'gateway', deviceTypes: [`${prefix} type`] },
    fields: [],
  }),
  replayFailedDeliveries: () => ({ since: new Date().toISOString() }),
};
