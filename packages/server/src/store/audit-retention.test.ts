import { expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { appendAudit, verifyAudit } from './audit.ts';
import { forgetOldAudit } from './audit-retention.ts';
import { ensureFirstTenant } from './tenants.ts';
import { startEmbeddedDatabases } from './test-databases.ts';

const DAY_MS = 24 * 3600_000;

test('each tenant keeps its audit log for as long as it says, and what is kept verifies', async () => {
  await using databases = await startEmbeddedDatabases();
  const store = await databases.open();
  const [first, other] = [(await ensureFirstTenant(store.database)).id, randomUUID()];
  await sql`insert into tenants (id, name, settings) values (${other}, 'Other', '{"auditRetentionDays": 30}')`.execute(
    store.database,
  );
  for (const tenantId of [first, other])
    for (const days of [500, 100, 31, 29, 0])
      await appendAudit(store.of(tenantId), tenantId, {
        id: randomUUID(),
        at: new Date(Date.now() - days * DAY_MS),
        actor: { type: 'system', id: '', name: '' },
        action: 'thing.update',
        object: { type: 'thing', id: String(days) },
        result: 'success',
        address: '',
        change: null,
        details: {},
      });
  await forgetOldAudit(store.database);
  await forgetOldAudit(store.database);
  expect(await verifyAudit(store.of(first), first)).toEqual({ entries: 4, brokenAt: null });
  expect(await verifyAudit(store.of(other), other)).toEqual({ entries: 2, brokenAt: null });
}, 60_000);
