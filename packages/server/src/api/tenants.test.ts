import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { OwnTenant, Tenant } from '@lovely/api';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';
import { testGateway } from './test-gateway.ts';

let api: TestApi;
let system: SignedIn;
let name: string;
beforeAll(async () => {
  api = await startTestApi();
  system = await api.signIn(api.context.firstTenantId, [{ roleId: 'system-administrator', groupIds: null }]);
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  name = `Tenant ${randomUUID()}`;
});

interface Created {
  tenant: Tenant;
  invitation: { url: string };
}

async function create(limits: object = {}): Promise<Created> {
  const body = { name, limits, administrator: `${randomUUID()}@example.com` };
  const answer = await api.call(system.token, 'POST', '/api/v1/tenants', body);
  expect(answer.status).toBe(201);
  return (await answer.json()) as Created;
}

const remove = (id: string, typed: string) =>
  api.call(system.token, 'DELETE', `/api/v1/tenants/${id}?name=${encodeURIComponent(typed)}`);

test('a new tenant has the default rules, its limits, and a link for its first administrator', async () => {
  const { tenant, invitation } = await create({ devices: 7 });
  expect(tenant).toMatchObject({
    name,
    limits: { devices: 7, messagesPerSecond: null },
    usage: { devices: 0, users: 0 },
  });
  expect(invitation.url).toMatch(/^https:\/\/lovely\.example\.com\/invite#.{40,}$/);
  const { database } = api.context.store;
  const count = async (tenantId: string) =>
    (await database.selectFrom('rules').select('key').where('tenant_id', '=', tenantId).execute()).length;
  expect(await count(tenant.id)).toBe(await count(api.context.firstTenantId));
  expect(await count(tenant.id)).toBeGreaterThan(5);
  const [invited] = await database.selectFrom('invitations').selectAll().where('tenant_id', '=', tenant.id).execute();
  expect(invited!.grants).toEqual([{ roleId: 'administrator', groupIds: null }]);
  const taken = { name, administrator: 'b@example.com' };
  expect((await api.call(system.token, 'POST', '/api/v1/tenants', taken)).status).toBe(409);
});

test('making a tenant is written in the log of whoever made it, not of the tenant', async () => {
  const { tenant } = await create();
  const entries = await api.context.store.database
    .selectFrom('audit_entries')
    .select(['tenant_id', 'action'])
    .where((eb) => eb.or([eb('tenant_id', '=', tenant.id), eb.and([eb('action', '=', 'tenant.create')])]))
    .orderBy('position', 'desc')
    .execute();
  expect(entries.every((entry) => entry.tenant_id === api.context.firstTenantId)).toBe(true);
  expect(entries.length).toBeGreaterThan(0);
});

test('the list counts what each tenant uses, page by page', async () => {
  const { tenant } = await create();
  const admin = await api.signIn(tenant.id, [{ roleId: 'administrator', groupIds: null }]);
  await api.call(admin.token, 'POST', '/api/v1/devices', {
    identity: { sn: randomUUID() },
    publicKey: testGateway(api).publicKey,
  });
  const seen: Tenant[] = [];
  let cursor = '';
  do {
    const answer = await api.call(system.token, 'GET', `/api/v1/tenants?limit=1${cursor && `&cursor=${cursor}`}`);
    const page = (await answer.json()) as { items: Tenant[]; next: string | null };
    seen.push(...page.items);
    cursor = page.next ?? '';
  } while (cursor !== '');
  expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  expect(seen.find(({ id }) => id === tenant.id)).toMatchObject({ usage: { devices: 1, users: 1 } });
  expect(seen.some(({ id }) => id === api.context.firstTenantId)).toBe(true);
});

test('limits change one by one, from a version', async () => {
  const { tenant } = await create({ devices: 7, messagesPerSecond: 100 });
  const patched = await api.call(system.token, 'PATCH', `/api/v1/tenants/${tenant.id}`, { limits: { devices: null } });
  expect(await patched.json()).toMatchObject({ limits: { devices: null, messagesPerSecond: 100 }, version: 2 });
  const stale = new Request(`https://lovely.example.com/api/v1/tenants/${tenant.id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${system.token}`, 'content-type': 'application/json', 'if-match': '"1"' },
    body: JSON.stringify({ name: 'Other' }),
  });
  expect(((await api.api.answer(stale, '127.0.0.1')) as Response).status).toBe(412);
});

test('people of a tenant see their own, change its settings, and nothing of another', async () => {
  const { tenant } = await create();
  const admin = await api.signIn(tenant.id, [{ roleId: 'administrator', groupIds: null }]);
  const settings = {
    timeZone: 'Europe/Berlin',
    requireSecondFactor: false,
    auditRetentionDays: 90,
    alertReopenMinutes: 5,
    requireSignedArtifacts: true,
  };
  const patched = await api.call(admin.token, 'PATCH', '/api/v1/tenant', { settings });
  expect(((await patched.json()) as OwnTenant).settings).toEqual(settings);
  const viewer = await api.signIn(tenant.id, [{ roleId: 'viewer', groupIds: null }]);
  const own = (await (await api.call(viewer.token, 'GET', '/api/v1/tenant')).json()) as OwnTenant;
  expect([own.id, own.settings.timeZone]).toEqual([tenant.id, 'Europe/Berlin']);
  expect((await api.call(viewer.token, 'PATCH', '/api/v1/tenant', { settings })).status).toBe(403);
  const bad = { settings: { timeZone: 'Mars/Olympus' } };
  expect((await api.call(admin.token, 'PATCH', '/api/v1/tenant', bad)).status).toBe(422);
  for (const [method, path] of [
    ['GET', '/api/v1/tenants'],
    ['GET', `/api/v1/tenants/${tenant.id}`],
    ['DELETE', `/api/v1/tenants/${api.context.firstTenantId}?name=Home`],
  ] as const)
    expect([path, (await api.call(admin.token, method, path)).status]).toEqual([path, 403]);
});

/** Who is gone stays known until its tokens have expired, and its history, which is large, has been deleted. */
const FORGOTTEN_LATER = ['deleted_tenants', 'deleted_histories'];

test('a deleted tenant is gone with everything, and the tokens of its devices and people are void', async () => {
  const { tenant } = await create();
  const admin = await api.signIn(tenant.id, [{ roleId: 'administrator', groupIds: null }]);
  const gateway = testGateway(api);
  await api.call(admin.token, 'POST', '/api/v1/devices', {
    identity: { sn: gateway.serial },
    publicKey: gateway.publicKey,
  });
  const token = (await gateway.ask()).text;
  expect((await remove(tenant.id, 'something else')).status).toBe(422);
  expect((await remove(tenant.id, name)).status).toBe(204);
  expect((await remove(tenant.id, name)).status).toBe(404);
  const { store, tokens, revocations } = api.context;
  expect(revocations.isRevoked(await tokens.verifyDevice(token))).toBe(true);
  expect((await api.call(admin.token, 'GET', '/api/v1/me')).status).toBe(401);
  const tables = await store.database.introspection.getTables();
  for (const table of tables.filter(({ columns }) => columns.some((column) => column.name === 'tenant_id'))) {
    const kept = await store.database
      .selectFrom(table.name as 'devices')
      .select('tenant_id')
      .where('tenant_id', '=', tenant.id)
      .execute();
    expect([table.name, kept.length]).toEqual([table.name, FORGOTTEN_LATER.includes(table.name) ? 1 : 0]);
  }
});

test('nobody deletes their own tenant, or the one that gateways come to', async () => {
  const answer = await remove(api.context.firstTenantId, 'Home');
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'tenant-needed']);
});
