/** Mender's management API: artifacts (COMPAT section 3.4). Uploads are in artifact-uploads.ts. */
import { DESCRIPTION_LENGTH_MAX, NAME_LENGTH_MAX } from '@lovely/api';
import { z } from 'zod';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { makeDownloadPath } from '../../download-links.ts';
import { MENDER_ARTIFACTS_SHOWN_MAX } from '../../limits.ts';
import { DOWNLOAD_LINK_MS_MAX } from '../../software-limits.ts';
import { deleteArtifact, getArtifact, updateArtifact } from '../../store/artifacts.ts';
import { searchArtifacts, type MenderArtifactFilter } from '../../store/mender-software.ts';
import { getStorage } from '../../store/storage.ts';
import { change } from '../change.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { toMenderArtifact } from './artifact-shapes.ts';
import { readId } from './id.ts';
import { readBody, readInput } from './input.ts';
import { pageHeaders, readPage } from './paging.ts';

export const ARTIFACTS = '/api/management/v1/deployments/artifacts';

const text = z.string().max(NAME_LENGTH_MAX).optional();
/** As `modified:desc`. */
export const sortOrder = z
  .string()
  .regex(/^(name|modified)(:(asc|desc))?$/, 'name or modified, with :asc or :desc')
  .default('modified:desc')
  .transform((given) => {
    const [sort, order = 'desc'] = given.split(':');
    return { sort, order } as { sort: 'name' | 'modified'; order: 'asc' | 'desc' };
  });
const query = z.object({ name: text, description: text, device_type: text, sort: sortOrder });
const descriptionBody = z.object({ description: z.string().max(DESCRIPTION_LENGTH_MAX) });

export function routeArtifacts(http: Http, context: ApiContext): void {
  // Without pages; the newest of very many.
  http.get(ARTIFACTS, async (c) => {
    const { database, tenantId, scope } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const all = { page: 1, perPage: MENDER_ARTIFACTS_SHOWN_MAX };
    const { items } = await searchArtifacts(database, tenantId, scope('fleet.read'), readFilter(c.req.query()), all);
    return c.json(items.map(toMenderArtifact));
  });

  http.get(`${ARTIFACTS}/list`, async (c) => {
    const { database, tenantId, scope } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const filter = readFilter(c.req.query());
    const { items, total } = await searchArtifacts(database, tenantId, scope('fleet.read'), filter, page);
    return c.json(items.map(toMenderArtifact), 200, pageHeaders(c.req.url, page, total));
  });

  http.get(`${ARTIFACTS}/:id`, async (c) => {
    const { database, tenantId, scope } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const id = readId(c.req.param('id'));
    return c.json(toMenderArtifact(await getArtifact(database, tenantId, scope('fleet.read'), id)));
  });

  http.get(`${ARTIFACTS}/:id/download`, async (c) => {
    const { database, tenantId, scope } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const { id: artifactId } = await getArtifact(database, tenantId, scope('fleet.read'), readId(c.req.param('id')));
    const expiresAtMs = Date.now() + DOWNLOAD_LINK_MS_MAX;
    const path = makeDownloadPath(context.linkKeys, { tenantId, artifactId, expiresAtMs });
    return c.json({ uri: new URL(path, c.req.url).href, expire: new Date(expiresAtMs).toISOString() });
  });

  http.put(`${ARTIFACTS}/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'artifact.write', c.env.address);
    const id = readId(c.req.param('id'));
    const { description } = await readBody(c.req.raw, descriptionBody);
    await change(context, person, 'artifact.update', { type: 'artifact', id }, async ({ database, audit }) => {
      const before = await getArtifact(database, person.tenantId, ALL_DEVICES, id);
      await updateArtifact(database, person.tenantId, id, { description }, undefined);
      const object = { type: 'artifact', id, name: before.name };
      audit({ object, before: { description: before.description }, after: { description } });
    });
    return c.body(null, 204);
  });

  http.delete(`${ARTIFACTS}/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'artifact.write', c.env.address);
    const id = readId(c.req.param('id'));
    await change(context, person, 'artifact.delete', { type: 'artifact', id }, async ({ database, audit }) => {
      const { name } = await getArtifact(database, person.tenantId, ALL_DEVICES, id);
      await deleteArtifact(database, person.tenantId, id, undefined);
      audit({ object: { type: 'artifact', id, name } });
    });
    return c.body(null, 204);
  });

  http.get('/api/management/v1/deployments/limits/storage', async (c) => {
    const { database, tenantId } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const { usedBytes, limitBytes } = await getStorage(database, tenantId);
    // 0 is Mender's word for no limit.
    return c.json({ limit: limitBytes ?? 0, usage: usedBytes });
  });
}

function readFilter(given: Record<string, string>): MenderArtifactFilter {
  const { name, description, device_type: deviceType, sort } = readInput(query, given);
  return { name, description, deviceType, ...sort };
}
