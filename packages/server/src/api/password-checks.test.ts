import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { LovelyError } from '../errors.ts';
import { SIGN_IN_FREE_FAILURES, SIGN_IN_TRIES_PER_ADDRESS, SIGN_INS_OF_NEIGHBOUR_MAX } from '../limits.ts';
import { isOutdated } from '../password-hash.ts';
import { findUserByEmail, setPasswordHash } from '../store/users.ts';
import { createPasswordChecks, type PasswordChecks } from './password-checks.ts';
import { createFirstAdministrator } from './people.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const ADMIN = { email: 'admin@example.com', name: 'Administrator', password: 'correct-horse-battery-staple' };

let server: TestApi;
let passwords: PasswordChecks;
beforeAll(async () => {
  server = await startTestApi();
  await createFirstAdministrator(server.context, ADMIN);
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  passwords = createPasswordChecks(server.context);
});

const signIn = (address: string, password = ADMIN.password, email = ADMIN.email): Promise<string> =>
  passwords
    .check(email, password, address)
    .then(async ({ settle }) => {
      await settle('right');
      return 'signed in';
    })
    .catch((error: LovelyError) => error.code);

const guessAsSomebody = (n: number, address: string): Promise<string> => signIn(address, 'guess', `${n}@example.com`);

test('one address has only so many tries on their way, and then there is room again', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: SIGN_INS_OF_NEIGHBOUR_MAX + 3 }, (_, n) => guessAsSomebody(n, '192.0.2.1')),
  );
  expect(outcomes.filter((code) => code === 'too-many-requests')).toHaveLength(3);
  expect(await signIn('192.0.2.1')).toBe('signed in');
});

test('who has signed in from there before goes before strangers from everywhere', async () => {
  // Dear enough that they have to wait for each other.
  passwords = createPasswordChecks({ ...server.context, passwordCost: { memoryKib: 64 * 1024, passes: 1 } });
  expect(await signIn('192.0.2.10')).toBe('signed in');
  let guessed = 0;
  const guesses = Array.from({ length: 24 }, async (_, n) => {
    await guessAsSomebody(n, `198.51.100.${n}`);
    guessed++;
  });
  expect(await signIn('192.0.2.10')).toBe('signed in');
  expect(guessed).toBeLessThan(24);
  await Promise.all(guesses);
});

test('one address has so many tries whatever the e-mail addresses, and takes nobody else theirs', async () => {
  await Promise.all(Array.from({ length: SIGN_IN_TRIES_PER_ADDRESS }, (_, n) => guessAsSomebody(n, '2001:db8::1')));
  expect(await signIn('2001:db8::ffff')).toBe('too-many-requests');
  expect(await signIn('192.0.2.2')).toBe('signed in');
});

/** The waits that began last for an hour, so that nothing here depends on how fast passwords are checked. */
async function stretchWaits(): Promise<void> {
  await server.context.store.database
    .updateTable('sign_in_attempts')
    .set({ refused_until: new Date(Date.now() + 3600_000) })
    .where('refused_until', 'is not', null)
    .execute();
}

async function failUntilDelayed(address: string, email = ADMIN.email): Promise<void> {
  for (let tries = 0; tries <= SIGN_IN_FREE_FAILURES; tries++)
    expect(await signIn(address, 'a wrong password', email)).toBe('bad-credentials');
  await stretchWaits();
}

test('who fails often waits, even with the right password and at every process, and the owner elsewhere does not', async () => {
  await failUntilDelayed('192.0.2.3');
  const refused = await passwords.check(ADMIN.email, ADMIN.password, '192.0.2.3').catch((error: LovelyError) => error);
  expect(refused).toMatchObject({ code: 'sign-in-delayed', retryAfterSeconds: 3600 });
  passwords = createPasswordChecks(server.context);
  expect(await signIn('192.0.2.3')).toBe('sign-in-delayed');
  expect(await signIn('192.0.2.4')).toBe('signed in');
});

test('many guesses at once get no more tries than one after the other', async () => {
  const guesses = Array.from({ length: 3 * SIGN_IN_FREE_FAILURES }, () => signIn('192.0.2.5', 'a wrong password'));
  const outcomes = await Promise.all(guesses);
  const checked = outcomes.filter((code) => code === 'bad-credentials');
  expect(checked.length).toBeLessThanOrEqual(SIGN_IN_FREE_FAILURES + 1);
});

test('an unknown e-mail address is delayed as a known one is', async () => {
  await failUntilDelayed('192.0.2.6', 'nobody@example.com');
  expect(await signIn('192.0.2.6', 'a wrong password', 'nobody@example.com')).toBe('sign-in-delayed');
});

test('a password without its second factor is no failure and forgives none', async () => {
  for (let tries = 0; tries < SIGN_IN_FREE_FAILURES; tries++) {
    await signIn('192.0.2.7', 'a wrong password');
    const { settle } = await passwords.check(ADMIN.email, ADMIN.password, '192.0.2.7');
    await settle('none');
  }
  expect(await signIn('192.0.2.7', 'a wrong password')).toBe('bad-credentials');
  await stretchWaits();
  expect(await signIn('192.0.2.7')).toBe('sign-in-delayed');
});

test('a hash of old parameters is made anew when its owner signs in', async () => {
  const { database } = server.context.store;
  const user = (await findUserByEmail(database, ADMIN.email))!;
  const old = await Bun.password.hash(ADMIN.password, { algorithm: 'argon2id', memoryCost: 512, timeCost: 1 });
  await setPasswordHash(database, user.id, old);
  expect(await signIn('192.0.2.8')).toBe('signed in');
  const { passwordHash } = (await findUserByEmail(database, ADMIN.email))!;
  expect([passwordHash === old, isOutdated(passwordHash, server.context.passwordCost)]).toEqual([false, false]);
  expect(await signIn('192.0.2.8')).toBe('signed in');
});
