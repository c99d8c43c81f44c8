/** Schemas of configuration: what can be set on gateways of a type, on sensors of a kind and on the client, and what is good. */
import { z } from 'zod';
import { configurationKey, configurationValue } from '../configuration-values.ts';
import { endpoint } from '../endpoint.ts';
import {
  CONFIGURATION_CHOICES_MAX,
  CONFIGURATION_FIELDS_MAX,
  CONFIGURATION_PATTERN_LENGTH_MAX,
  CONFIGURATION_VALUE_LENGTH_MAX,
  DESCRIPTION_LENGTH_MAX,
  NAME_LENGTH_MAX,
  RULE_KINDS_MAX,
} from '../limits.ts';
import { time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();

const text = (lengthMax: number) =>
  z
    .string()
    .trim()
    .max(lengthMax)
    .regex(/^[^\0]*$/, 'no U+0000');
const names = z.array(text(64).min(1)).max(RULE_KINDS_MAX);

/** Names the schema within its organisation. */
export const configurationSchemaKey = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and hyphens');
const byKey = z.object({ key: configurationSchemaKey });

export const configurationFieldType = z.enum(['boolean', 'integer', 'number', 'text', 'choice', 'duration']);
export type ConfigurationFieldType = z.infer<typeof configurationFieldType>;

export const configurationField = z.object({
  /** Without `client/` and `sensor/<id>/`, which the schema's own place says. */
  key: configurationKey,
  title: text(NAME_LENGTH_MAX).min(1),
  description: text(DESCRIPTION_LENGTH_MAX).default(''),
  /** A duration is an integer of milliseconds. */
  type: configurationFieldType,
  /** As people write it behind the value: °C, W, %. */
  unit: text(32).default(''),
  /** Of integer, number and duration. */
  min: z.number().nullable().default(null),
  max: z.number().nullable().default(null),
  /** Of text. */
  lengthMax: z.number().int().min(1).max(CONFIGURATION_VALUE_LENGTH_MAX).nullable().default(null),
  /** Of text: the whole of it must fit; a pattern as rules have them for logs. */
  pattern: text(CONFIGURATION_PATTERN_LENGTH_MAX).default(''),
  /** Of choice: what there is to choose from. */
  choices: z
    .array(z.object({ value: text(CONFIGURATION_VALUE_LENGTH_MAX).min(1), title: text(NAME_LENGTH_MAX).default('') }))
    .max(CONFIGURATION_CHOICES_MAX)
    .default([]),
  /** What the house does where nobody sets it; it is shown, not sent. */
  default: configurationValue.nullable().default(null),
  /** Whether something must start again before it counts. */
  needsRestart: z.boolean().default(false),
});
export type ConfigurationField = z.infer<typeof configurationField>;

/** What a schema is of: the client itself, gateways of these types (empty: all), or sensors of these kinds and models (empty: all). */
export const configurationSchemaOf = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('client') }),
  z.object({ kind: z.literal('gateway'), deviceTypes: names }),
  z.object({ kind: z.literal('sensors'), kinds: names, models: names }),
]);
export type ConfigurationSchemaOf = z.infer<typeof configurationSchemaOf>;

const members = {
  title: text(NAME_LENGTH_MAX).min(1),
  of: configurationSchemaOf,
  fields: z.array(configurationField).max(CONFIGURATION_FIELDS_MAX),
  /** Whether keys that no schema of the same gateway or sensor names may be set. */
  takesUnknown: z.boolean().default(false),
};
export const configurationSchemaDraft = z.object(members);
export type ConfigurationSchemaDraft = z.infer<typeof configurationSchemaDraft>;

export const configurationSchema = z.object({
  key: configurationSchemaKey,
  ...members,
  /** 0: as it came with the system. */
  version: z.number().int(),
  /** `built-in` comes with the system: it can be changed and reset, and not deleted. */
  origin: z.enum(['built-in', 'own']),
  edited: z.boolean(),
  updatedAt: time.nullable(),
  updatedBy: z.string().nullable(),
});
export type ConfigurationSchema = z.infer<typeof configurationSchema>;

export const configurationSchemaVersion = z.object({
  version: z.number().int(),
  schema: configurationSchemaDraft,
  at: time,
  by: z.string().nullable(),
});
export type ConfigurationSchemaVersion = z.infer<typeof configurationSchemaVersion>;

export const listConfigurationSchemas = endpoint({
  method: 'GET',
  path: '/api/v1/configuration-schemas',
  summary: 'All schemas of configuration by title',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(configurationSchema) }),
  status: 200,
});

export const getConfigurationSchema = endpoint({
  method: 'GET',
  path: '/api/v1/configuration-schemas/{key}',
  summary: 'One schema of configuration',
  access: 'fleet.read',
  params: byKey,
  query: none,
  body: nothing,
  result: configurationSchema,
  status: 200,
});

export const createConfigurationSchema = endpoint({
  method: 'POST',
  path: '/api/v1/configuration-schemas',
  summary: 'Make a schema for gateways of a type, or sensors of a kind',
  access: 'tenant.write',
  action: 'configuration-schema.create',
  params: none,
  query: none,
  body: z.object({ key: configurationSchemaKey, ...members }),
  result: configurationSchema,
  status: 201,
});

export const updateConfigurationSchema = endpoint({
  method: 'PUT',
  path: '/api/v1/configuration-schemas/{key}',
  summary: 'Change a schema; what is set already stays, and shows where it is not good any more',
  access: 'tenant.write',
  action: 'configuration-schema.update',
  params: byKey,
  query: none,
  body: configurationSchemaDraft,
  result: configurationSchema,
  status: 200,
});

export const resetConfigurationSchema = endpoint({
  method: 'POST',
  path: '/api/v1/configuration-schemas/{key}/reset',
  summary: 'Make a built-in schema as it came',
  access: 'tenant.write',
  action: 'configuration-schema.reset',
  params: byKey,
  query: none,
  body: nothing,
  result: configurationSchema,
  status: 200,
});

export const deleteConfigurationSchema = endpoint({
  method: 'DELETE',
  path: '/api/v1/configuration-schemas/{key}',
  summary: 'Delete a schema of your own; what is set by it stays set',
  access: 'tenant.write',
  action: 'configuration-schema.delete',
  params: byKey,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const listConfigurationSchemaVersions = endpoint({
  method: 'GET',
  path: '/api/v1/configuration-schemas/{key}/versions',
  summary: 'What a schema was, the newest version first',
  access: 'fleet.read',
  params: byKey,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(configurationSchemaVersion) }),
  status: 200,
});
