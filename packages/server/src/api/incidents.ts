/** Incidents: the same problem of many houses, seen and handled as one thing. */
import { changeIncident, getIncident, listIncidents } from '@lovely/api';
import { announceIncidents } from '../bus/announce.ts';
import * as incidents from '../store/incidents.ts';
import { actOnAlerts } from './alert-actions.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeIncidents(http: Http, context: ApiContext): void {
  route(http, context, listIncidents, ({ person, database, query }) =>
    incidents.listIncidents(database, person.tenantId, person.scope('fleet.read'), query),
  );

  route(http, context, getIncident, ({ person, database, params }) =>
    incidents.getIncident(database, person.tenantId, person.scope('fleet.read'), params.id),
  );

  route(http, context, changeIncident, async ({ person, params, body, database, audit, afterCommit }) => {
    const { tenantId, user } = person;
    const scope = person.scope('alert.write');
    const { id, title } = await incidents.getIncident(database, tenantId, scope, params.id);
    const { action } = body;
    const done = await actOnAlerts(context, person, { database, afterCommit }, { incidentId: id }, action);
    // Who may change some of its houses only, decides for those and not for the others.
    if (scope.kind === 'all') {
      const changes = await incidents.setIncident(database, tenantId, id, action, user.id);
      afterCommit(() => announceIncidents(context.bus, changes));
    }
    audit({ object: { type: 'incident', id, name: title }, details: { action, alerts: done.alertIds.length } });
    return done;
  });
}
