/** Second factors of whoever is signed in: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { FACTOR_CODE_LENGTH_MAX, PASSWORD_LENGTH_MAX } from '../limits.ts';
import { time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();

/** Six digits of the app, or a recovery code; spaces and hyphens don't matter. */
export const factorCode = z.string().min(1).max(FACTOR_CODE_LENGTH_MAX);

/** That it is really the owner who takes a factor off, and not somebody at an open browser. */
export const proof = z.union([
  z.object({ password: z.string().min(1).max(PASSWORD_LENGTH_MAX) }),
  z.object({ code: factorCode }),
]);
export type Proof = z.infer<typeof proof>;

/** Shown here and never again; each works once. */
const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });

export const factors = z.object({
  /** False for who signs in through a provider only. */
  hasPassword: z.boolean(),
  totp: z.object({
    isActive: z.boolean(),
    /** Since when it is asked for. */
    activeSince: time.nullable(),
  }),
  recoveryCodesLeft: z.number().int(),
  passkeys: z.number().int(),
  /** The tenant asks everybody for a second factor. */
  isRequired: z.boolean(),
});
export type Factors = z.infer<typeof factors>;

export const getFactors = endpoint({
  method: 'GET',
  path: '/api/v1/me/factors',
  summary: 'Which second factors whoever is signed in has',
  access: 'person',
  params: none,
  query: none,
  body: nothing,
  result: factors,
  status: 200,
});

export const beginTotp = endpoint({
  method: 'POST',
  path: '/api/v1/me/totp',
  summary: 'A new secret for an authenticator app; it is asked for once a code of it has confirmed it',
  access: 'person',
  action: 'totp.begin',
  params: none,
  query: none,
  body: nothing,
  result: z.object({
    /** Base32, to type where no QR code can be read. */
    secret: z.string(),
    /** `otpauth://totp/…`, for a QR code. */
    uri: z.string(),
  }),
  status: 201,
});

export const confirmTotp = endpoint({
  method: 'POST',
  path: '/api/v1/me/totp/confirmation',
  summary: 'Turn codes on with the first one; the answer has ten recovery codes, and all other sign-ins end',
  access: 'person',
  action: 'totp.confirm',
  params: none,
  query: none,
  body: z.object({ code: factorCode }),
  result: recoveryCodes,
  status: 201,
});

/** A POST, because a DELETE has no body to prove anything with. */
export const deleteTotp = endpoint({
  method: 'POST',
  path: '/api/v1/me/totp/deletion',
  summary: 'Turn codes off, with the password or a last code; the recovery codes go too',
  access: 'person',
  action: null,
  params: none,
  query: none,
  body: proof,
  result: nothing,
  status: 204,
});

export const createRecoveryCodes = endpoint({
  method: 'POST',
  path: '/api/v1/me/recovery-codes',
  summary: 'Ten new recovery codes; the old ones are void',
  access: 'person',
  action: null,
  params: none,
  query: none,
  body: proof,
  result: recoveryCodes,
  status: 201,
});
