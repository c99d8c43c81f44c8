import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { LovelyError } from '../errors.ts';
import {
  INVITATIONS_MAX,
  PASSWORD_RESETS_PER_USER_MAX,
  SIGN_IN_FORGET_SECONDS,
  SIGN_IN_FREE_FAILURES,
} from '../limits.ts';
import { deleteInvitation, insertInvitation, listInvitations, useInvitation } from './invitations.ts';
import { deleteExpiredPasswordResets, insertPasswordReset, usePasswordReset } from './password-resets.ts';
import { beginSignIn, deleteOldSignInAttempts, settleSignIn } from './sign-in-attempts.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { TEST_DATABASES, type TestDatabases } from './test-databases.ts';
import { insertUser } from './users.ts';

for (const server of TEST_DATABASES)
  describe.skipIf(!server.isInstalled)(`on ${server.name}`, () => {
    let databases: TestDatabases;
    let store: Store;
    let tenantId: string;
    let userId: string;
    beforeAll(async () => {
      databases = await server.start();
      store = await databases.open();
      tenantId = (await ensureFirstTenant(store.database)).id;
      userId = randomUUID();
      await insertUser(store.database, {
        id: userId,
        tenantId,
        email: 'admin@example.com',
        name: 'Administrator',
        passwordHash: '',
        grants: [],
      });
    }, 60_000);
    afterAll(async () => {
      await databases[Symbol.asyncDispose]();
    });

    const invite = (codeHash = Buffer.from(randomUUID())) =>
      insertInvitation(store.of(tenantId), {
        id: randomUUID(),
        tenantId,
        email: `${randomUUID()}@example.com`,
        grants: [{ roleId: 'viewer', groupIds: null }],
        codeHash,
        invitedBy: { id: userId, name: 'Administrator' },
      });
    const reset = (codeHash: Buffer, isAskedByAdministrator: boolean) =>
      insertPasswordReset(store.of(tenantId), { id: randomUUID(), tenantId, userId, codeHash }, isAskedByAdministrator);

    test('many tries at once are counted one after the other', async () => {
      const key = { email: 'somebody@example.com', neighbour: '192.0.2.1' };
      const waits = await Promise.all(
        Array.from({ length: 40 }, async () => (await beginSignIn(store.database, key)).seconds),
      );
      expect(waits.filter((seconds) => seconds === 0).length).toBeLessThanOrEqual(SIGN_IN_FREE_FAILURES + 3);
      expect((await beginSignIn(store.database, { ...key, neighbour: '192.0.2.2' })).seconds).toBe(0);
    });

    test('the letters’ case of an e-mail address gives no tries more', async () => {
      const neighbour = '192.0.2.3';
      for (let tries = 0; tries <= SIGN_IN_FREE_FAILURES; tries++)
        await beginSignIn(store.database, { email: tries % 2 ? 'eve@example.com' : 'Eve@Example.com', neighbour });
      await store.database
        .updateTable('sign_in_attempts')
        .set({ refused_until: later(60) })
        .execute();
      expect((await beginSignIn(store.database, { email: 'EVE@example.com', neighbour })).seconds).toBeGreaterThan(50);
    });

    test('tries are kept without the e-mail address, and forgotten when they no longer count', async () => {
      const key = { email: 'old@example.com', neighbour: '192.0.2.4' };
      await beginSignIn(store.database, key);
      await settleSignIn(store.database, { ...key, email: 'owner@example.com' }, 'right');
      const rows = () => store.database.selectFrom('sign_in_attempts').selectAll().execute();
      expect(JSON.stringify(await rows())).not.toContain('example.com');
      await store.database
        .updateTable('sign_in_attempts')
        .set({ failed_at: later(-SIGN_IN_FORGET_SECONDS - 60) })
        .where('failed_at', 'is not', null)
        .execute();
      await deleteOldSignInAttempts(store.database);
      // From there the owner has signed in of late, which is worth knowing for longer.
      expect((await rows()).map(({ neighbour }) => neighbour)).toEqual(['192.0.2.4']);
    });

    test('a tenant’s connection sees no tries', async () => {
      await beginSignIn(store.database, { email: 'a@example.com', neighbour: '192.0.2.5' });
      const seen = await store
        .of(tenantId)
        .selectFrom('sign_in_attempts')
        .selectAll()
        .execute()
        .catch(() => []);
      expect(seen).toEqual([]);
    });

    test('of several who use an invitation at once one gets it', async () => {
      const code = Buffer.from('code');
      const { id } = await invite(code);
      const used = await Promise.all([1, 2, 3, 4].map(() => useInvitation(store.database, code)));
      expect(used.filter((one) => one !== undefined).map((one) => one.id)).toEqual([id]);
    });

    test('a tenant has so many open invitations', async () => {
      const { id } = await invite();
      const open = (await listInvitations(store.of(tenantId), tenantId)).length;
      await store.database
        .insertInto('invitations')
        .values(
          Array.from({ length: INVITATIONS_MAX - open }, (_, n) => ({
            id: randomUUID(),
            tenant_id: tenantId,
            email: `${n}@example.com`,
            grants: '[]',
            code_hash: Buffer.from(`filler ${n}`),
            invited_by: userId,
            invited_by_name: '',
            expires_at: later(60),
          })),
        )
        .execute();
      expect(await invite().catch((error: LovelyError) => error.code)).toBe('invitation-limit');
      await deleteInvitation(store.of(tenantId), tenantId, id);
      await invite();
    });

    test('links that somebody else asks for hinder no link of an administrator, which makes room for itself', async () => {
      const codes = Array.from({ length: PASSWORD_RESETS_PER_USER_MAX }, (_, n) => Buffer.from(`stranger ${n}`));
      for (const code of codes) expect(await reset(code, false)).toBeDate();
      expect(await reset(Buffer.from('one more'), false)).toBeUndefined();
      expect(await reset(Buffer.from('administrator'), true)).toBeDate();
      expect(await usePasswordReset(store.database, codes[0]!)).toBe(false);
      expect(await usePasswordReset(store.database, Buffer.from('administrator'))).toBe(true);
      expect(await usePasswordReset(store.database, codes[1]!)).toBe(true);
    });

    test('links that are too old make room and are deleted', async () => {
      await store.database
        .updateTable('password_resets')
        .set({ expires_at: later(-1) })
        .execute();
      expect(await reset(Buffer.from('fresh'), false)).toBeDate();
      await deleteExpiredPasswordResets(store.database);
      const left = await store.database.selectFrom('password_resets').select('code_hash').execute();
      expect(left.map((row) => row.code_hash.toString())).toEqual(['fresh']);
    });
  });

function later(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}
