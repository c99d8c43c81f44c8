/** Where the ids in a path come from: one object of a tenant for every kind of path that names one. */
import { randomUUID } from 'node:crypto';
import { deploymentOptions } from '@lovely/api';
import { NOT_AUTOMATIC } from '../src/domain/default-fixes.ts';
import type { ArtifactRecord } from '../src/domain/artifact-record.ts';
import { ALL_DEVICES, type DeviceScope } from '../src/domain/device-scope.ts';
import { applyAlertEvents } from '../src/store/alerts.ts';
import { getArtifact, insertArtifact } from '../src/store/artifacts.ts';
import { insertDeployment } from '../src/store/deployments.ts';
import { insertRollout } from '../src/store/fix-rollouts.ts';
import { getFixableAlert, insertFixRun } from '../src/store/fix-runs.ts';
import { getFix } from '../src/store/fixes.ts';
import { insertIncident } from '../src/store/incident-forming.ts';
import { insertOidcProvider } from '../src/store/oidc.ts';
import { insertTestArtifact } from '../src/store/test-releases.ts';
import type { Tenant } from './sides.ts';
import type { World } from './world.ts';
import { BODIES } from './bodies.ts';

export type Params = Readonly<Record<string, string>>;

interface Maker {
  /** The parameters of an object that this tenant has. */
  make(world: World, tenant: Tenant, isKept?: boolean): Promise<Params>;
}

/** Takes its last one away first, as there may be only so many. */
const byPost = (path: string, body: keyof typeof BODIES): Maker => ({
  async make(world, tenant, isKept = false) {
    const key = `${tenant.id} ${path}`;
    const last = lastMade.get(key);
    if (last) await world.api.call(tenant.administrator.token, 'DELETE', `${path}/${last}`);
    const made = await world.asAdministrator<Record<string, unknown>>(tenant, 'POST', path, BODIES[body]!(tenant));
    if (!isKept) lastMade.set(key, idOf(made));
    return { id: idOf(made) };
  },
});

const lastMade = new Map<string, string>();

/** The object itself, or one member of an answer that also has something shown once. */
function idOf(made: Record<string, unknown>): string {
  if (typeof made.id === 'string') return made.id;
  const member = Object.values(made).find((value) => typeof (value as { id?: unknown })?.id === 'string');
  return (member as { id: string }).id;
}

const device: Maker = { make: async (world, tenant) => ({ id: await world.makeDevice(tenant, true) }) };
const alert: Maker = {
  async make(world, tenant) {
    const deviceId = await world.makeDevice(tenant, true);
    const event = { deviceId, ts: new Date(), source: `/${tenant.prefix}`, rule: 'disk-almost-full' };
    const raise = { ...event, kind: 'raise', severity: 'warning', description: tenant.prefix, values: {} } as const;
    const { alerts } = await applyAlertEvents(world.api.context.store, [raise]);
    return { id: alerts[0]!.alertId };
  },
};

const incident: Maker = {
  async make(world, tenant) {
    const { database } = world.api.context.store;
    const { id: alertId } = await alert.make(world, tenant);
    const of = { tenantId: tenant.id, rule: 'disk-almost-full' };
    const id = await insertIncident(database, of, { kind: 'place', trait: null });
    await database
      .updateTable('incidents')
      .set({ place: `around ${tenant.prefix}` })
      .where('id', '=', id)
      .execute();
    await database.updateTable('alerts').set({ incident_id: id }).where('id', '=', alertId!).execute();
    return { id };
  },
};

const fix: Maker = {
  async make(world, { id: tenantId, prefix }) {
    const id = randomUUID();
    const { database } = world.api.context.store;
    await database
      .insertInto('fixes')
      .values({
        id,
        tenant_id: tenantId,
        rule: 'disk-almost-full',
        key: null,
        title: `${prefix} fix`,
        steps: [],
        risk: 'low',
        takes_ms: null,
        parameters: '[]',
        actions: JSON.stringify([{ kind: 'script', interpreter: 'sh', content: `echo ${prefix}`, timeoutMs: 1000 }]),
        check_ms: 5000,
        automatic: JSON.stringify(NOT_AUTOMATIC),
      })
      .execute();
    return { id };
  },
};

const fixRun: Maker = {
  async make(world, tenant) {
    const { database } = world.api.context.store;
    const { id: alertId } = await alert.make(world, tenant);
    const { id: fixId } = await fix.make(world, tenant);
    const wish = {
      fix: await getFix(database, tenant.id, fixId!),
      alert: await getFixableAlert(database, tenant.id, ALL_DEVICES, alertId!),
      parameters: {},
      startedBy: { type: 'user', id: tenant.administrator.userId, name: `${tenant.prefix} person` } as const,
    };
    return { id: await insertFixRun(database, tenant.id, wish) };
  },
};

const fixRollout: Maker = {
  async make(world, tenant) {
    const { database } = world.api.context.store;
    const { id: alertId } = await alert.make(world, tenant);
    const { device_id: deviceId } = await database
      .selectFrom('alerts')
      .select('device_id')
      .where('id', '=', alertId!)
      .executeTakeFirstOrThrow();
    await database.updateTable('devices').set({ status: 'accepted' }).where('id', '=', deviceId).execute();
    const { id: fixId } = await fix.make(world, tenant);
    const wish = {
      fix: await getFix(database, tenant.id, fixId!),
      target: { model: null, groupId: null, incidentId: null },
      parameters: {},
      parallelMax: 1,
      minSuccess: 0,
      startedBy: { type: 'user', id: tenant.administrator.userId, name: `${tenant.prefix} person` } as const,
    };
    return { id: await insertRollout(database, tenant.id, [groupScope(tenant)], wish) };
  },
};

const deployment: Maker = {
  async make(world, tenant) {
    const { database } = world.api.context.store;
    const deviceId = await world.makeDevice(tenant, true);
    await database.updateTable('devices').set({ status: 'accepted' }).where('id', '=', deviceId).execute();
    const artifactName = `${tenant.prefix} ${randomUUID()}`;
    await insertTestArtifact(database, tenant.id, { name: artifactName });
    const id = await database.transaction().execute((transaction) =>
      insertDeployment(transaction, tenant.id, {
        name: `${tenant.prefix} deployment`,
        artifactName,
        kind: 'software',
        target: { kind: 'devices', ids: [deviceId] },
        options: deploymentOptions.parse({}),
        scope: groupScope(tenant),
        createdBy: { type: 'user', id: tenant.administrator.userId, name: `${tenant.prefix} person` },
      }),
    );
    // Nothing is repeated where nothing failed; a house that failed can't be steered any more.
    return { id, deviceId };
  },
};

/** Only houses of the group, so that whoever holds a role there may steer all of it. */
const groupScope = ({ groupId }: Tenant): DeviceScope => ({ kind: 'some', groups: [{ id: groupId, kind: 'static' }] });

const artifact: Maker = {
  async make(world, { id: tenantId, prefix }) {
    const name = `${prefix} ${randomUUID()}`;
    const record: ArtifactRecord = {
      name,
      deviceTypes: ['gateway'],
      payloads: [],
      provides: { artifact_name: name },
      depends: { device_type: ['gateway'] },
      clears: [],
      scripts: [],
      compression: 'gzip',
      format: 3,
      signed: undefined,
    };
    const by = {
      createdBy: { type: 'user', id: randomUUID(), name: `${prefix} person` },
      description: prefix,
    } as const;
    const content = { record, sha256: '0'.repeat(64), bytes: 1 };
    return { id: (await insertArtifact(world.api.context.store.database, tenantId, content, by)).id };
  },
};

const release: Maker = {
  async make(world, tenant) {
    const { id } = await artifact.make(world, tenant);
    const { database } = world.api.context.store;
    return { id: (await getArtifact(database, tenant.id, ALL_DEVICES, id!)).releaseId };
  },
};

const user: Maker = { make: async (world, tenant) => ({ id: (await world.api.signIn(tenant.id, [])).userId }) };

/** By the path up to and with its last parameter. */
export const MAKERS: Readonly<Record<string, Maker>> = {
  '/api/v1/devices/{id}': device,
  '/api/v1/devices/{id}/auth-sets/{authSetId}': {
    async make(world, tenant) {
      const { id } = await device.make(world, tenant);
      const { authSets } = await world.asAdministrator<{ authSets: { id: string }[] }>(
        tenant,
        'GET',
        `/api/v1/devices/${id}`,
      );
      return { id: id!, authSetId: authSets[0]!.id };
    },
  },
  '/api/v1/alerts/{id}': alert,
  '/api/v1/fixes/{id}': fix,
  '/api/v1/fix-runs/{id}': fixRun,
  '/api/v1/fix-rollouts/{id}': fixRollout,
  '/api/v1/deployments/{id}': deployment,
  '/api/v1/deployments/{id}/devices/{deviceId}': deployment,
  '/api/v1/artifacts/{id}': artifact,
  '/api/v1/releases/{id}': release,
  '/api/v1/uploads/{id}': byPost('/api/v1/uploads', 'createUpload'),
  '/api/v1/trusted-keys/{id}': byPost('/api/v1/trusted-keys', 'createTrustedKey'),
  '/api/v1/incidents/{id}': incident,
  '/api/v1/users/{id}': user,
  '/api/v1/roles/{id}': byPost('/api/v1/roles', 'createRole'),
  '/api/v1/groups/{id}': byPost('/api/v1/groups', 'createGroup'),
  '/api/v1/rules/{key}': {
    async make(world, tenant) {
      const { key } = await world.asAdministrator<{ key: string }>(
        tenant,
        'POST',
        '/api/v1/rules',
        BODIES.createRule!(tenant),
      );
      return { key };
    },
  },
  '/api/v1/configuration-schemas/{key}': {
    async make(world, tenant) {
      const path = '/api/v1/configuration-schemas';
      const body = BODIES.createConfigurationSchema!(tenant);
      const { key } = await world.asAdministrator<{ key: string }>(tenant, 'POST', path, body);
      return { key };
    },
  },
  '/api/v1/invitations/{id}': byPost('/api/v1/invitations', 'createInvitation'),
  '/api/v1/join-codes/{id}': byPost('/api/v1/join-codes', 'createJoinCode'),
  '/api/v1/oidc-providers/{id}': {
    // Making one by a call asks the provider itself.
    async make({ api }, { id: tenantId, prefix }) {
      const provider = { name: `${prefix} provider`, issuer: 'https://login.example.com', clientId: 'lovely' };
      const made = await insertOidcProvider(api.context.store.database, {
        ...provider,
        id: randomUUID(),
        tenantId,
        clientSecret: '',
        emailDomains: [],
        roleForNewPeople: null,
        isPublic: false,
      });
      return { id: made!.id };
    },
  },
  '/api/v1/webhooks/{id}': byPost('/api/v1/webhooks', 'createWebhook'),
  '/api/v1/notification-policies/{id}': byPost('/api/v1/notification-policies', 'createNotificationPolicy'),
};

/** Paths of a caller's own account: the object is the caller's or somebody else's. */
export const ACCOUNT = '/api/v1/me/';

const kept = new Map<string, Promise<Params>>();

/** An object of the tenant for a path: a new one where the call may use it up; undefined if none can be made here. */
export function objectFor(world: World, tenant: Tenant, path: string, method: string): Promise<Params> | undefined {
  const maker = MAKERS[pathUpToParams(path)];
  if (method !== 'GET') return maker?.make(world, tenant);
  const key = `${tenant.id} ${path}`;
  const known = kept.get(key) ?? maker?.make(world, tenant, true);
  if (known) kept.set(key, known);
  return known;
}

export function pathUpToParams(path: string): string {
  return path.slice(0, path.lastIndexOf('}') + 1);
}

export function fill(path: string, params: Params): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? randomUUID());
}

/** Ids that nothing has. */
export function nothing(path: string): Params {
  return Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, randomUUID()]));
}
