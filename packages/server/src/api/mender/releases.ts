/** Mender's management API: releases, which are the artifacts of one name (COMPAT section 3.4), in both versions. */
import { NAME_LENGTH_MAX, RELEASE_NOTES_LENGTH_MAX, TAG_LENGTH_MAX, TAGS_MAX } from '@lovely/api';
import { z } from 'zod';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { LovelyError } from '../../errors.ts';
import { MENDER_ARTIFACTS_SHOWN_MAX, MENDER_RELEASES_DELETED_MAX } from '../../limits.ts';
import { findReleaseId, searchReleases, type MenderReleaseFilter } from '../../store/mender-software.ts';
import { deleteRelease, getRelease, listSoftwareNames, updateRelease } from '../../store/releases.ts';
import { change } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { toMenderRelease, toMenderReleaseV1 } from './artifact-shapes.ts';
import { sortOrder } from './artifacts.ts';
import { readBody, readInput } from './input.ts';
import { pageHeaders, readPage } from './paging.ts';

const V1 = '/api/management/v1/deployments/deployments/releases';
const V2 = '/api/management/v2/deployments/deployments/releases';

const text = z.string().max(NAME_LENGTH_MAX);
const tag = z.string().trim().min(1).max(TAG_LENGTH_MAX);
const query = z.object({ name: text.optional(), update_type: text.optional(), sort: sortOrder });
const tagsBody = z.array(tag).max(TAGS_MAX);
const notesBody = z.object({ notes: z.string().max(RELEASE_NOTES_LENGTH_MAX) });
const namesToDelete = z.array(text.min(1)).min(1).max(MENDER_RELEASES_DELETED_MAX);

export function routeReleases(http: Http, context: ApiContext): void {
  http.get(V1, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const all = { page: 1, perPage: MENDER_ARTIFACTS_SHOWN_MAX };
    const { items } = await search(person, readFilter(c.req.query(), c.req.queries('tag')), all);
    return c.json(items.map(toMenderReleaseV1));
  });

  http.get(`${V1}/list`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const { items, total } = await search(person, readFilter(c.req.query(), c.req.queries('tag')), page);
    return c.json(items.map(toMenderReleaseV1), 200, pageHeaders(c.req.url, page, total));
  });

  http.get(V2, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const { items, total } = await search(person, readFilter(c.req.query(), c.req.queries('tag')), page);
    return c.json(items.map(toMenderRelease), 200, pageHeaders(c.req.url, page, total));
  });

  for (const what of ['tags', 'types'] as const)
    http.get(`${V2}/all/${what}`, async (c) => {
      const { database, tenantId } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
      return c.json((await listSoftwareNames(database, tenantId))[what]);
    });

  http.get(`${V2}/:release`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const id = await requireRelease(person, c.req.param('release'));
    const { updatedAt, ...release } = await getRelease(
      person.database,
      person.tenantId,
      person.scope('fleet.read'),
      id,
    );
    return c.json(toMenderRelease({ ...release, updatedAt: new Date(updatedAt) }));
  });

  http.patch(`${V2}/:release`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'artifact.write', c.env.address);
    const { notes } = await readBody(c.req.raw, notesBody);
    await changeRelease(person, c.req.param('release'), { notes });
    return c.body(null, 204);
  });

  http.put(`${V2}/:release/tags`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'artifact.write', c.env.address);
    const tags = await readBody(c.req.raw, tagsBody);
    await changeRelease(person, c.req.param('release'), { tags });
    return c.body(null, 204);
  });

  // All of them or none.
  http.delete(V2, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'artifact.write', c.env.address);
    const names = readInput(namesToDelete, c.req.queries('name') ?? []);
    await change(context, person, 'release.delete', { type: 'release', id: '' }, async ({ database, audit }) => {
      audit({ object: { type: 'release', id: '', name: names.join(', ') } });
      for (const name of new Set(names)) {
        const id = await findReleaseId(database, person.tenantId, name);
        if (id === undefined) throw new LovelyError('not-found');
        await deleteRelease(database, person.tenantId, id, undefined);
      }
    });
    return c.body(null, 204);
  });

  async function changeRelease(
    person: Person,
    name: string,
    changes: { readonly notes?: string; readonly tags?: readonly string[] },
  ): Promise<void> {
    const { tenantId } = person;
    const id = await requireRelease(person, name);
    await change(context, person, 'release.update', { type: 'release', id, name }, async ({ database, audit }) => {
      const { notes, tags } = await getRelease(database, tenantId, ALL_DEVICES, id);
      await updateRelease(database, tenantId, id, changes, undefined);
      audit({ object: { type: 'release', id, name }, before: { notes, tags }, after: { notes, tags, ...changes } });
    });
  }
}

async function search(
  { database, tenantId, scope }: Person,
  filter: MenderReleaseFilter,
  page: Parameters<typeof searchReleases>[4],
) {
  return await searchReleases(database, tenantId, scope('fleet.read'), filter, page);
}

async function requireRelease({ database, tenantId }: Person, name: string): Promise<string> {
  // PostgreSQL can't store U+0000, so nothing has such a name.
  const id = name.includes('\0') ? undefined : await findReleaseId(database, tenantId, name);
  if (id === undefined) throw new LovelyError('not-found');
  return id;
}

function readFilter(given: Record<string, string>, tags: string[] | undefined): MenderReleaseFilter {
  const { name, update_type: type, sort } = readInput(query, given);
  return { name, type, tags: tags && readInput(tagsBody, tags), ...sort };
}
