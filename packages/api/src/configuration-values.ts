/** Keys and values of configuration, as people and schemas name them. */
import { z } from 'zod';
import {
  CONFIGURATION_CONFIRM_MS_MAX,
  CONFIGURATION_CONFIRM_MS_MIN,
  CONFIGURATION_KEY_LENGTH_MAX,
  CONFIGURATION_VALUES_MAX,
} from './limits.ts';
import { fixValue } from './endpoints/fixes.ts';

/** `key` for the gateway itself, `sensor/<id>/<key>` for a sensor, `client/<name>` for the client on the gateway. */
export const configurationKey = z
  .string()
  .min(1)
  .max(CONFIGURATION_KEY_LENGTH_MAX)
  .regex(/^[A-Za-z0-9_.:/-]+$/, 'letters, digits and . _ : / -')
  // Such a name means something to JavaScript on any of the ways that it takes.
  .refine((key) => key !== '__proto__', { message: 'another name' });

export const configurationValue = fixValue;

export const configurationValues = z
  .record(configurationKey, configurationValue)
  .refine((all) => Object.keys(all).length <= CONFIGURATION_VALUES_MAX, {
    message: `at most ${CONFIGURATION_VALUES_MAX} values`,
  });
export type ConfigurationValues = z.infer<typeof configurationValues>;

/** How long after applying the house must still be there, or it goes back. */
export const confirmMs = z.number().int().min(CONFIGURATION_CONFIRM_MS_MIN).max(CONFIGURATION_CONFIRM_MS_MAX);
