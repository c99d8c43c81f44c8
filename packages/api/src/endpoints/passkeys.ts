/** Passkeys (WebAuthn): of whoever is signed in, and signing in with one without typing anything. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX } from '../limits.ts';
import { id, time, user } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);

/** Base64url without padding, as WebAuthn's JSON has it. */
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);

/** What `PublicKeyCredential.parse…OptionsFromJSON` of a browser takes. */
const options = z.record(z.string(), z.unknown());

/** What `toJSON` of the browser's PublicKeyCredential gives; both kinds share these members. */
const credential = z.object({
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
});

const registration = credential.extend({
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
});

const assertion = credential.extend({
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullish(),
  }),
});

/** The challenge is good for one answer within five minutes. */
const challenge = z.object({ challengeId: id, options });

export const passkey = z.object({
  id,
  name: z.string(),
  /** Whether the owner's devices share it, as a phone and a laptop of one account do. */
  isSynced: z.boolean(),
  createdAt: time,
  lastUsedAt: time.nullable(),
});
export type Passkey = z.infer<typeof passkey>;

export const listPasskeys = endpoint({
  method: 'GET',
  path: '/api/v1/me/passkeys',
  summary: 'The passkeys of whoever is signed in, newest first',
  access: 'person',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(passkey) }),
  status: 200,
});

export const beginPasskey = endpoint({
  method: 'POST',
  path: '/api/v1/me/passkeys/options',
  summary: 'What the browser needs to make a passkey',
  access: 'person',
  action: 'passkey.begin',
  params: none,
  query: none,
  body: nothing,
  result: challenge,
  status: 201,
});

export const createPasskey = endpoint({
  method: 'POST',
  path: '/api/v1/me/passkeys',
  summary: 'Keep a passkey that the browser made',
  access: 'person',
  action: 'passkey.create',
  params: none,
  query: none,
  body: z.object({ challengeId: id, name, credential: registration }),
  result: passkey,
  status: 201,
});

export const updatePasskey = endpoint({
  method: 'PATCH',
  path: '/api/v1/me/passkeys/{id}',
  summary: 'Rename a passkey',
  access: 'person',
  action: 'passkey.update',
  params: byId,
  query: none,
  body: z.object({ name }),
  result: passkey,
  status: 200,
});

export const deletePasskey = endpoint({
  method: 'DELETE',
  path: '/api/v1/me/passkeys/{id}',
  summary: 'Delete a passkey: it signs nobody in any more',
  access: 'person',
  action: 'passkey.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const beginPasskeyLogin = endpoint({
  method: 'POST',
  path: '/api/v1/login/passkey/options',
  summary: 'What the browser needs to sign in with a passkey',
  access: 'anyone',
  params: none,
  query: none,
  body: nothing,
  result: challenge,
  status: 201,
});

export const createPasskeyLogin = endpoint({
  method: 'POST',
  path: '/api/v1/login/passkey',
  summary: 'Sign in with a passkey; the answer sets an HttpOnly cookie',
  access: 'anyone',
  action: 'login.create',
  params: none,
  query: none,
  body: z.object({ challengeId: id, credential: assertion }),
  result: user,
  status: 200,
});
