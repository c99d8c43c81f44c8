/** Schemas of configuration. */
import {
  createConfigurationSchema,
  deleteConfigurationSchema,
  getConfigurationSchema,
  listConfigurationSchemas,
  listConfigurationSchemaVersions,
  resetConfigurationSchema,
  updateConfigurationSchema,
  type ConfigurationSchema,
  type ConfigurationSchemaDraft,
} from '@lovely/api';
import { checkSchema } from '../domain/configuration-schema.ts';
import { LovelyError } from '../errors.ts';
import * as schemas from '../store/configuration-schemas.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeConfigurationSchemas(http: Http, context: ApiContext): void {
  route(http, context, listConfigurationSchemas, async ({ person, database }) => ({
    items: await schemas.listSchemas(database, person.tenantId),
  }));

  route(http, context, getConfigurationSchema, ({ person, database, params }) =>
    schemas.getSchema(database, person.tenantId, params.key),
  );

  route(http, context, listConfigurationSchemaVersions, async ({ person, database, params }) => ({
    items: await schemas.listSchemaVersions(database, person.tenantId, params.key),
  }));

  route(http, context, createConfigurationSchema, async ({ person, database, body, audit }) => {
    const { key, ...schema } = body;
    requireSound(schema);
    await schemas.insertSchema(database, person.tenantId, key, schema, person.user.name);
    audit({ object: objectOf(key, schema), after: schema });
    return await schemas.getSchema(database, person.tenantId, key);
  });

  route(http, context, updateConfigurationSchema, async ({ person, database, params, body, ifVersion, audit }) => {
    const { tenantId, user } = person;
    const before = await schemas.getSchema(database, tenantId, params.key);
    if (before.origin === 'built-in' && body.of.kind !== before.of.kind)
      throw new LovelyError('bad-input', 'What a built-in schema is of stays.', { pointer: '/of' });
    requireSound(body);
    await schemas.updateSchema(database, tenantId, params.key, body, user.name, ifVersion);
    audit({ object: objectOf(params.key, body), before: written(before), after: body });
    return await schemas.getSchema(database, tenantId, params.key);
  });

  route(http, context, resetConfigurationSchema, async ({ person, database, params, ifVersion, audit }) => {
    const { tenantId, user } = person;
    const before = await schemas.getSchema(database, tenantId, params.key);
    await schemas.updateSchema(database, tenantId, params.key, null, user.name, ifVersion);
    const after = await schemas.getSchema(database, tenantId, params.key);
    audit({ object: objectOf(params.key, after), before: written(before), after: written(after) });
    return after;
  });

  route(http, context, deleteConfigurationSchema, async ({ person, database, params, ifVersion, audit }) => {
    const before = await schemas.getSchema(database, person.tenantId, params.key);
    await schemas.deleteSchema(database, person.tenantId, params.key, ifVersion);
    audit({ object: objectOf(params.key, before), before: written(before) });
    return undefined;
  });
}

function objectOf(id: string, { title }: Pick<ConfigurationSchemaDraft, 'title'>) {
  return { type: 'configuration-schema', id, name: title };
}

/** What people write of a schema. */
function written({ title, of, fields, takesUnknown }: ConfigurationSchema): ConfigurationSchemaDraft {
  return { title, of, fields, takesUnknown };
}

/** What no single member says. Throws 'bad-input' with an error for each. */
function requireSound(schema: ConfigurationSchemaDraft): void {
  const errors = checkSchema(schema);
  const [first] = errors;
  if (first) throw new LovelyError('bad-input', first.detail, { pointer: first.pointer, errors });
}
