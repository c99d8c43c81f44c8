/** Trusted keys: public keys by which the organisation's software is signed. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, PUBLIC_KEY_LENGTH_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);

export const trustedKey = z.object({
  id,
  name: z.string(),
  publicKeyPem: z.string(),
  algorithm: z.enum(['rsa', 'ecdsa', 'ed25519']),
  /** SHA-256 of the public key's DER, as colon-separated hex. */
  fingerprint: z.string(),
  /** Artifacts that are signed by it. */
  artifacts: z.number().int(),
  createdAt: time,
  version: z.number().int(),
});
export type TrustedKey = z.infer<typeof trustedKey>;

export const listTrustedKeys = endpoint({
  method: 'GET',
  path: '/api/v1/trusted-keys',
  summary: 'Keys by which software may be signed',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(trustedKey) }),
  status: 200,
});

export const createTrustedKey = endpoint({
  method: 'POST',
  path: '/api/v1/trusted-keys',
  summary: 'Trust a public key in PEM: RSA, ECDSA on P-256, or Ed25519',
  access: 'tenant.write',
  action: 'trusted-key.create',
  params: none,
  query: none,
  body: z.object({ name, publicKeyPem: z.string().max(PUBLIC_KEY_LENGTH_MAX) }),
  result: trustedKey,
  status: 201,
});

export const updateTrustedKey = endpoint({
  method: 'PATCH',
  path: '/api/v1/trusted-keys/{id}',
  summary: 'Rename a trusted key',
  access: 'tenant.write',
  action: 'trusted-key.update',
  params: byId,
  query: none,
  body: z.object({ name }),
  result: trustedKey,
  status: 200,
});

export const deleteTrustedKey = endpoint({
  method: 'DELETE',
  path: '/api/v1/trusted-keys/{id}',
  summary: 'Trust a key no longer; artifacts of it stay, as signed by nobody who is trusted',
  access: 'tenant.write',
  action: 'trusted-key.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
