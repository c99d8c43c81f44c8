import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { startTestApi, type TestApi } from './test-api.ts';
import { newKey, testGateway, type TestGateway } from './test-gateway.ts';

let api: TestApi;
let tenantId: string;
let gateway: TestGateway;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  tenantId = await api.makeTenant(randomUUID());
  const admin = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
  gateway = testGateway(api);
  await api.call(admin.token, 'POST', '/api/v1/devices', {
    identity: { sn: gateway.serial },
    publicKey: gateway.publicKey,
  });
  token = (await gateway.ask()).text;
});

async function keys(): Promise<string[]> {
  const rows = await api.context.store.database
    .selectFrom('auth_sets')
    .select('status')
    .where('tenant_id', '=', tenantId)
    .orderBy('created_at')
    .execute();
  return rows.map(({ status }) => status);
}

test('a new key that the old one vouches for takes its place at once, as the device’s own doing', async () => {
  const renewed = testGateway(api, { serial: gateway.serial });
  const answer = await renewed.ask({ previous: gateway.privateKey });
  expect(answer.status).toBe(200);
  expect(await keys()).toEqual(['rejected', 'accepted']);
  expect(api.context.revocations.isRevoked(await api.context.tokens.verifyDevice(token))).toBe(true);
  expect(api.context.revocations.isRevoked(await api.context.tokens.verifyDevice(answer.text))).toBe(false);
  expect((await gateway.ask()).status).toBe(401);
  const entry = await api.context.store.database
    .selectFrom('audit_entries')
    .select(['action', 'actor'])
    .where('tenant_id', '=', tenantId)
    .where('action', '=', 'device.rotate-key')
    .executeTakeFirstOrThrow();
  expect(entry.actor).toMatchObject({ type: 'device' });
});

test('a request whose answer was lost is simply asked again', async () => {
  const renewed = testGateway(api, { serial: gateway.serial });
  await renewed.ask({ previous: gateway.privateKey });
  expect((await renewed.ask({ previous: gateway.privateKey })).status).toBe(200);
  expect(await keys()).toEqual(['rejected', 'accepted']);
});

test('of equal requests at once all are answered, and one key is accepted', async () => {
  const renewed = testGateway(api, { serial: gateway.serial });
  const answers = await Promise.all(Array.from({ length: 5 }, () => renewed.ask({ previous: gateway.privateKey })));
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect((await renewed.ask({ previous: gateway.privateKey })).status).toBe(200);
  expect((await keys()).toSorted()).toEqual(['accepted', 'rejected']);
});

test('a stranger’s key, another gateway’s and one that is void vouch for nothing, and nothing is kept', async () => {
  const other = testGateway(api);
  const renewed = testGateway(api, { serial: gateway.serial });
  for (const previous of [newKey(), other.privateKey, renewed.privateKey])
    expect(await renewed.ask({ previous })).toMatchObject({ status: 401, code: 'bad-signature' });
  expect(await keys()).toEqual(['accepted']);
  await renewed.ask({ previous: gateway.privateKey });
  const third = testGateway(api, { serial: gateway.serial });
  expect(await third.ask({ previous: gateway.privateKey })).toMatchObject({ status: 401, code: 'bad-signature' });
});

test('a key that was replaced does not come back by the one that replaced it', async () => {
  const renewed = testGateway(api, { serial: gateway.serial });
  await renewed.ask({ previous: gateway.privateKey });
  expect(await gateway.ask({ previous: renewed.privateKey })).toMatchObject({ status: 401, code: 'not-accepted' });
  expect((await renewed.ask()).status).toBe(200);
});

test('a gateway that renews its key every year never runs out of room', async () => {
  let before = gateway;
  for (let year = 0; year < 12; year++) {
    const next = testGateway(api, { serial: gateway.serial });
    expect((await next.ask({ previous: before.privateKey })).status).toBe(200);
    before = next;
  }
  expect((await keys()).filter((status) => status === 'accepted')).toHaveLength(1);
});
