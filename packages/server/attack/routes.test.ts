/**
 * Every HTTP route × every kind of caller × an object of their own tenant, of another, and none at all; compared with
 * the table of roles. A route that nobody wrote a rule for fails, and another tenant's objects can't be told from what
 * does not exist.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { BUILT_IN_ROLES, type Endpoint, type Permission } from '@lovely/api';
import { ENDPOINTS as CONTRACTS } from '@lovely/api/catalogue';
import { fingerprintTenant } from '../src/store/test-fingerprint.ts';
import { BODIES } from './bodies.ts';
import { ACCOUNT, fill, MAKERS, nothing, objectFor, pathUpToParams, type Params } from './objects.ts';
import { MENDER_RULES } from './mender-rules.ts';
import { MARK, type Caller, type Tenant } from './sides.ts';
import { makeWorld, type World } from './world.ts';

const ENDPOINTS = Object.entries<Endpoint>(CONTRACTS);
const takesBody = (endpoint: Endpoint): boolean => endpoint.body.type !== 'undefined';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());

/** What happened, as far as a caller can tell. */
type Outcome = 'not signed in' | 'refused' | 'not there' | 'done';

async function outcomeOf(answer: Response): Promise<Outcome> {
  const text = await answer.clone().text();
  if (answer.status === 401) return 'not signed in';
  if (answer.status === 403) return 'refused';
  if (answer.status === 404) return 'not there';
  expect([answer.status < 500, text]).toEqual([true, text]);
  return 'done';
}

async function attack(name: string, endpoint: Endpoint, caller: Caller, params: Params): Promise<Response> {
  const body = takesBody(endpoint) ? BODIES[name]!(world.own) : undefined;
  const query = endpoint.method === 'DELETE' && name === 'deleteTenant' ? '?name=nothing' : '';
  return await world.api.call(caller.token, endpoint.method, fill(endpoint.path, params) + query, body);
}

/** A problem without what differs from call to call. */
async function sayingOf(answer: Response): Promise<unknown> {
  const { requestId: _, request_id: __, ...said } = (await answer.json()) as Record<string, unknown>;
  return said;
}

const everythingOf = (tenant: Tenant) => fingerprintTenant(world.api.context.store.database, tenant.id);

describe('every route', () => {
  test('has a contract or a rule', () => {
    const known = new Set([
      ...ENDPOINTS.map(([, { method, path }]) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
      ...Object.keys(MENDER_RULES),
    ]);
    const routes = world.api.api.routes.filter(({ path }) => path.startsWith('/api/') && path !== '/api/*');
    expect(routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !known.has(route))).toEqual([]);
    expect([...known].filter((route) => !routes.some(({ method, path }) => `${method} ${path}` === route))).toEqual([]);
  });

  test('with a body or an id has one here to be attacked with', () => {
    expect(
      ENDPOINTS.filter(([name, endpoint]) => endpoint.access !== 'anyone' && takesBody(endpoint) && !BODIES[name]).map(
        ([name]) => name,
      ),
    ).toEqual([]);
    const paths = ENDPOINTS.filter(
      ([, { access, path }]) => access !== 'anyone' && access !== 'person' && path.includes('{'),
    );
    const unmade = [...new Set(paths.map(([, { path }]) => pathUpToParams(path)))].filter(
      (path) => !MAKERS[path] && !WITHOUT_OWN[path],
    );
    expect(unmade).toEqual([]);
  });
});

/** Objects that this world can't make by calls; strangers' and missing ones are attacked all the same. */
const WITHOUT_OWN: Readonly<Record<string, string>> = {
  '/api/v1/certificate-authorities/{id}': 'needs a real certificate',
  '/api/v1/webhooks/{id}/deliveries/{deliveryId}': 'needs a delivery',
  '/api/v1/tenants/{id}': 'is of the system, not of a tenant',
};

describe.each(ENDPOINTS.filter(([, { access }]) => access !== 'anyone'))('%s', (name, endpoint) => {
  const { access, path } = endpoint;
  const isAccount = access === 'person';
  const isOfSystem = access === 'system.admin';

  test('lets in whom the table of roles lets in, and nobody else', async () => {
    for (const caller of world.callers) {
      // Whoever signs out, or ends their other sign-ins, would be out of this test.
      if (isAccount && endpoint.method !== 'GET' && caller.userId !== undefined) continue;
      const held = isAccount ? (caller.userId === undefined ? 'no' : 'all') : caller.holds(access as Permission);
      const maker = MAKERS[pathUpToParams(path)];
      const mayOwn = held !== 'no' && !isOfSystem && (!path.includes('{') || maker);
      const params = (mayOwn ? await objectFor(world, world.own, path, endpoint.method) : undefined) ?? nothing(path);
      const outcome = await outcomeOf(await attack(name, endpoint, caller, params));
      const expected: readonly Outcome[] =
        caller.userId === undefined
          ? ['not signed in']
          : held === 'no'
            ? ['refused']
            : path.includes('{') && !mayOwn
              ? ['not there']
              : held === 'group'
                ? // What is of no group is not for them: making devices, for example, or other groups.
                  ['done', 'refused', ...(path.startsWith('/api/v1/groups/') ? ['not there' as const] : [])]
                : ['done'];
      expect([caller.name, outcome, expected.includes(outcome)]).toEqual([caller.name, outcome, true]);
    }
  });

  if (path.includes('{') && !isAccount && !isOfSystem)
    test('can not tell another tenant’s object from one that does not exist', async () => {
      const theirs = await objectFor(world, world.other, path, endpoint.method);
      if (!theirs) return;
      const before = await everythingOf(world.other);
      // Roles that don't hold the permission are refused as somebody without a role is.
      const isRole = ({ name }: Caller): boolean => name in BUILT_IN_ROLES;
      for (const caller of world.callers.filter((one) => !isRole(one) || one.holds(access as Permission) !== 'no')) {
        const answers = await Promise.all([
          attack(name, endpoint, caller, theirs),
          attack(name, endpoint, caller, nothing(path)),
        ]);
        expect([caller.name, answers[0].status]).toEqual([caller.name, answers[1].status]);
        expect(await sayingOf(answers[0])).toEqual(await sayingOf(answers[1]));
      }
      expect(await everythingOf(world.other)).toEqual(before);
    });

  if (path.startsWith(ACCOUNT) && path.includes('{'))
    test('is of the caller’s own account only', async () => {
      const stranger = await world.api.signIn(world.own.id, [{ roleId: 'viewer', groupIds: null }]);
      const theirs: Params = path.includes('/logins/') ? { id: stranger.loginId } : nothing(path);
      for (const caller of world.callers.filter(({ userId }) => userId !== undefined)) {
        const answers = await Promise.all([
          attack(name, endpoint, caller, theirs),
          attack(name, endpoint, caller, nothing(path)),
        ]);
        expect([caller.name, answers[0].status]).toEqual([caller.name, answers[1].status]);
      }
      expect((await world.api.call(stranger.token, 'GET', '/api/v1/me')).status).toBe(200);
    });
});

test('no list and no object of one tenant holds anything of another', async () => {
  for (const maker of Object.values(MAKERS)) await maker.make(world, world.other);
  const reads = ENDPOINTS.filter(
    ([, { method, access }]) => method === 'GET' && access !== 'anyone' && access !== 'system.admin',
  );
  for (const [, endpoint] of reads)
    for (const caller of world.callers.filter(({ userId }) => userId !== undefined)) {
      const params = endpoint.path.includes('{') ? await objectFor(world, world.own, endpoint.path, 'GET') : {};
      if (!params) continue;
      const query =
        endpoint.path === '/api/v1/towns'
          ? '?search=a'
          : endpoint.path.includes('/map/')
            ? '?box=-180,-80,180,80&level=4'
            : '';
      const answer = await world.api.call(caller.token, 'GET', fill(endpoint.path, params) + query);
      expect(`${endpoint.path} ${await answer.text()}`).not.toContain(MARK);
    }
}, 120_000);

test('a body that names another tenant’s objects does nothing to them, and says as much as for none', async () => {
  const { own, other, api } = world;
  const stranger = await api.signIn(other.id, []);
  const attacks: [method: string, path: string, (id: { device: string; group: string; user: string }) => unknown][] = [
    ['POST', `/api/v1/groups/${own.groupId}/devices`, ({ device }) => ({ deviceIds: [own.deviceId, device] })],
    [
      'POST',
      '/api/v1/invitations',
      ({ group }) => ({
        email: `${crypto.randomUUID()}@example.com`,
        grants: [{ roleId: 'viewer', groupIds: [group] }],
      }),
    ],
    [
      'POST',
      '/api/v1/join-codes',
      ({ group }) => ({ name: 'n', expiresInMinutes: 5, usesMax: 1, accept: true, groupId: group }),
    ],
    [
      'PATCH',
      `/api/v1/users/${(await api.signIn(own.id, [])).userId}`,
      ({ group }) => ({ grants: [{ roleId: 'viewer', groupIds: [group] }] }),
    ],
  ];
  const before = await everythingOf(other);
  for (const [method, path, body] of attacks) {
    const theirs = await api.call(
      own.administrator.token,
      method,
      path,
      body({ device: other.deviceId, group: other.groupId, user: stranger.userId }),
    );
    const none = await api.call(
      own.administrator.token,
      method,
      path,
      body({ device: crypto.randomUUID(), group: crypto.randomUUID(), user: crypto.randomUUID() }),
    );
    expect([path, theirs.status]).toEqual([path, none.status]);
    expect([path, theirs.status >= 400 && theirs.status < 500]).toEqual([path, true]);
    expect(await sayingOf(theirs)).toEqual(await sayingOf(none));
  }
  expect(await everythingOf(other)).toEqual(before);
});

describe.each(Object.entries(MENDER_RULES).filter(([, { access }]) => access !== 'anyone'))('%s', (route, rule) => {
  const [method, path] = route.split(' ') as [string, string];
  const isOfDevice = path.includes('/devices/:id');
  const isOfGroup = path.includes(':name');

  async function call(caller: Caller, { id, aid }: { id: string; aid: string }): Promise<Response> {
    const filled = path.replace(':z/:x/:y', '0/0/0').replace(':id', id).replace(/:\w+/, aid);
    return await world.api.call(caller.token, method, filled + (rule.query ?? ''), rule.body?.());
  }
  const device = async (tenant: Tenant) =>
    (await MAKERS['/api/v1/devices/{id}/auth-sets/{authSetId}']!.make(world, tenant)) as {
      id: string;
      authSetId: string;
    };

  test('lets in whom the table of roles lets in, and nobody else', async () => {
    for (const caller of world.callers) {
      if (route.endsWith('/logout') && caller.userId !== undefined) continue;
      const isDevice = caller.name === 'a device';
      const isIn =
        rule.access === 'device'
          ? isDevice
          : rule.access === 'person'
            ? caller.userId !== undefined
            : caller.holds(rule.access as Permission) !== 'no';
      const { id, authSetId } = isIn && isOfDevice ? await device(world.own) : { id: NOTHING, authSetId: NOTHING };
      const outcome = await outcomeOf(await call(caller, { id, aid: authSetId }));
      const isKnown = rule.access === 'device' ? isDevice : caller.userId !== undefined;
      const expected: Outcome[] = !isKnown
        ? ['not signed in']
        : !isIn
          ? ['refused']
          : ['done', ...(rule.mayLack ? (['not there'] as const) : [])];
      if (
        isIn &&
        rule.access !== 'device' &&
        rule.access !== 'person' &&
        caller.holds(rule.access as Permission) === 'group'
      )
        expected.push('refused');
      if (rule.needsSome && caller.holds('fleet.read') === 'no') expected.push('refused');
      expect([caller.name, outcome, expected.includes(outcome)]).toEqual([caller.name, outcome, true]);
    }
  });

  if (isOfDevice || isOfGroup)
    test('can not tell another tenant’s device or group from one that does not exist', async () => {
      const { id, authSetId } = await device(world.other);
      const theirGroup = encodeURIComponent(`${MARK} group`);
      const before = await everythingOf(world.other);
      for (const caller of world.callers) {
        const theirs = await call(caller, { id, aid: isOfGroup ? theirGroup : authSetId });
        const none = await call(caller, { id: NOTHING, aid: NOTHING });
        expect([caller.name, theirs.status]).toEqual([caller.name, none.status]);
        expect(await sayingOf(theirs)).toEqual(await sayingOf(none));
      }
      expect(await everythingOf(world.other)).toEqual(before);
    });

  if (!isOfDevice && !isOfGroup && method === 'GET' && rule.access !== 'device')
    test('holds nothing of another tenant', async () => {
      for (const caller of world.callers.filter(({ userId }) => userId !== undefined)) {
        const text = Buffer.from(await (await call(caller, { id: NOTHING, aid: NOTHING })).arrayBuffer()).toString(
          'latin1',
        );
        expect(text).not.toContain(MARK);
        expect(text).not.toContain(world.other.deviceId);
      }
    });
});

const NOTHING = '00000000-0000-4000-8000-000000000000';
