/** Alerts: lists, open and closed. */
import { listAlerts } from '@lovely/api';
import * as alerts from '../store/alerts.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeAlerts(http: Http, context: ApiContext): void {
  route(http, context, listAlerts, ({ person, database, query }) =>
    alerts.listAlerts(database, person.tenantId, person.scope('fleet.read'), query),
  );
}
