import { expect, test } from 'bun:test';
import { insertNotifications } from './notifications.ts';
import { countRows } from './test-alerts.ts';
import { startEmbeddedDatabases } from './test-databases.ts';
import { ensureFirstTenant } from './tenants.ts';

test('a message may go to more people than one statement has room for', async () => {
  await using databases = await startEmbeddedDatabases();
  const { database } = await databases.open();
  const { id } = await ensureFirstTenant(database);
  const now = new Date();
  const made = Array.from({ length: 4001 }, (_, at) => {
    const address = `person-${at}@example.com`;
    const to = { key: `email ${address}`, name: address, userId: null, webhookId: null, address, hindrance: null };
    const of = { bundleId: null, number: 0, policyId: null, policyName: null, dueAt: now };
    return { ...of, kind: 'opened', to: { ...to, channel: 'email' } } as const;
  });
  await insertNotifications(database, id, made, now);
  expect(await countRows(database, 'notifications')).toBe(4001);
}, 30_000);
