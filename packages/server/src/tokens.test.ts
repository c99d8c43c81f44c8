import { describe, expect, test } from 'bun:test';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { LovelyError } from './errors.ts';
import { DEVICE_TOKEN_SECONDS } from './limits.ts';
import { createTestTokens } from './test-keys.ts';
import { bearerToken, createSigningKey } from './tokens.ts';

const key = createSigningKey();
const tokens = createTestTokens([key]);
const device = { tenantId: randomUUID(), deviceId: randomUUID(), authSetId: randomUUID() };
const user = { tenantId: randomUUID(), userId: randomUUID(), loginId: randomUUID() };

/** A token with the claims of ours, signed with our key, but for what `change` says. */
async function forge(change: { claims?: object; header?: object; key?: string } = {}): Promise<string> {
  const now = Date.now() / 1000;
  const claims = {
    'mender.device': true,
    'mender.tenant': device.tenantId,
    iss: 'Mender',
    sub: device.deviceId,
    jti: device.authSetId,
    iat: now,
    exp: now + 60,
    ...change.claims,
  };
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', kid: key.id, ...change.header })
    .sign(createPrivateKey(change.key ?? key.secret));
}

/** The code that a promise fails with. */
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof LovelyError ? error.code : error),
  );
const refuses = async (token: string) => expect(await failure(tokens.verifyDevice(token))).toBe('bad-token');

describe('a token', () => {
  test('of a device says which device, which key and when', async () => {
    const beforeMs = Date.now();
    const claims = await tokens.verifyDevice(await tokens.signDevice(device));
    expect(claims).toMatchObject({ kind: 'device', ...device });
    expect(claims.issuedAtMs).toBeGreaterThanOrEqual(beforeMs - 1);
    expect(claims.issuedAtMs).toBeLessThanOrEqual(Date.now() + 1);
  });

  test('of a device is as old as the look-up that it stands for', async () => {
    const issuedAtMs = Date.now() - 5_000;
    const claims = await tokens.verifyDevice(await tokens.signDevice({ ...device, issuedAtMs }));
    expect(Math.round(claims.issuedAtMs)).toBe(issuedAtMs);
  });

  test('of a person says who and which login', async () => {
    expect(await tokens.verifyUser(await tokens.signUser(user))).toEqual({ kind: 'user', ...user });
  });

  test('of a device does not open what people may, nor the other way round', async () => {
    const ofDevice = await tokens.signDevice(device);
    expect(await failure(tokens.verifyUser(ofDevice))).toBe('bad-token');
    await refuses(await tokens.signUser(user));
  });

  test('has the members that Mender’s clients look at', async () => {
    const [, payload] = (await tokens.signDevice(device)).split('.');
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({
      iss: 'Mender',
      sub: device.deviceId,
      jti: device.authSetId,
      'mender.device': true,
      'mender.tenant': device.tenantId,
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBeWithin(DEVICE_TOKEN_SECONDS, DEVICE_TOKEN_SECONDS + 2);
  });

  test('signed with an older key is accepted while both are known', async () => {
    const older = await tokens.signDevice(device);
    const rotated = createTestTokens([createSigningKey(), key]);
    expect(await rotated.verifyDevice(older)).toMatchObject(device);
    expect(await rotated.verifyDevice(await rotated.signDevice(device))).toMatchObject(device);
    await refuses(await rotated.signDevice(device));
  });
});

describe('refused as bad-token is', () => {
  test('the forging helper is right, so that each case below fails for its own reason', async () => {
    expect(await tokens.verifyDevice(await forge())).toMatchObject(device);
  });

  test('one that has expired', async () => {
    await refuses(await forge({ claims: { exp: Date.now() / 1000 - 1 } }));
  });

  test('one without an end, a subject, an id, a time or a tenant', async () => {
    for (const member of ['exp', 'sub', 'jti', 'iat', 'mender.tenant'])
      await refuses(await forge({ claims: { [member]: undefined } }));
  });

  test('one of another issuer', async () => {
    await refuses(await forge({ claims: { iss: 'Somebody' } }));
  });

  test('one signed with another key under our key’s name, and one with a key nobody knows', async () => {
    await refuses(await forge({ key: createSigningKey().secret }));
    await refuses(await forge({ header: { kid: randomUUID() } }));
    await refuses(await forge({ header: { kid: undefined } }));
  });

  test('one with a changed claim, and one without a signature', async () => {
    const [header, payload, signature] = (await forge()).split('.');
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object;
    const other = Buffer.from(JSON.stringify({ ...claims, sub: randomUUID() })).toString('base64url');
    await refuses(`${header}.${other}.${signature}`);
    await refuses(`${header}.${payload}.`);
    await refuses(new UnsecuredJWT(claims as Record<string, unknown>).encode());
  });

  test('what is no token', async () => {
    for (const text of ['', '.', 'a.b.c', 'x'.repeat(5000), '\0']) await refuses(text);
  });
});

test('the bearer token of a request is found whatever the case, and nothing else is one', () => {
  const of = (authorization?: string) =>
    bearerToken(new Request('https://localhost/', authorization === undefined ? {} : { headers: { authorization } }));
  expect(of('Bearer abc')).toBe('abc');
  expect(of('bearer  abc')).toBe('abc');
  for (const other of [undefined, 'Basic abc', 'Bearer', 'Bearer a b', 'abc']) expect(of(other)).toBeUndefined();
});
