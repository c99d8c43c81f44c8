/** Join codes: what a gateway says to come into a tenant; see docs/joining.md. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { JOIN_CODE_MINUTES_MAX, JOIN_CODE_USES_MAX, NAME_LENGTH_MAX } from '../limits.ts';
import { id, tags, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();

export const joinCode = z.object({
  id,
  name: z.string(),
  /** When it stops working; null for a tenant token that works until it is revoked. */
  expiresAt: time.nullable(),
  /** How many devices joined by it. */
  uses: z.number().int(),
  usesMax: z.number().int().nullable(),
  /** Whether devices that join by it are accepted without anybody looking. */
  accept: z.boolean(),
  /** The static group that devices come into. */
  groupId: id.nullable(),
  tags: z.array(z.string()),
  createdAt: time,
  /** Whether a device can join by it now. */
  usable: z.boolean(),
});
export type JoinCode = z.infer<typeof joinCode>;

export const listJoinCodes = endpoint({
  method: 'GET',
  path: '/api/v1/join-codes',
  summary: 'Join codes of the tenant, newest first, without the codes themselves',
  access: 'tenant.write',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(joinCode) }),
  status: 200,
});

export const createJoinCode = endpoint({
  method: 'POST',
  path: '/api/v1/join-codes',
  summary: 'Make a join code; the answer is the only one that holds it. `accept` needs device.accept too',
  access: 'tenant.write',
  action: 'join-code.create',
  params: none,
  query: none,
  body: z
    .object({
      name: z.string().trim().min(1).max(NAME_LENGTH_MAX),
      /** null makes a tenant token without an end, which accepts nobody by itself. */
      expiresInMinutes: z.number().int().min(1).max(JOIN_CODE_MINUTES_MAX).nullable(),
      usesMax: z.number().int().min(1).max(JOIN_CODE_USES_MAX).nullable().default(null),
      accept: z.boolean().default(false),
      groupId: id.nullable().default(null),
      tags: tags.default([]),
    })
    .refine(({ accept, expiresInMinutes }) => !accept || expiresInMinutes !== null, {
      error: 'a code that accepts devices by itself needs an end',
      path: ['expiresInMinutes'],
    }),
  result: z.object({
    joinCode,
    /** As it is typed: groups of letters and digits with hyphens between; case and hyphens don't matter. */
    code: z.string(),
    /** For a QR code: `lovely://join?server=…&code=…&ca=…`, see docs/joining.md. */
    payload: z.string(),
  }),
  status: 201,
});

export const deleteJoinCode = endpoint({
  method: 'DELETE',
  path: '/api/v1/join-codes/{id}',
  summary: 'Revoke a join code: nobody joins by it any more; devices that did so stay',
  access: 'tenant.write',
  action: 'join-code.delete',
  params: z.object({ id }),
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
