/**
 * Passkeys (WebAuthn level 3): the browser asks the person's device to sign a challenge of ours, which it does for our
 * origin alone and after it has verified its user. So a passkey is two factors in one, and signs in by itself.
 */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import {
  beginPasskey,
  beginPasskeyLogin,
  createPasskey,
  createPasskeyLogin,
  deletePasskey,
  listPasskeys,
  updatePasskey,
  type Passkey,
} from '@lovely/api';
import { LovelyError } from '../errors.ts';
import {
  PASSKEY_CHALLENGE_SECONDS,
  PASSKEYS_PER_USER_MAX,
  SIGN_IN_TRIES_PER_ADDRESS,
  SIGN_IN_WINDOW_MS,
} from '../limits.ts';
import { neighbourOf } from '../network.ts';
import { strengthenLogin } from '../store/logins.ts';
import * as passkeys from '../store/passkeys.ts';
import { findUser } from '../store/users.ts';
import { createAttempts } from './attempts.ts';
import { recordAudit } from './change.ts';
import type { ApiContext } from './context.ts';
import { openBrowserLogin } from './logins.ts';
import { route, type Http } from './route.ts';
import { requireToChangeFactors } from './second-factor.ts';

const SYSTEM_NAME = 'Lovely Smart System';
const TIMEOUT_MS = PASSKEY_CHALLENGE_SECONDS * 1000;

export function routePasskeys(http: Http, context: ApiContext): void {
  const tries = createAttempts(SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS, Date.now);

  route(http, context, listPasskeys, async ({ person, database }) => ({
    items: (await passkeys.listPasskeys(database, person.user.id)).map(publicPasskey),
  }));

  route(http, context, beginPasskey, async ({ person, database, request }) => {
    const { user, tenantId } = person;
    const { rpId } = siteOf(context, request);
    await requireToChangeFactors(person, database);
    const known = await passkeys.listPasskeys(database, user.id);
    if (known.length >= PASSKEYS_PER_USER_MAX)
      throw new LovelyError('limit-reached', 'You have as many passkeys as there may be. Delete some.');
    const options = await generateRegistrationOptions({
      rpName: SYSTEM_NAME,
      rpID: rpId,
      userName: user.email,
      userDisplayName: user.name,
      userID: new Uint8Array(Buffer.from(user.id)),
      attestationType: 'none',
      timeout: TIMEOUT_MS,
      excludeCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    const owner = { tenantId, userId: user.id };
    const challengeId = await passkeys.insertChallenge(database, options.challenge, owner);
    return { challengeId, options: { ...options } };
  });

  route(http, context, createPasskey, async ({ person, database, body, request, audit }) => {
    const { user, tenantId, via } = person;
    audit({ object: { type: 'passkey', id: '', name: body.name } });
    await requireToChangeFactors(person, database);
    const { origin, rpId } = siteOf(context, request);
    const expectedChallenge = await passkeys.takeChallenge(database, body.challengeId, user.id);
    if (expectedChallenge === undefined) throw new LovelyError('bad-passkey', 'This took too long. Try again.');
    const response = body.credential as RegistrationResponseJSON;
    const { registrationInfo } = await orBadPasskey(async () => {
      requireNoCertificates(response);
      return await verifyRegistrationResponse({
        response,
        expectedChallenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: true,
      });
    });
    if (!registrationInfo) throw new LovelyError('bad-passkey');
    const { credential } = registrationInfo;
    const made = await passkeys.insertPasskey(database, {
      tenantId,
      userId: user.id,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: [...(credential.transports ?? [])],
      isSynced: registrationInfo.credentialBackedUp,
      name: body.name,
    });
    if (!made) throw new LovelyError('bad-passkey', 'This passkey is known already.');
    // The person has just shown both factors of it.
    await strengthenLogin(database, via.id);
    audit({ object: { type: 'passkey', id: made.id, name: made.name } });
    return publicPasskey(made);
  });

  route(http, context, updatePasskey, async ({ person, database, params: { id }, body, audit }) => {
    const renamed = await passkeys.renamePasskey(database, person.user.id, id, body.name);
    if (!renamed) throw new LovelyError('not-found');
    const { before, after } = renamed;
    audit({ object: { type: 'passkey', id, name: after.name }, before: { name: before.name }, after: body });
    return publicPasskey(after);
  });

  route(http, context, deletePasskey, async ({ person, database, params: { id }, audit }) => {
    await requireToChangeFactors(person, database);
    const name = await passkeys.deletePasskey(database, person.user.id, id);
    if (name === undefined) throw new LovelyError('not-found');
    audit({ object: { type: 'passkey', id, name } });
    return undefined;
  });

  route(http, context, beginPasskeyLogin, async ({ request, address }) => {
    tries.count(neighbourOf(address));
    const { rpId } = siteOf(context, request);
    const options = await generateAuthenticationOptions({
      rpID: rpId,
      userVerification: 'required',
      timeout: TIMEOUT_MS,
    });
    const challengeId = await passkeys.insertChallenge(context.store.database, options.challenge, null);
    return { challengeId, options: { ...options } };
  });

  route(http, context, createPasskeyLogin, async ({ body, request, address, setHeader }) => {
    tries.count(neighbourOf(address));
    const { origin, rpId } = siteOf(context, request);
    const { database } = context.store;
    const expectedChallenge = await passkeys.takeChallenge(database, body.challengeId, null);
    if (expectedChallenge === undefined) throw new LovelyError('bad-passkey', 'This took too long. Try again.');
    const passkey = await passkeys.findPasskey(database, body.credential.id);
    const user = passkey && (await findUser(database, passkey.userId));
    if (!user) throw new LovelyError('bad-passkey', 'Nobody here has this passkey.');
    try {
      const { verified, authenticationInfo } = await orBadPasskey(() =>
        verifyAuthenticationResponse({
          response: body.credential as AuthenticationResponseJSON,
          expectedChallenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          credential: {
            id: passkey.credentialId,
            publicKey: new Uint8Array(passkey.publicKey),
            counter: passkey.counter,
          },
        }),
      );
      if (!verified) throw new LovelyError('bad-passkey');
      if (user.isDisabled) throw new LovelyError('user-disabled');
      const { newCounter: counter, credentialBackedUp: isSynced } = authenticationInfo;
      if (!(await passkeys.touchPasskey(database, passkey.id, { counter, isSynced })))
        throw new LovelyError('bad-passkey', 'This passkey was used elsewhere meanwhile: there may be a copy of it.');
    } catch (error) {
      if (error instanceof LovelyError)
        await recordAudit(database, user.tenant.id, {
          actor: { type: 'user', id: user.id, name: user.email },
          action: 'login.create',
          note: { object: { type: 'passkey', id: passkey.id, name: passkey.name } },
          result: error.code,
          address,
        });
      throw error;
    }
    const how = { method: 'passkey', hasSecondFactor: true } as const;
    return await openBrowserLogin(context, user, { request, address, setHeader }, how);
  });
}

/** The site of the page that asks: browsers name its origin on every POST. Throws 'bad-origin'. */
function siteOf({ origins }: ApiContext, request: Request): { origin: string; rpId: string } {
  const origin = request.headers.get('origin');
  if (origin === null || !origins.has(origin)) throw new LovelyError('bad-origin');
  return { origin, rpId: new URL(origin).hostname };
}

/**
 * We ask for no attestation, so browsers send none or one by the key itself. A certificate would come from no browser,
 * and name addresses for the check of it to ask.
 */
function requireNoCertificates({ response }: RegistrationResponseJSON): void {
  const statement = decodeAttestationObject(Buffer.from(response.attestationObject, 'base64url')).get('attStmt');
  if (statement.size > 0 && (statement.get('x5c') !== undefined || statement.get('alg') === undefined))
    throw new LovelyError('bad-passkey', 'An attestation was not asked for.');
}

/** Whatever is wrong with an answer comes from outside; the detail says what, which helps no attacker. */
async function orBadPasskey<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    throw cause instanceof LovelyError ? cause : new LovelyError('bad-passkey', undefined, { cause });
  }
}

function publicPasskey({ id, name, isSynced, createdAt, lastUsedAt }: passkeys.PasskeyRecord): Passkey {
  return { id, name, isSynced, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}
