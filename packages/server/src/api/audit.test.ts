import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { AuditEntry } from '@lovely/api';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
let administrator: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  administrator = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

async function newest(): Promise<AuditEntry> {
  const answer = await api.call(administrator.token, 'GET', '/api/v1/audit?limit=1');
  return ((await answer.json()) as { items: AuditEntry[] }).items[0]!;
}

describe('a change', () => {
  test('leaves an entry that says who, what, on what, from where and what differs', async () => {
    const made = await api.call(administrator.token, 'POST', '/api/management/v2/devauth/devices', {
      identity_data: { sn: '=HYPERLINK("http://evil")' },
      pubkey: PUBLIC_KEY,
    });
    const id = made.headers.get('location')!.split('/').at(-1)!;
    await api.call(administrator.token, 'PATCH', `/api/v1/devices/${id}`, { name: '=1+1, "Lake" House' });
    expect(await newest()).toMatchObject({
      actor: { type: 'user', id: administrator.userId },
      action: 'device.update',
      object: { type: 'device', id },
      result: 'success',
      address: '127.0.0.1',
      change: { name: { after: '=1+1, "Lake" House' } },
    });
    expect(Object.keys((await newest()).change!)).toEqual(['name']);
  });

  test('that is refused leaves an entry with the reason, and nothing else', async () => {
    const viewer = await api.signIn(tenantId, [{ roleId: 'viewer', groupIds: null }]);
    const path = `/api/v1/devices/${crypto.randomUUID()}`;
    expect((await api.call(viewer.token, 'PATCH', path, { name: 'mine' })).status).toBe(403);
    expect(await newest()).toMatchObject({ actor: { id: viewer.userId }, result: 'not-allowed', change: null });
    expect((await api.call(administrator.token, 'PATCH', path, { name: 'mine' })).status).toBe(404);
    expect(await newest()).toMatchObject({ actor: { id: administrator.userId }, result: 'not-found' });
  });
});

describe('the export', () => {
  test('is every entry, as lines of JSON or as CSV that no spreadsheet runs', async () => {
    const lines = await (await api.call(administrator.token, 'GET', '/api/v1/audit/export?format=ndjson')).text();
    const entries = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry);
    expect(entries.map((entry) => entry.position)).toEqual(entries.map((_, at) => entries.length - at));
    expect(entries[0]).toMatchObject({ action: 'audit.export', details: { format: 'ndjson' } });

    const csv = await (
      await api.call(administrator.token, 'GET', '/api/v1/audit/export?format=csv&action=device.update')
    ).text();
    expect(csv.split('\r\n')[0]).toStartWith('position,at,actor,');
    expect(csv).toContain(`,"'=1+1, ""Lake"" House",success,`);
  });

  test('is nothing for those who may not read the log, nor for a format that there is not', async () => {
    const operator = await api.signIn(tenantId, [{ roleId: 'operator', groupIds: null }]);
    const status = async (token: string, query: string) =>
      (await api.call(token, 'GET', `/api/v1/audit/export?${query}`)).status;
    expect(await status(operator.token, 'format=csv')).toBe(403);
    expect(await status(administrator.token, 'format=xlsx')).toBe(422);
  });
});

test('Mender’s tools get the log in their shape, page by page', async () => {
  const page = async (n: number) =>
    await api.call(administrator.token, 'GET', `/api/management/v1/auditlogs/logs?per_page=2&page=${n}`);
  const first = await page(1);
  const total = Number(first.headers.get('x-total-count'));
  const events = [...((await first.json()) as object[]), ...((await (await page(2)).json()) as object[])];
  expect(events).toHaveLength(4);
  expect(total).toBeGreaterThanOrEqual(4);
  expect(events[0]).toMatchObject({
    actor: { type: 'user', id: administrator.userId },
    action: 'export',
    meta: { result: ['success'] },
  });
  expect((await (await page(1000)).json()) as object[]).toEqual([]);
});

const PUBLIC_KEY =
  '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n';
