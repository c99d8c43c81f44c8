/** Two tenants with one of everything, and callers of every kind: what the attacks are made with. */
import { randomUUID } from 'node:crypto';
import { BUILT_IN_ROLES, PERMISSIONS, type BuiltInRoleId, type Grant, type Permission } from '@lovely/api';
import { startTestApi, type TestApi } from '../src/api/test-api.ts';
import { BODIES } from './bodies.ts';
import { MARK, type Caller, type Tenant } from './sides.ts';

export interface World extends AsyncDisposable {
  readonly api: TestApi;
  readonly own: Tenant;
  readonly other: Tenant;
  readonly callers: readonly Caller[];
  /** Calls as a tenant's administrator; throws unless that succeeds. */
  asAdministrator<T>(tenant: Tenant, method: string, path: string, body?: unknown): Promise<T>;
  /** Makes a pre-authorised device. */
  makeDevice(tenant: Tenant, inGroup: boolean): Promise<string>;
}

export async function makeWorld(): Promise<World> {
  const api = await startTestApi();

  async function asAdministrator<T>(
    { administrator }: Pick<Tenant, 'administrator'>,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const answer = await api.call(administrator.token, method, path, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  async function makeDevice(tenant: Tenant, inGroup: boolean): Promise<string> {
    const body = {
      ...(BODIES.preauthorizeDevice!(tenant) as object),
      identity: { sn: `${tenant.prefix} ${randomUUID()}` },
    };
    const { id } = await asAdministrator<{ id: string }>(tenant, 'POST', '/api/v1/devices', body);
    if (inGroup) await asAdministrator(tenant, 'POST', `/api/v1/groups/${tenant.groupId}/devices`, { deviceIds: [id] });
    return id;
  }

  async function makeTenant(id: string, prefix: string): Promise<Tenant> {
    const administrator = await api.signIn(id, [{ roleId: 'administrator', groupIds: null }]);
    const group = { name: `${prefix} group` };
    const { id: groupId } = await asAdministrator<{ id: string }>({ administrator }, 'POST', '/api/v1/groups', group);
    const tenant = { id, administrator, groupId, deviceId: '', prefix };
    return { ...tenant, deviceId: await makeDevice(tenant, true) };
  }

  const own = await makeTenant(api.context.firstTenantId, 'ours');
  const other = await makeTenant(await api.makeTenant(`${MARK} tenant`), MARK);
  return {
    api,
    own,
    other,
    callers: await makeCallers(api, own),
    asAdministrator,
    makeDevice,
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

async function makeCallers(api: TestApi, own: Tenant): Promise<Caller[]> {
  const person = async (name: string, grants: readonly Grant[], holds: Caller['holds']): Promise<Caller> => {
    const { token, userId } = await api.signIn(own.id, grants);
    return { name, token, userId, holds };
  };
  const roles = Object.keys(BUILT_IN_ROLES) as BuiltInRoleId[];
  const gives = (roleId: BuiltInRoleId, permission: Permission): boolean =>
    (BUILT_IN_ROLES[roleId].permissions as readonly Permission[]).includes(permission);
  const deviceToken = await api.context.tokens.signDevice({
    tenantId: own.id,
    deviceId: own.deviceId,
    authSetId: randomUUID(),
  });
  return [
    { name: 'nobody', token: null, userId: undefined, holds: () => 'no' },
    { name: 'somebody with a made-up token', token: 'a.b.c', userId: undefined, holds: () => 'no' },
    { name: 'a device', token: deviceToken, userId: undefined, holds: () => 'no' },
    await person('somebody without a role', [], () => 'no'),
    ...(await Promise.all(
      roles.map((roleId) =>
        person(roleId, [{ roleId, groupIds: null }], (permission) => (gives(roleId, permission) ? 'all' : 'no')),
      ),
    )),
    ...(await Promise.all(
      (['viewer', 'terminal', 'administrator'] as const).map((roleId) =>
        person(`${roleId} of a group`, [{ roleId, groupIds: [own.groupId] }], (permission) =>
          gives(roleId, permission) && PERMISSIONS[permission].byGroup ? 'group' : 'no',
        ),
      ),
    )),
  ];
}
