/** Artifacts and their releases. */
import {
  deleteArtifact,
  deleteRelease,
  getArtifact,
  getRelease,
  listArtifacts,
  listReleases,
  listSoftwareNames,
  updateArtifact,
  updateRelease,
} from '@lovely/api';
import * as artifacts from '../store/artifacts.ts';
import * as releases from '../store/releases.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeArtifacts(http: Http, context: ApiContext): void {
  // In front of the release of that id.
  route(http, context, listSoftwareNames, ({ person, database }) =>
    releases.listSoftwareNames(database, person.tenantId),
  );

  route(http, context, listReleases, ({ person, database, query }) =>
    releases.listReleases(database, person.tenantId, person.scope('fleet.read'), query),
  );

  route(http, context, getRelease, ({ person, database, params }) =>
    releases.getRelease(database, person.tenantId, person.scope('fleet.read'), params.id),
  );

  route(http, context, updateRelease, async ({ person, database, params, body, ifVersion, audit }) => {
    const get = () => releases.getRelease(database, person.tenantId, person.scope('fleet.read'), params.id);
    const before = await get();
    await releases.updateRelease(database, person.tenantId, params.id, body, ifVersion);
    const after = await get();
    audit({ object: releaseOf(after), before: notedOf(before), after: notedOf(after) });
    return after;
  });

  route(http, context, deleteRelease, async ({ person, database, params, ifVersion, audit }) => {
    const release = await releases.getRelease(database, person.tenantId, person.scope('fleet.read'), params.id);
    await releases.deleteRelease(database, person.tenantId, params.id, ifVersion);
    audit({ object: releaseOf(release), details: { artifacts: release.artifacts.length } });
    return undefined;
  });

  route(http, context, listArtifacts, ({ person, database, query }) =>
    artifacts.listArtifacts(database, person.tenantId, person.scope('fleet.read'), query),
  );

  route(http, context, getArtifact, ({ person, database, params }) =>
    artifacts.getArtifact(database, person.tenantId, person.scope('fleet.read'), params.id),
  );

  route(http, context, updateArtifact, async ({ person, database, params, body, ifVersion, audit }) => {
    const get = () => artifacts.getArtifact(database, person.tenantId, person.scope('fleet.read'), params.id);
    const before = await get();
    await artifacts.updateArtifact(database, person.tenantId, params.id, body, ifVersion);
    const after = await get();
    const { id, name } = after;
    const [{ description: was }, { description: is }] = [before, after];
    audit({ object: { type: 'artifact', id, name }, before: { description: was }, after: { description: is } });
    return after;
  });

  route(http, context, deleteArtifact, async ({ person, database, params, ifVersion, audit }) => {
    const artifact = await artifacts.getArtifact(database, person.tenantId, person.scope('fleet.read'), params.id);
    await artifacts.deleteArtifact(database, person.tenantId, params.id, ifVersion);
    const { id, name, deviceTypes, sha256, bytes } = artifact;
    audit({ object: { type: 'artifact', id, name }, details: { deviceTypes, sha256, bytes } });
    return undefined;
  });
}

function releaseOf({ id, name }: { id: string; name: string }) {
  return { type: 'release', id, name };
}

function notedOf({ notes, tags }: { notes: string; tags: string[] }) {
  return { notes, tags };
}
