/** Groups of devices: sets that people fill, and saved filters that fill themselves. A device may be in many. */
import { z } from 'zod';
import { deviceFilter } from '../device-filter.ts';
import { endpoint } from '../endpoint.ts';
import { DESCRIPTION_LENGTH_MAX, GROUP_CHANGE_DEVICES_MAX, NAME_LENGTH_MAX } from '../limits.ts';
import { device, id } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const description = z.string().trim().max(DESCRIPTION_LENGTH_MAX);
const deviceIds = z.object({ deviceIds: z.array(id).min(1).max(GROUP_CHANGE_DEVICES_MAX) });

export const group = z.object({
  id,
  name: z.string(),
  description: z.string(),
  /** `static`: people add and remove devices. `dynamic`: whatever passes `filter`, at any moment. */
  kind: z.enum(['static', 'dynamic']),
  filter: deviceFilter.nullable(),
  /** Devices in it that the caller may see. */
  devices: z.number().int(),
  version: z.number().int(),
});
export type Group = z.infer<typeof group>;

export const listGroups = endpoint({
  method: 'GET',
  path: '/api/v1/groups',
  summary: 'All groups by name',
  access: 'fleet.read',
  params: none,
  query: z.object({
    /** Only groups that this device is in. */
    deviceId: id.optional(),
  }),
  body: nothing,
  result: z.object({ items: z.array(group) }),
  status: 200,
});

export const getGroup = endpoint({
  method: 'GET',
  path: '/api/v1/groups/{id}',
  summary: 'One group; its devices are listed by GET /api/v1/devices?group=',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: group,
  status: 200,
});

export const createGroup = endpoint({
  method: 'POST',
  path: '/api/v1/groups',
  summary: 'Make a group: static without a filter, dynamic with one',
  access: 'group.write',
  action: 'group.create',
  params: none,
  query: none,
  body: z.object({ name, description: description.default(''), filter: deviceFilter.nullable().default(null) }),
  result: group,
  status: 201,
});

export const updateGroup = endpoint({
  method: 'PATCH',
  path: '/api/v1/groups/{id}',
  summary: 'Rename a group, or change the filter of a dynamic one',
  access: 'group.write',
  action: 'group.update',
  params: byId,
  query: none,
  body: z.object({ name: name.optional(), description: description.optional(), filter: deviceFilter.optional() }),
  result: group,
  status: 200,
});

export const deleteGroup = endpoint({
  method: 'DELETE',
  path: '/api/v1/groups/{id}',
  summary: 'Delete a group; its devices stay, and roles that were limited to it hold there no more',
  access: 'group.write',
  action: 'group.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const addGroupDevices = endpoint({
  method: 'POST',
  path: '/api/v1/groups/{id}/devices',
  summary: 'Put devices into a static group',
  access: 'group.write',
  action: 'group.add-devices',
  params: byId,
  query: none,
  body: deviceIds,
  result: group,
  status: 200,
});

export const removeGroupDevices = endpoint({
  method: 'POST',
  path: '/api/v1/groups/{id}/devices/remove',
  summary: 'Take devices out of a static group',
  access: 'group.write',
  action: 'group.remove-devices',
  params: byId,
  query: none,
  body: deviceIds,
  result: group,
  status: 200,
});

/** A POST because a filter may be too long for a query. */
export const previewFilter = endpoint({
  method: 'POST',
  path: '/api/v1/device-filters/preview',
  summary: 'How many devices pass a filter, and some of them',
  access: 'fleet.read',
  action: null,
  params: none,
  query: none,
  body: z.object({ filter: deviceFilter }),
  result: z.object({ devices: z.number().int(), sample: z.array(device) }),
  status: 200,
});

/** What a filter can ask for: the attributes that devices have. */
export const listFilterAttributes = endpoint({
  method: 'GET',
  path: '/api/v1/device-filters/attributes',
  summary: 'Attributes that filters can use, the most common first, with values that occur',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({
    items: z.array(
      z.object({
        scope: z.enum(['identity', 'inventory', 'system', 'tags']),
        attribute: z.string(),
        devices: z.number().int(),
        /** Some values, the most common first. */
        values: z.array(z.string()),
      }),
    ),
  }),
  status: 200,
});
