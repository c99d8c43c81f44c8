/** Devices: a gateway together with the house it serves. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  CURSOR_LENGTH_MAX,
  IMPORT_BODY_BYTES_MAX,
  IMPORT_LENGTH_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
  PUBLIC_KEY_LENGTH_MAX,
} from '../limits.ts';
import { PERMISSION_NAMES } from '../roles.ts';
import { device, deviceDetail, devicePatch, deviceStatus, health, id, metric } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

export const listDevices = endpoint({
  method: 'GET',
  path: '/api/v1/devices',
  summary: 'Devices, newest first unless sorted, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({
    status: deviceStatus.optional(),
    health: health.optional(),
    /** Each word begins a word of the name, address, identity or tags; an id finds its device. */
    search: z.string().max(200).optional(),
    /** Only devices with, or without, a place on the map. */
    placed: z.stringbool().optional(),
    /** `health` is worst first; `connectionChangedAt` leaves out what was never connected. */
    sort: z.enum(['createdAt', 'name', 'health', 'connectionChangedAt']).default('createdAt'),
    /** Without it, newest first, and everything else from the front. */
    direction: z.enum(['asc', 'desc']).optional(),
    /** Only devices of this group. */
    group: id.optional(),
    /** Only devices with an open alert of this rule. */
    rule: z.string().max(128).optional(),
    /** `next` of the page before. */
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(device), next: z.string().nullable() }),
  status: 200,
});

export const getDevice = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}',
  summary: 'One device with its keys and inventory',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: deviceDetail.extend({
    /** What the caller may do with this one. */
    permissions: z.array(z.enum(PERMISSION_NAMES)),
  }),
  status: 200,
});

export const preauthorizeDevice = endpoint({
  method: 'POST',
  path: '/api/v1/devices',
  summary: 'Pre-authorise a device: it is accepted when it first asks with this identity and key',
  access: 'device.accept',
  action: 'device.preauthorize',
  params: none,
  query: none,
  body: devicePatch.extend({
    /** What its auth requests carry, as `{"mac": "02:00:00:aa:bb:01"}`. */
    identity: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    /** SPKI PEM. */
    publicKey: z.string().min(1).max(PUBLIC_KEY_LENGTH_MAX),
  }),
  result: device,
  status: 201,
});

export const importDevices = endpoint({
  method: 'POST',
  path: '/api/v1/devices/import',
  summary: 'Pre-authorise the devices of a CSV file; good lines are taken, bad ones told. See docs/joining.md',
  access: 'device.accept',
  action: 'device.import',
  params: none,
  query: none,
  body: z.object({
    /** RFC 4180 with a line of names first: `identity.<name>` (one or more), `public_key`, and name, address, latitude, longitude, tags. */
    csv: z.string().min(1).max(IMPORT_LENGTH_MAX),
    /** Only says what would happen. */
    dryRun: z.boolean().default(false),
  }),
  bodyBytesMax: IMPORT_BODY_BYTES_MAX,
  result: z.object({
    dryRun: z.boolean(),
    /** Lines with a device, without the line of names and empty ones. */
    devices: z.number().int(),
    /** How many of them were, or would be, pre-authorised. */
    created: z.number().int(),
    /** Why each of the others was not, by where it begins in the file, from 1. */
    problems: z.array(z.object({ line: z.number().int(), column: z.string().nullable(), reason: z.string() })),
  }),
  status: 200,
});

export const updateDevice = endpoint({
  method: 'PATCH',
  path: '/api/v1/devices/{id}',
  summary: 'Name a house, place it on the map, tag it',
  access: 'device.write',
  action: 'device.update',
  params: byId,
  query: none,
  body: devicePatch,
  result: device,
  status: 200,
});

export const setAuthSetStatus = endpoint({
  method: 'PUT',
  path: '/api/v1/devices/{id}/auth-sets/{authSetId}',
  summary: 'Accept or reject one key of a device; rejecting closes its open connection',
  access: 'device.accept',
  action: 'device.set-key-status',
  params: z.object({ id, authSetId: id }),
  query: none,
  body: z.object({ status: z.enum(['accepted', 'rejected']) }),
  result: deviceDetail,
  status: 200,
});

export const deleteDevice = endpoint({
  method: 'DELETE',
  path: '/api/v1/devices/{id}',
  summary: 'Decommission a device: its keys are void at once and everything known of it is deleted',
  access: 'device.accept',
  action: 'device.decommission',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const getDeviceStatus = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/status',
  summary: 'The last value of every metric of a device and its sensors',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: z.object({ metrics: z.array(metric) }),
  status: 200,
});
