/** What software runs where, and what should. */
import { getDeviceSoftware, listSoftwareDevices, listSoftwareVersions } from '@lovely/api';
import * as software from '../store/software-versions.ts';
import type { ApiContext } from './context.ts';
import { requireVisibleGroup } from './groups.ts';
import { route, type Http } from './route.ts';

export function routeSoftware(http: Http, context: ApiContext): void {
  route(http, context, listSoftwareVersions, async ({ person, database, query }) => {
    if (query.groupId !== undefined) requireVisibleGroup(person, query.groupId);
    return await software.listVersions(database, person.tenantId, person.scope('fleet.read'), query);
  });

  route(http, context, listSoftwareDevices, async ({ person, database, query }) => {
    if (query.groupId !== undefined) requireVisibleGroup(person, query.groupId);
    return await software.listSoftwareDevices(database, person.tenantId, person.scope('fleet.read'), query);
  });

  route(http, context, getDeviceSoftware, ({ person, database, params }) =>
    software.getDeviceSoftware(database, person.tenantId, person.scope('fleet.read'), params.id),
  );
}
