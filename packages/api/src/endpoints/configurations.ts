/** Configuration of a house: what its gateway and sensors should be set to, and what they say they are. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CONFIGURATION_KEY_LENGTH_MAX, CONFIGURATION_VALUES_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';
import { fixValue } from './fixes.ts';

const none = z.object({});

/** `key` for the gateway itself, `sensor/<id>/<key>` for a sensor. */
const key = z
  .string()
  .min(1)
  .max(CONFIGURATION_KEY_LENGTH_MAX)
  .regex(/^[A-Za-z0-9._:/-]+$/, 'letters, digits and . _ : / -');
export const configurationValues = z
  .record(key, fixValue)
  .refine((all) => Object.keys(all).length <= CONFIGURATION_VALUES_MAX, {
    message: `at most ${CONFIGURATION_VALUES_MAX} values`,
  });

export const configuration = z.object({
  desired: configurationValues,
  /** Rises with each change; 0: nothing was ever desired. */
  version: z.number().int(),
  desiredAt: time.nullable(),
  /** Who desired it; null for nobody. */
  desiredBy: z.string().nullable(),
  /** What the house says it has; it may lag behind while it is away. */
  reported: configurationValues,
  reportedVersion: z.number().int(),
  reportedAt: time.nullable(),
});
export type Configuration = z.infer<typeof configuration>;

export const getDeviceConfiguration = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/configuration',
  summary: 'What a house should be set to, and what it says it is',
  access: 'fleet.read',
  params: z.object({ id }),
  query: none,
  body: z.undefined(),
  result: configuration,
  status: 200,
});

export const putDeviceConfiguration = endpoint({
  method: 'PUT',
  path: '/api/v1/devices/{id}/configuration',
  summary: 'Replace what a house should be set to; it is told at once, or when it is back',
  access: 'device.write',
  action: 'configuration.replace',
  params: z.object({ id }),
  query: none,
  body: z.object({ desired: configurationValues }),
  result: configuration,
  status: 200,
});
