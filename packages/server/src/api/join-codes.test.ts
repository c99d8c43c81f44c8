import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { DeviceDetail, JoinCode } from '@lovely/api';
import { AUTH_REQUESTS_PER_ADDRESS } from '../limits.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';
import { newKey, testGateway } from './test-gateway.ts';

let api: TestApi;
let tenantId: string;
let admin: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  tenantId = await api.makeTenant(randomUUID());
  admin = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
});

async function make(wish: object): Promise<{ joinCode: JoinCode; code: string; payload: string }> {
  const answer = await api.call(admin.token, 'POST', '/api/v1/join-codes', {
    name: 'Installers',
    expiresInMinutes: 60,
    ...wish,
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as never;
}

async function listed(): Promise<JoinCode[]> {
  const answer = await api.call(admin.token, 'GET', '/api/v1/join-codes');
  return ((await answer.json()) as { items: JoinCode[] }).items;
}

async function devices(token = admin.token): Promise<DeviceDetail[]> {
  const answer = await api.call(token, 'GET', '/api/v1/devices?limit=500');
  return ((await answer.json()) as { items: DeviceDetail[] }).items;
}

async function countEverywhere(serial: string): Promise<number> {
  const rows = await api.context.store.database.selectFrom('devices').select('identity').execute();
  return rows.filter(({ identity }) => identity.sn === serial).length;
}

test('a code is readable, shown once, and kept as a hash alone', async () => {
  const { code, payload } = await make({});
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  expect(new URL(payload).searchParams.get('code')).toBe(code);
  expect(JSON.stringify(await listed())).not.toContain(code);
  const row = await api.context.store.database.selectFrom('join_codes').selectAll().executeTakeFirstOrThrow();
  expect(JSON.stringify(row)).not.toContain(code.replaceAll('-', ''));
});

test('a code that accepts lets a gateway in, with its group and tags, as somebody might type it', async () => {
  const group = randomUUID();
  const { database } = api.context.store;
  await database
    .insertInto('groups')
    .values({ id: group, tenant_id: tenantId, name: 'New', description: '', kind: 'static', filter: null })
    .execute();
  const { code } = await make({ accept: true, groupId: group, tags: ['berlin'] });
  const gateway = testGateway(api);
  expect((await gateway.ask({ code: ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')}` })).status).toBe(
    200,
  );
  const [device] = await devices();
  expect(device).toMatchObject({ status: 'accepted', tags: ['berlin'], identity: { sn: gateway.serial } });
  const members = await database
    .selectFrom('group_devices')
    .select('device_id')
    .where('group_id', '=', group)
    .execute();
  expect(members.map((member) => member.device_id)).toEqual([device!.id]);
  const entries = await database
    .selectFrom('audit_entries')
    .select(['action', 'actor'])
    .where('tenant_id', '=', tenantId)
    .orderBy('position')
    .execute();
  expect(entries.map(({ action, actor }) => [action, actor.type])).toEqual([
    ['join-code.create', 'user'],
    ['device.join', 'device'],
  ]);
});

test('of many gateways that come at once, exactly as many get in as the code has uses, and of the others nothing is kept', async () => {
  const { code, joinCode } = await make({ accept: true, usesMax: 5 });
  const gateways = Array.from({ length: 20 }, () => testGateway(api));
  const answers = await Promise.all(gateways.map((gateway) => gateway.ask({ code })));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(5);
  expect(new Set(answers.filter((answer) => answer.status !== 200).map((answer) => answer.code))).toEqual(
    new Set(['bad-join-code']),
  );
  expect(await devices()).toHaveLength(5);
  expect((await listed()).find(({ id }) => id === joinCode.id)).toMatchObject({ uses: 5, usable: false });
});

test('one gateway that asks again and again, also at once, is one use', async () => {
  const { code } = await make({ accept: true, usesMax: 2 });
  const gateway = testGateway(api);
  const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.ask({ code })));
  expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 8 }, () => 200));
  await gateway.ask({ code });
  expect((await listed())[0]!.uses).toBe(1);
});

test('a code that is unknown, expired, used up or revoked lets nobody in, says why, and leaves nothing behind', async () => {
  const { database } = api.context.store;
  const expired = await make({ accept: true, name: 'Old' });
  await database
    .updateTable('join_codes')
    .set({ expires_at: new Date(Date.now() - 1000) })
    .where('id', '=', expired.joinCode.id)
    .execute();
  const usedUp = await make({ accept: true, usesMax: 1, name: 'Full' });
  await testGateway(api).ask({ code: usedUp.code });
  const revoked = await make({ accept: true });
  expect((await api.call(admin.token, 'DELETE', `/api/v1/join-codes/${revoked.joinCode.id}`)).status).toBe(204);
  for (const [code, why] of [
    ['0000-0000-0000-0000', 'mistyped or revoked'],
    [expired.code, '"Old" has expired'],
    [usedUp.code, '"Full" is used up'],
    [revoked.code, 'mistyped or revoked'],
  ] as const) {
    const stranger = testGateway(api);
    const answer = await stranger.ask({ code });
    expect([answer.status, answer.code]).toEqual([401, 'bad-join-code']);
    expect((JSON.parse(answer.text) as { error: string }).error).toContain(why);
    expect(await countEverywhere(stranger.serial)).toBe(0);
  }
});

test('a gateway that is in stays in its tenant, without its code, and with one that ended since', async () => {
  const { code, joinCode } = await make({ accept: true });
  const gateway = testGateway(api);
  await gateway.ask({ code });
  expect((await gateway.ask()).status).toBe(200);
  await api.call(admin.token, 'DELETE', `/api/v1/join-codes/${joinCode.id}`);
  expect((await gateway.ask({ code })).status).toBe(200);
  expect(await countEverywhere(gateway.serial)).toBe(1);
});

test('a code without acceptance leaves the gateway waiting in its tenant, a later one that accepts lets it in', async () => {
  const token = await make({ expiresInMinutes: null });
  const gateway = testGateway(api);
  expect((await gateway.ask({ code: token.code })).code).toBe('not-accepted');
  expect((await gateway.ask()).code).toBe('not-accepted');
  expect((await devices()).map(({ status }) => status)).toEqual(['pending']);
  const accepting = await make({ accept: true });
  expect((await gateway.ask({ code: accepting.code })).status).toBe(200);
  expect(await countEverywhere(gateway.serial)).toBe(1);
});

test('who knows a serial number and a code can not take a house over', async () => {
  const { code } = await make({ accept: true, tags: ['taken'] });
  const house = testGateway(api);
  await house.ask({ code });
  await api.context.store.database.updateTable('devices').set({ tags: [] }).where('tenant_id', '=', tenantId).execute();
  const thief = testGateway(api, { serial: house.serial, key: newKey() });
  expect((await thief.ask({ code })).code).toBe('not-accepted');
  expect((await house.ask()).status).toBe(200);
  const [device] = await devices();
  expect(device).toMatchObject({ status: 'accepted', tags: [] });
});

test('what a person rejected stays rejected, whatever code it says', async () => {
  const { code } = await make({ accept: true });
  const gateway = testGateway(api);
  await gateway.ask({ code });
  const [{ id }] = (await devices()) as [DeviceDetail];
  const detail = (await (await api.call(admin.token, 'GET', `/api/v1/devices/${id}`)).json()) as DeviceDetail;
  await api.call(admin.token, 'PUT', `/api/v1/devices/${id}/auth-sets/${detail.authSets[0]!.id}`, {
    status: 'rejected',
  });
  const again = await make({ accept: true });
  expect((await gateway.ask({ code: again.code })).code).toBe('not-accepted');
});

test('the same gateway may be in two tenants; the code says which is meant', async () => {
  const first = await make({ accept: true });
  const gateway = testGateway(api);
  await gateway.ask({ code: first.code });
  const otherTenant = await api.makeTenant(randomUUID());
  const other = await api.signIn(otherTenant, [{ roleId: 'administrator', groupIds: null }]);
  const made = await api.call(other.token, 'POST', '/api/v1/join-codes', { name: 'x', expiresInMinutes: 5 });
  const { code } = (await made.json()) as { code: string };
  expect((await gateway.ask({ code })).code).toBe('not-accepted');
  expect((await devices(other.token)).map(({ status }) => status)).toEqual(['pending']);
  expect((await gateway.ask()).status).toBe(200);
});

test('a code without an end accepts nobody, and a code of others can not be revoked', async () => {
  const eternal = await api.call(admin.token, 'POST', '/api/v1/join-codes', {
    name: 'x',
    expiresInMinutes: null,
    accept: true,
  });
  expect(eternal.status).toBe(422);
  const { joinCode } = await make({});
  const stranger = await api.signIn(await api.makeTenant(randomUUID()), [{ roleId: 'administrator', groupIds: null }]);
  expect((await api.call(stranger.token, 'DELETE', `/api/v1/join-codes/${joinCode.id}`)).status).toBe(404);
  expect(await listed()).toHaveLength(1);
});

test('who may not accept devices makes no code that does', async () => {
  const role = randomUUID();
  await api.context.store.database
    .insertInto('roles')
    .values({ id: role, tenant_id: tenantId, name: 'Settings', description: '', permissions: ['tenant.write'] })
    .execute();
  const clerk = await api.signIn(tenantId, [{ roleId: role, groupIds: null }]);
  const wish = { name: 'x', expiresInMinutes: 5, accept: true };
  expect((await api.call(clerk.token, 'POST', '/api/v1/join-codes', wish)).status).toBe(403);
  expect((await api.call(clerk.token, 'POST', '/api/v1/join-codes', { ...wish, accept: false })).status).toBe(201);
});

test('whoever has a whole network of IPv6 has no more tries than one address', async () => {
  const ask = async (n: number): Promise<number> => {
    const request = new Request(`${api.context.publicUrl}/api/devices/v1/authentication/auth_requests`, {
      method: 'POST',
      body: '{}',
    });
    return ((await api.api.answer(request, `2001:db8::${n.toString(16)}`)) as Response).status;
  };
  for (let n = 1; n <= AUTH_REQUESTS_PER_ADDRESS; n++) expect(await ask(n)).toBe(400);
  expect(await ask(AUTH_REQUESTS_PER_ADDRESS + 1)).toBe(429);
});
