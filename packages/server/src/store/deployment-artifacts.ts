/** Artifacts as deployments choose among them. */
import { sql } from 'kysely';
import type { ChoosableArtifact } from '../domain/artifact-choice.ts';
import {
  CONFIGURATION_CLEARS,
  CONFIGURATION_PAYLOAD,
  CONFIGURATION_PROVIDES,
} from '../domain/configuration-artifact.ts';
import type { Database } from './store.ts';

const ARTIFACT = sql.raw(`artifacts.id, artifacts.name, artifacts.device_types as "deviceTypes", artifacts.provides,
  artifacts.depends, artifacts.bytes, artifacts.sha256,
  array(select coalesce(payload ->> 'type', '') from jsonb_array_elements(artifacts.payloads) as payload) as "payloadTypes",
  -- One payload that clears everything clears everything.
  case when exists (select from jsonb_array_elements(artifacts.payloads) as payload where jsonb_typeof(payload -> 'clears') = 'null')
    then null else artifacts.clears end as clears`);

/** Configurations for Mender's clients are chosen the same way, and are in no release. */
const CONFIGURATION = sql.raw(`id, name, array[device_type] as "deviceTypes",
  jsonb_build_object('artifact_name', name, '${CONFIGURATION_PROVIDES}', name) as provides,
  jsonb_build_object('device_type', jsonb_build_array(device_type)) as depends, length(content)::bigint as bytes, sha256,
  array['${CONFIGURATION_PAYLOAD}'] as "payloadTypes", array['${CONFIGURATION_CLEARS}'] as clears`);

/** Those of a release. */
export async function artifactsOfName(
  database: Database,
  tenantId: string,
  name: string,
): Promise<ChoosableArtifact[]> {
  const { rows } = await sql<ChoosableArtifact>`select ${ARTIFACT} from artifacts
    where tenant_id = ${tenantId} and name = ${name}
    union all select ${CONFIGURATION} from configuration_artifacts where tenant_id = ${tenantId} and name = ${name}
    order by id`.execute(database);
  return rows;
}

/** Those that are still there. */
export async function artifactsById(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, ChoosableArtifact>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<ChoosableArtifact>`select ${ARTIFACT} from artifacts
    where id = any(${[...new Set(ids)]}::uuid[])
    union all select ${CONFIGURATION} from configuration_artifacts where id = any(${[...new Set(ids)]}::uuid[])`.execute(
    database,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
