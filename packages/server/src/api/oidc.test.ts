import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { insertOidcProvider } from '../store/oidc.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

test('only the tenant that runs the system puts a provider on the sign-in page of everybody', async () => {
  const publish = async (tenantId: string): Promise<number> => {
    const { token } = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
    const provider = await insertOidcProvider(api.context.store.database, {
      id: randomUUID(),
      tenantId,
      name: 'Sign in as usual',
      issuer: 'https://login.example.com',
      clientId: 'lovely',
      clientSecret: '',
      emailDomains: ['example.com'],
      roleForNewPeople: null,
      isPublic: false,
    });
    return (await api.call(token, 'PATCH', `/api/v1/oidc-providers/${provider!.id}`, { isPublic: true })).status;
  };
  expect(await publish(await api.makeTenant('Elsewhere'))).toBe(403);
  expect(await publish(api.context.firstTenantId)).toBe(200);
});
