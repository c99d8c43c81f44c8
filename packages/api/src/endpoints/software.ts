/** What software runs where: versions and how many houses run each, houses that drift, the bill of one house. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CURSOR_LENGTH_MAX, NAME_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const whole = z.number().int();
/** A key of what devices provide: `artifact_name`, `rootfs-image.version`, … */
const key = z.string().min(1).max(NAME_LENGTH_MAX);

export const softwareVersion = z.object({
  /** Null: houses that have nothing of that key. */
  value: z.string().nullable(),
  deviceType: z.string().nullable(),
  houses: whole,
  /** Of these, houses that should run something else. */
  drifting: whole,
});
export type SoftwareVersion = z.infer<typeof softwareVersion>;

/** Something that a house should have and has not, or not so. */
export const softwareDrift = z.object({ key: z.string(), expected: z.string(), actual: z.string().nullable() });
export type SoftwareDrift = z.infer<typeof softwareDrift>;

export const deviceSoftware = z.object({
  deviceId: id,
  deviceName: z.string(),
  connected: z.boolean(),
  deviceType: z.string().nullable(),
  artifactName: z.string().nullable(),
  /** All that it provides, by key. */
  provides: z.record(z.string(), z.string()),
  /** Who said so last, and when: the gateway's client, or its inventory. */
  toldBy: z.enum(['client', 'inventory']).nullable(),
  toldAt: time.nullable(),
  changedAt: time.nullable(),
  /** What its deployments brought; empty before the first. */
  expected: z.record(z.string(), z.string()),
  drift: z.array(softwareDrift),
  /** The last deployment that it got something by. */
  deployment: z.object({ id, name: z.string() }).nullable(),
});
export type DeviceSoftware = z.infer<typeof deviceSoftware>;

export const deviceSoftwareDetail = deviceSoftware.extend({
  /** Everything known of what is installed: of the gateway, and of the sensors behind it. */
  bill: z.array(
    z.object({
      /** Empty for the gateway, else the sensor's id. */
      source: z.string(),
      sourceName: z.string(),
      name: z.string(),
      version: z.string(),
      /** provides: its updates brought or need it. inventory: it says so itself. sensor: the sensor's program says so. */
      from: z.enum(['provides', 'inventory', 'sensor']),
    }),
  ),
});
export type DeviceSoftwareDetail = z.infer<typeof deviceSoftwareDetail>;

export const listSoftwareVersions = endpoint({
  method: 'GET',
  path: '/api/v1/software/versions',
  summary: 'What runs where: versions of one part, with how many houses run each',
  access: 'fleet.read',
  params: none,
  query: z.object({
    key: key.default('artifact_name'),
    deviceType: z.string().max(NAME_LENGTH_MAX).optional(),
    groupId: id.optional(),
  }),
  body: nothing,
  result: z.object({
    /** The most frequent first; the rest is in `others`. */
    items: z.array(softwareVersion),
    others: whole,
    houses: whole,
    drifting: whole,
    /** Other keys that houses provide. */
    keys: z.array(z.string()),
    deviceTypes: z.array(z.string()),
  }),
  status: 200,
});

export const listSoftwareDevices = endpoint({
  method: 'GET',
  path: '/api/v1/software/devices',
  summary: 'Houses with what runs on them: those that run a version, are behind it, or drift; a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({
    key: key.default('artifact_name'),
    /** Houses that run this. */
    value: z.string().max(4096).optional(),
    /** Houses that run anything but this. */
    not: z.string().max(4096).optional(),
    deviceType: z.string().max(NAME_LENGTH_MAX).optional(),
    groupId: id.optional(),
    /** Only those that do not run what their deployments brought. */
    drifting: z.stringbool().optional(),
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(deviceSoftware), next: z.string().nullable() }),
  status: 200,
});

export const getDeviceSoftware = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/software',
  summary: 'What runs on a house, and what should',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: deviceSoftwareDetail,
  status: 200,
});
