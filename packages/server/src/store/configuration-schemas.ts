/** Schemas of configuration: those that come with the system, as a tenant changed them, and its own. */
import { sql } from 'kysely';
import type { ConfigurationSchema, ConfigurationSchemaDraft, ConfigurationSchemaVersion } from '@lovely/api';
import type { ConfiguredHouse } from '../domain/configuration-schema.ts';
import { DEFAULT_CONFIGURATION_SCHEMAS } from '../domain/default-configuration-schemas.ts';
import { LovelyError } from '../errors.ts';
import { CONFIGURATION_SCHEMA_VERSIONS_SHOWN, CONFIGURATION_SCHEMAS_MAX, SOURCES_PER_DEVICE_MAX } from '../limits.ts';
import type { Database } from './store.ts';

/** All by title. */
export async function listSchemas(database: Database, tenantId: string): Promise<ConfigurationSchema[]> {
  const rows = await database
    .selectFrom('configuration_schemas')
    .select(['key', 'schema', 'version', 'updated_at', 'updated_by'])
    .where('tenant_id', '=', tenantId)
    .execute();
  const changed = new Map(rows.map((row) => [row.key, row]));
  const keys = new Set([...DEFAULT_CONFIGURATION_SCHEMAS.keys(), ...changed.keys()]);
  return [...keys]
    .map((key): ConfigurationSchema => {
      const row = changed.get(key);
      const builtIn = DEFAULT_CONFIGURATION_SCHEMAS.get(key);
      return {
        key,
        ...(row?.schema ?? builtIn!),
        version: row?.version ?? 0,
        origin: builtIn ? 'built-in' : 'own',
        edited: builtIn !== undefined && row?.schema != null,
        updatedAt: row?.updated_at.toISOString() ?? null,
        updatedBy: row?.updated_by ?? null,
      };
    })
    .toSorted((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0));
}

/** Throws 'not-found'. */
export async function getSchema(database: Database, tenantId: string, key: string): Promise<ConfigurationSchema> {
  const found = (await listSchemas(database, tenantId)).find((schema) => schema.key === key);
  if (!found) throw new LovelyError('not-found');
  return found;
}

/** Throws 'name-taken' or 'limit-reached'. */
export async function insertSchema(
  transaction: Database,
  tenantId: string,
  key: string,
  schema: ConfigurationSchemaDraft,
  by: string,
): Promise<void> {
  // Two that are made at the same time wait for each other, or both would be the last that fits.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`configuration schemas ${tenantId}`}, 0))`.execute(
    transaction,
  );
  const known = await listSchemas(transaction, tenantId);
  if (known.length >= CONFIGURATION_SCHEMAS_MAX)
    throw new LovelyError('limit-reached', `There are ${CONFIGURATION_SCHEMAS_MAX} schemas already.`);
  if (known.some((one) => one.key === key))
    throw new LovelyError('name-taken', 'There is a schema with this key already.', { pointer: '/key' });
  await writeSchema(transaction, tenantId, key, schema, by);
}

/**
 * Changes a schema, or makes a built-in one as it came (null); what it was is kept.
 * Throws 'not-found', or 'changed-meanwhile' unless the version is `ifVersion`.
 */
export async function updateSchema(
  transaction: Database,
  tenantId: string,
  key: string,
  schema: ConfigurationSchemaDraft | null,
  by: string,
  ifVersion: number | undefined,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`configuration schemas ${tenantId}`}, 0))`.execute(
    transaction,
  );
  const before = await getSchema(transaction, tenantId, key);
  if (ifVersion !== undefined && before.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  if (schema === null && before.origin === 'own')
    throw new LovelyError('bad-request', 'Only a schema that came with the system can be made as it came.');
  await writeSchema(transaction, tenantId, key, schema, by);
}

/** Throws 'not-found', or 'schema-built-in' for one that came with the system. */
export async function deleteSchema(
  transaction: Database,
  tenantId: string,
  key: string,
  ifVersion: number | undefined,
): Promise<void> {
  const before = await getSchema(transaction, tenantId, key);
  if (ifVersion !== undefined && before.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  if (before.origin === 'built-in') throw new LovelyError('schema-built-in');
  await transaction
    .deleteFrom('configuration_schemas')
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .execute();
}

/** What a schema was, the newest first; as it came is version 0. Throws 'not-found'. */
export async function listSchemaVersions(
  database: Database,
  tenantId: string,
  key: string,
): Promise<ConfigurationSchemaVersion[]> {
  const rows = await database
    .selectFrom('configuration_schema_versions')
    .select(['version', 'schema', 'created_at', 'created_by'])
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .orderBy('version', 'desc')
    .limit(CONFIGURATION_SCHEMA_VERSIONS_SHOWN)
    .execute();
  if (rows.length === 0) await getSchema(database, tenantId, key);
  return rows.map(({ version, schema, created_at: at, created_by: by }) => ({
    version,
    schema,
    at: at.toISOString(),
    by,
  }));
}

async function writeSchema(
  transaction: Database,
  tenantId: string,
  key: string,
  schema: ConfigurationSchemaDraft | null,
  by: string,
): Promise<void> {
  await sql`
    with written as (
      insert into configuration_schemas as known (tenant_id, key, schema, updated_by)
      values (${tenantId}, ${key}, ${schema && JSON.stringify(schema)}::jsonb, ${by})
      on conflict (tenant_id, key) do update set schema = excluded.schema, version = known.version + 1,
        updated_at = now(), updated_by = excluded.updated_by
      returning version)
    insert into configuration_schema_versions (tenant_id, key, version, schema, created_by)
    select ${tenantId}, ${key}, version, ${JSON.stringify(schema ?? DEFAULT_CONFIGURATION_SCHEMAS.get(key))}::jsonb, ${by}
    from written`.execute(transaction);
}

/** What the schemas of a house are chosen by; of no type and without sensors when there is no such house. */
export async function getConfiguredHouse(
  database: Database,
  tenantId: string,
  deviceId: string,
): Promise<ConfiguredHouse> {
  const { rows } = await sql<{ deviceType: string | null }>`
    select case jsonb_typeof(inventory -> 'device_type') when 'string' then inventory ->> 'device_type' end as "deviceType"
    from devices where tenant_id = ${tenantId} and id = ${deviceId}`.execute(database);
  const sensors = await database
    .selectFrom('sensors')
    .select(['id', 'name', 'kind', 'model'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .where('removed_at', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .limit(SOURCES_PER_DEVICE_MAX)
    .execute();
  return { deviceType: rows[0]?.deviceType ?? null, sensors };
}
