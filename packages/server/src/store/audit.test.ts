import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AuditEntry } from '../domain/audit.ts';
import { appendAudit, countAudit, forgetAudit, listAudit, listAuditFacets, verifyAudit } from './audit.ts';
import type { Store } from './store.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';
import { ensureFirstTenant } from './tenants.ts';

let databases: TestDatabases;
let store: Store;
let tenantId: string;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
}, 60_000);
afterAll(async () => {
  await databases[Symbol.asyncDispose]();
});

const entry = (of: Partial<AuditEntry> = {}): AuditEntry => ({
  id: randomUUID(),
  at: new Date(),
  actor: { type: 'user', id: 'ann', name: 'ann@example.com' },
  action: 'device.update',
  object: { type: 'device', id: 'one', name: 'Lake House' },
  result: 'success',
  address: '203.0.113.7',
  change: { name: { before: 'a', after: { z: 1, a: [2, null] } } },
  details: { b: 1, a: 'ä' },
  ...of,
});

async function open(entries: readonly AuditEntry[]): Promise<void> {
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  for (const one of entries) await appendAudit(store.of(tenantId), tenantId, one);
}

describe('the audit log', () => {
  test('holds what was added at once by many, in one chain without a gap', async () => {
    await open([]);
    await Promise.all(Array.from({ length: 40 }, () => appendAudit(store.of(tenantId), tenantId, entry())));
    const { items } = await listAudit(store.of(tenantId), tenantId, {}, { below: undefined, limit: 100 });
    expect(items.map((one) => one.position)).toEqual(Array.from({ length: 40 }, (_, at) => 40 - at));
    expect(await verifyAudit(store.of(tenantId), tenantId)).toEqual({ entries: 40, brokenAt: null });
  });

  test('can be neither changed nor deleted by whoever works for a tenant', async () => {
    await open([entry(), entry()]);
    for (const attack of [
      sql`update audit_entries set action = 'nothing'`,
      sql`delete from audit_entries where position = 1`,
      sql`truncate audit_entries`,
    ])
      expect(attack.execute(store.of(tenantId))).rejects.toThrow('only ever added');
    expect(await countAudit(store.of(tenantId), tenantId, {})).toBe(2);
  });

  test.each([
    ['is changed', 3, sql`update audit_entries set result = 'not-allowed' where position = 3`],
    ['is taken out', 3, sql`delete from audit_entries where position = 3`],
    ['at the beginning is taken out', 1, sql`delete from audit_entries where position = 1`],
    ['at the end is taken out', 6, sql`delete from audit_entries where position = 6`],
    ['is put in the place of another', 2, sql`update audit_entries set position = -position where position in (2, 4)`],
  ] as const)('shows where an entry %s behind its back', async (_, brokenAt, attack) => {
    await open(Array.from({ length: 6 }, () => entry()));
    await sql`alter table audit_entries disable trigger audit_entries_stay`.execute(store.database);
    await attack.execute(store.database);
    expect((await verifyAudit(store.of(tenantId), tenantId)).brokenAt).toBe(brokenAt);
  });

  test('forgets from its beginning, and the rest still holds', async () => {
    const day = (n: number) => new Date(Date.UTC(2026, 10, n));
    await open([1, 2, 3, 4, 5].map((n) => entry({ at: day(n) })));
    expect(await forgetAudit(store.database, tenantId, day(3))).toBe(2);
    expect(await forgetAudit(store.database, tenantId, day(3))).toBe(0);
    expect(await verifyAudit(store.of(tenantId), tenantId)).toEqual({ entries: 3, brokenAt: null });
    expect(await forgetAudit(store.database, tenantId, day(30))).toBe(3);
    await appendAudit(store.of(tenantId), tenantId, entry());
    expect(await verifyAudit(store.of(tenantId), tenantId)).toEqual({ entries: 1, brokenAt: null });
  });

  test('is narrowed by who, what, on what, result, time and words', async () => {
    await open([
      entry(),
      entry({
        actor: { type: 'user', id: 'bob', name: 'bob@example.com' },
        action: 'role.create',
        result: 'not-allowed',
      }),
      entry({ object: { type: 'group', id: 'g', name: '100% North' }, at: new Date(Date.UTC(2020, 0, 1)) }),
    ]);
    const found = async (filter: Parameters<typeof listAudit>[2]) =>
      (await listAudit(store.of(tenantId), tenantId, filter, { below: undefined, limit: 9 })).items.map(
        (one) => one.position,
      );
    expect(await found({ actorId: 'bob' })).toEqual([2]);
    expect(await found({ action: 'device.update' })).toEqual([3, 1]);
    expect(await found({ objectType: 'group', objectId: 'g' })).toEqual([3]);
    expect(await found({ result: 'refused' })).toEqual([2]);
    expect(await found({ since: '2025-01-01T00:00:00Z' })).toEqual([2, 1]);
    expect(await found({ until: '2025-01-01T00:00:00Z' })).toEqual([3]);
    expect(await found({ search: '100% north' })).toEqual([3]);
    expect(await found({ search: '100_' })).toEqual([]);
    expect(await listAuditFacets(store.of(tenantId), tenantId)).toEqual({
      actors: [
        { id: 'ann', name: 'ann@example.com' },
        { id: 'bob', name: 'bob@example.com' },
      ],
      actions: ['device.update', 'role.create'],
      objectTypes: ['device', 'group'],
    });
  });

  test('is turned page by page', async () => {
    await open(Array.from({ length: 5 }, () => entry()));
    const first = await listAudit(store.of(tenantId), tenantId, {}, { below: undefined, limit: 3 });
    const second = await listAudit(store.of(tenantId), tenantId, {}, { below: first.next!, limit: 3 });
    expect([...first.items, ...second.items].map((one) => one.position)).toEqual([5, 4, 3, 2, 1]);
    expect(second.next).toBeNull();
  });
});
