/** Roles: the built-in ones and a tenant's own, and what a person's roles come to. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { DESCRIPTION_LENGTH_MAX, NAME_LENGTH_MAX } from '../limits.ts';
import { id } from '../nouns.ts';
import { PERMISSION_NAMES } from '../roles.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const permission = z.enum(PERMISSION_NAMES);
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const description = z.string().trim().max(DESCRIPTION_LENGTH_MAX);
const permissions = z.array(permission).max(PERMISSION_NAMES.length);

export const role = z.object({
  /** The key of a built-in role, or a UUID. */
  id: z.string(),
  name: z.string(),
  description: z.string(),
  permissions: z.array(permission),
  builtIn: z.boolean(),
  /** How many people have it. */
  users: z.number().int(),
  version: z.number().int(),
});
export type Role = z.infer<typeof role>;

export const listRoles = endpoint({
  method: 'GET',
  path: '/api/v1/roles',
  summary: 'All roles: the built-in ones first, then the own ones by name',
  access: 'people.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(role) }),
  status: 200,
});

export const createRole = endpoint({
  method: 'POST',
  path: '/api/v1/roles',
  summary: 'Make a role; nobody puts more into it than they may do themselves',
  access: 'role.write',
  action: 'role.create',
  params: none,
  query: none,
  body: z.object({ name, description: description.default(''), permissions }),
  result: role,
  status: 201,
});

export const updateRole = endpoint({
  method: 'PATCH',
  path: '/api/v1/roles/{id}',
  summary: 'Change a role of the own ones; it counts at once for everybody who has it',
  access: 'role.write',
  action: 'role.update',
  params: byId,
  query: none,
  body: z.object({ name: name.optional(), description: description.optional(), permissions: permissions.optional() }),
  result: role,
  status: 200,
});

export const deleteRole = endpoint({
  method: 'DELETE',
  path: '/api/v1/roles/{id}',
  summary: 'Delete a role of the own ones; whoever has it loses it',
  access: 'role.write',
  action: 'role.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

/** What a person may do, in all or with one device. */
export const getUserAccess = endpoint({
  method: 'GET',
  path: '/api/v1/users/{id}/access',
  summary: 'What this person can do: each permission with where it holds and the roles that give it',
  access: 'people.read',
  params: byId,
  query: z.object({
    /** Answers `onDevice` for this device. */
    deviceId: id.optional(),
  }),
  body: nothing,
  result: z.object({
    items: z.array(
      z.object({
        permission,
        allows: z.string(),
        /** Everywhere, in the houses of these groups, or not at all. */
        holds: z.union([z.literal('all'), z.array(z.object({ id, name: z.string() })), z.literal('no')]),
        /** Names of the roles it comes from. */
        roles: z.array(z.string()),
        /** Whether it holds for the device that was asked about; null without one, or where devices don't matter. */
        onDevice: z.boolean().nullable(),
      }),
    ),
  }),
  status: 200,
});
