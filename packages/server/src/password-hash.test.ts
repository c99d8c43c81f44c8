import { expect, test } from 'bun:test';
import { hashPassword, isOutdated, isPassword } from './password-hash.ts';

test('a password fits its own hash, whichever way its letters are composed, and no other', async () => {
  const hash = await hashPassword('süßes-Geheimnis');
  expect(await isPassword('süßes-Geheimnis'.normalize('NFD'), hash)).toBe(true);
  expect(await isPassword('süsses-Geheimnis', hash)).toBe(false);
});

test('nothing is the password of who has none', async () => {
  for (const none of [undefined, '']) expect(await isPassword('', none)).toBe(false);
});

test('a hash of other parameters is outdated, and still good for signing in', async () => {
  const weak = await Bun.password.hash('a password of old', { algorithm: 'argon2id', memoryCost: 1024, timeCost: 1 });
  expect(isOutdated(weak)).toBe(true);
  expect(await isPassword('a password of old', weak)).toBe(true);
  expect(isOutdated(await hashPassword('a password of today'))).toBe(false);
});
