import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Permission, Webhook } from '@lovely/api';
import { listDeliveries } from '../store/webhook-deliveries.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
let administrator: string;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  ({ token: administrator } = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]));
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const codeOf = async (answer: Response): Promise<string> =>
  answer.ok ? 'ok' : ((await answer.json()) as { code: string }).code;
const bodyFor = (...events: string[]) => ({ name: 'n', url: 'https://example.com/hook', events, enabled: true });

/** An access token of the administrator for these permissions alone. */
async function limitedTo(...permissions: Permission[]): Promise<string> {
  const body = { name: 'robot', permissions, expiresInDays: 1 };
  const answer = await api.call(administrator, 'POST', '/api/v1/me/tokens', body);
  return ((await answer.json()) as { secret: string }).secret;
}

test('nobody listens by a webhook for what they may not read', async () => {
  const READ_BY = {
    'alert.opened': 'fleet.read',
    'device.connected': 'fleet.read',
    'user.created': 'people.read',
    'audit.created': 'audit.read',
  } as const;
  const writer = await limitedTo('webhook.write');
  for (const [event, permission] of Object.entries(READ_BY)) {
    expect(await codeOf(await api.call(writer, 'POST', '/api/v1/webhooks', bodyFor(event)))).toBe('not-allowed');
    const reader = await limitedTo('webhook.write', permission);
    expect(await codeOf(await api.call(reader, 'POST', '/api/v1/webhooks', bodyFor(event)))).toBe('ok');
  }
});

test('nobody who may not read it sends a webhook elsewhere, has more sent by it, or opens what it sent', async () => {
  const made = await api.call(administrator, 'POST', '/api/v1/webhooks', bodyFor('user.created', 'audit.created'));
  const { id } = ((await made.json()) as { webhook: Webhook }).webhook;
  const [writer, reader] = [
    await limitedTo('webhook.write', 'people.read'),
    await limitedTo('webhook.write', 'audit.read'),
  ];
  const change = async (token: string, body: object): Promise<string> =>
    codeOf(await api.call(token, 'PATCH', `/api/v1/webhooks/${id}`, body));
  expect(await change(writer, { url: 'https://elsewhere.example.com/' })).toBe('not-allowed');
  expect(await change(writer, { events: ['device.updated'] })).toBe('not-allowed');
  expect(await change(writer, { name: 'Better', enabled: false })).toBe('ok');
  const { items } = await listDeliveries(api.context.store.database, tenantId, id, { limit: 50 });
  const delivery = items.find(({ event }) => event === 'audit.created')!;
  const path = `/api/v1/webhooks/${id}/deliveries/${delivery.id}`;
  expect(await codeOf(await api.call(writer, 'GET', path))).toBe('not-allowed');
  expect(await codeOf(await api.call(reader, 'GET', path))).toBe('ok');
});
