/** Configurations that were made artifacts, for Mender's clients. */
import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { CONFIGURATION_ARTIFACTS_KEPT } from '../limits.ts';
import type { Database } from './store.ts';

export interface NewConfigurationArtifact {
  readonly deviceId: string;
  readonly name: string;
  readonly deviceType: string;
  readonly version: number;
  readonly content: Buffer;
}

/** Keeps it, and of the device's earlier ones those that a deployment still hands out and the newest few. */
export async function insertConfigurationArtifact(
  database: Database,
  tenantId: string,
  { deviceId, name, deviceType, version, content }: NewConfigurationArtifact,
): Promise<void> {
  await database
    .insertInto('configuration_artifacts')
    .values({
      id: randomUUID(),
      tenant_id: tenantId,
      device_id: deviceId,
      name,
      device_type: deviceType,
      version,
      content,
      sha256: createHash('sha256').update(content).digest('hex'),
    })
    .execute();
  await sql`delete from configuration_artifacts as old where device_id = ${deviceId} and id not in (
      select id from configuration_artifacts where device_id = ${deviceId}
      order by created_at desc, id limit ${CONFIGURATION_ARTIFACTS_KEPT})
    and not exists (select from deployments where deployments.tenant_id = old.tenant_id
      and deployments.artifact_name = old.name and deployments.ended_at is null)`.execute(database);
}

export async function findConfigurationContent(
  database: Database,
  tenantId: string,
  id: string,
): Promise<{ readonly content: Buffer; readonly sha256: string } | undefined> {
  return await database
    .selectFrom('configuration_artifacts')
    .select(['content', 'sha256'])
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Whether this is the id of such an artifact. */
export async function isConfigurationArtifact(database: Database, tenantId: string, id: string): Promise<boolean> {
  const found = await database
    .selectFrom('configuration_artifacts')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

/** The deployment that the device's newest one came by. */
export async function findConfigurationDeployment(
  database: Database,
  tenantId: string,
  deviceId: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select deployments.id from configuration_artifacts as made
    join deployments on deployments.tenant_id = made.tenant_id and deployments.artifact_name = made.name
    where made.tenant_id = ${tenantId} and made.device_id = ${deviceId}
    order by made.created_at desc limit 1`.execute(database);
  return rows[0]?.id;
}
