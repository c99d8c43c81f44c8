/** Releases for tests of what rolls them out: rows alone, without content. */
import { randomUUID } from 'node:crypto';
import type { Database } from './store.ts';

export async function insertTestArtifact(
  database: Database,
  tenantId: string,
  of: {
    readonly name: string;
    readonly deviceTypes?: readonly string[];
    readonly provides?: Readonly<Record<string, string>>;
    readonly depends?: Readonly<Record<string, readonly string[]>>;
    readonly clears?: readonly string[];
    readonly bytes?: number;
  },
): Promise<string> {
  const { name, deviceTypes = ['house'], provides = {}, depends = {}, clears = [], bytes = 10_000 } = of;
  await database
    .insertInto('releases')
    .values({ id: randomUUID(), tenant_id: tenantId, name })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doNothing())
    .execute();
  const release = await database
    .selectFrom('releases')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  const id = randomUUID();
  const payload = { type: 'script', files: [], provides, depends, clears, metaData: {} };
  await database
    .insertInto('artifacts')
    .values({
      id,
      tenant_id: tenantId,
      release_id: release.id,
      name,
      description: '',
      device_types: [...deviceTypes],
      payloads: JSON.stringify([payload]),
      provides: JSON.stringify({ artifact_name: name, ...provides }),
      depends: JSON.stringify({ device_type: deviceTypes, ...depends }),
      clears: [...clears],
      scripts: [],
      compression: 'gzip',
      format: 3,
      manifest: null,
      signature: null,
      signed_by: null,
      bytes,
      sha256: id.replaceAll('-', '').padEnd(64, '0'),
      created_by: JSON.stringify({ type: 'system', id: randomUUID(), name: 'test' }),
    })
    .execute();
  return id;
}
