/** Bearer tokens of devices and people: JWTs signed with EdDSA, in the form of Mender's claims (COMPAT 2.1, 3.1). */
import { generateKeyPairSync, randomUUID, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT, type JWTVerifyGetKey } from 'jose';
import { LovelyError } from './errors.ts';
import { DEVICE_TOKEN_SECONDS, LOGIN_SECONDS } from './limits.ts';
import type { FreshKey, Key, KeyRing } from './domain/key.ts';

export interface DeviceClaims {
  readonly kind: 'device';
  readonly tenantId: string;
  readonly deviceId: string;
  readonly authSetId: string;
  readonly issuedAtMs: number;
  /** Of the key that signed it. */
  readonly keyId: string;
}

export interface UserClaims {
  readonly kind: 'user';
  readonly tenantId: string;
  readonly userId: string;
  readonly loginId: string;
}

export interface Tokens {
  /** `issuedAtMs`, now by default, is when the auth set was looked up: a revocation since then voids the token. */
  signDevice(claims: Omit<DeviceClaims, 'kind' | 'issuedAtMs' | 'keyId'> & { issuedAtMs?: number }): Promise<string>;
  /** @param claims `seconds`: how long the sign-in lasts */
  signUser(claims: Omit<UserClaims, 'kind'> & { seconds?: number }): Promise<string>;
  /** Throws LovelyError 'bad-token' unless the token is ours, alive and of this kind. Revocation is checked elsewhere. */
  verifyDevice(token: string): Promise<DeviceClaims>;
  verifyUser(token: string): Promise<UserClaims>;
}

const ISSUER = 'Mender';
const ALGORITHM = 'EdDSA';
const TOKEN_LENGTH_MAX = 4096;

/** A fresh signing key. */
export function createSigningKey(): FreshKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { id: randomUUID(), secret: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

/** Signs with the current key, accepts all of the ring: keys overlap while they rotate. */
export function createTokens(keys: KeyRing): Tokens {
  const pairs = new WeakMap<Key, { privateKey: KeyObject; publicKey: KeyObject }>();
  const pairOf = (key: Key): { privateKey: KeyObject; publicKey: KeyObject } => {
    let pair = pairs.get(key);
    if (!pair) {
      const privateKey = createPrivateKey(key.secret);
      pairs.set(key, (pair = { privateKey, publicKey: createPublicKey(privateKey) }));
    }
    return pair;
  };
  const findKey: JWTVerifyGetKey = async ({ kid = '' }) => {
    const key = keys.find(kid) ?? (await keys.findNew(kid));
    if (!key) throw new LovelyError('bad-token');
    return pairOf(key).publicKey;
  };

  async function sign(
    kind: 'device' | 'user',
    claims: { jti: string; sub: string; tenantId: string; seconds: number; issuedAtMs?: number },
  ): Promise<string> {
    // Milliseconds matter: a token issued right after a revocation must be newer than it.
    const now = (claims.issuedAtMs ?? Date.now()) / 1000;
    const key = keys.current();
    return await new SignJWT({
      [`mender.${kind}`]: true,
      'mender.tenant': claims.tenantId,
      'mender.plan': 'os',
      iat: now,
      exp: Math.ceil(now + claims.seconds),
      ...(kind === 'user' ? { scp: 'mender.*' } : {}),
    })
      .setProtectedHeader({ alg: ALGORITHM, kid: key.id, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setJti(claims.jti)
      .setSubject(claims.sub)
      .sign(pairOf(key).privateKey);
  }

  async function verify(
    kind: 'device' | 'user',
    token: string,
  ): Promise<{ jti: string; sub: string; tenantId: string; iat: number; keyId: string }> {
    if (token.length > TOKEN_LENGTH_MAX) throw new LovelyError('bad-token');
    try {
      const { payload, protectedHeader } = await jwtVerify(token, findKey, {
        issuer: ISSUER,
        algorithms: [ALGORITHM],
        requiredClaims: ['jti', 'sub', 'exp', 'iat'],
      });
      const tenantId = payload['mender.tenant'];
      if (payload[`mender.${kind}`] !== true || typeof tenantId !== 'string') throw new LovelyError('bad-token');
      return { jti: payload.jti!, sub: payload.sub!, tenantId, iat: payload.iat!, keyId: protectedHeader.kid! };
    } catch (cause) {
      throw new LovelyError('bad-token', undefined, { cause });
    }
  }

  return {
    signDevice: ({ deviceId, authSetId, ...claims }) =>
      sign('device', { ...claims, jti: authSetId, sub: deviceId, seconds: DEVICE_TOKEN_SECONDS }),
    signUser: ({ tenantId, userId, loginId, seconds = LOGIN_SECONDS }) =>
      sign('user', { jti: loginId, sub: userId, tenantId, seconds }),
    async verifyDevice(token) {
      const { jti, sub, tenantId, iat, keyId } = await verify('device', token);
      return { kind: 'device', tenantId, deviceId: sub, authSetId: jti, issuedAtMs: iat * 1000, keyId };
    },
    async verifyUser(token) {
      const { jti, sub, tenantId } = await verify('user', token);
      return { kind: 'user', tenantId, userId: sub, loginId: jti };
    },
  };
}

/** The token of an `Authorization: Bearer …` header. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}
