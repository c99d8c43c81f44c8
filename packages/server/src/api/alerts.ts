/** Alerts: lists, timelines, and what people do about them. */
import {
  acknowledgeAlert,
  assignAlert,
  changeAlerts,
  commentAlert,
  getAlert,
  listAlertFacets,
  listAlerts,
  listAssignees,
  reopenAlert,
  resolveAlert,
  snoozeAlert,
  unacknowledgeAlert,
  unsnoozeAlert,
  type AlertAction,
  type AlertDetail,
} from '@lovely/api';
import { LovelyError } from '../errors.ts';
import * as facets from '../store/alert-facets.ts';
import * as lists from '../store/alert-lists.ts';
import * as assignees from '../store/assignees.ts';
import { getDeviceGroup } from '../store/groups.ts';
import type { Database } from '../store/store.ts';
import { findUser } from '../store/users.ts';
import { actOnAlerts, noAssignee } from './alert-actions.ts';
import { requireDeviceFor, type Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requireVisibleGroup } from './groups.ts';
import { route, type Http } from './route.ts';

export function routeAlerts(http: Http, context: ApiContext): void {
  route(http, context, listAlerts, async ({ person, database, query }) => {
    const { group: groupId, assignee, since, ...filter } = query;
    if (groupId !== undefined) requireVisibleGroup(person, groupId);
    return await lists.listAlerts(database, person.tenantId, person.scope('fleet.read'), {
      ...filter,
      group: groupId === undefined ? undefined : await getDeviceGroup(database, person.tenantId, groupId),
      assigneeId: assignee === 'me' ? person.user.id : assignee === 'nobody' ? null : assignee,
      since: since === undefined ? undefined : new Date(since),
    });
  });

  // Before those with an id in the path, which takes any word.
  route(http, context, listAlertFacets, ({ person, database, query }) =>
    facets.listAlertFacets(database, person.tenantId, person.scope('fleet.read'), {
      userId: person.user.id,
      state: query.state,
    }),
  );

  route(http, context, changeAlerts, async ({ person, body, audit, ...change }) => {
    const done = await actOnAlerts(context, person, change, body.which, body.action);
    audit({ object: { type: 'alert', id: '' }, details: { ...body, alerts: done.alertIds.length } });
    return done;
  });

  route(http, context, getAlert, ({ person, database, params }) =>
    lists.getAlert(database, person.tenantId, person.scope('fleet.read'), params.id),
  );

  route(http, context, listAssignees, async ({ person, database, params }) => {
    const deviceId = await requireAlert(person, database, params.id);
    return { items: await assignees.listAssignees(database, person.tenantId, deviceId) };
  });

  /** One thing done to one alert; what is so already stays so. */
  async function act(
    person: Person,
    id: string,
    action: AlertAction,
    { database, audit, afterCommit }: Change,
  ): Promise<AlertDetail> {
    await requireAlert(person, database, id);
    const { alertIds } = await actOnAlerts(context, person, { database, afterCommit }, { alertIds: [id] }, action);
    if (action.kind === 'comment' && alertIds.length === 0)
      throw new LovelyError('limit-reached', 'There are as many comments on this alert as there may be.');
    const after = await lists.getAlert(database, person.tenantId, person.scope('alert.write'), id);
    const { kind: _, ...details } = action;
    audit({ object: { type: 'alert', id, name: `${after.title}, ${after.deviceName}` }, details });
    return after;
  }

  route(http, context, acknowledgeAlert, ({ person, params, ...change }) =>
    act(person, params.id, { kind: 'acknowledge' }, change),
  );
  route(http, context, unacknowledgeAlert, ({ person, params, ...change }) =>
    act(person, params.id, { kind: 'unacknowledge' }, change),
  );
  route(http, context, assignAlert, async ({ person, params, body, ...change }) => {
    const deviceId = await requireAlert(person, change.database, params.id);
    const user = body.userId === null ? undefined : await findUser(change.database, body.userId);
    if (body.userId !== null && !(user && (await assignees.maySee(change.database, user, deviceId))))
      throw noAssignee();
    return await act(person, params.id, { kind: 'assign', ...body }, change);
  });
  route(http, context, snoozeAlert, ({ person, params, body, ...change }) =>
    act(person, params.id, { kind: 'snooze', ...body }, change),
  );
  route(http, context, unsnoozeAlert, ({ person, params, ...change }) =>
    act(person, params.id, { kind: 'unsnooze' }, change),
  );
  route(http, context, resolveAlert, ({ person, params, body, ...change }) =>
    act(person, params.id, { kind: 'resolve', ...body }, change),
  );
  route(http, context, reopenAlert, ({ person, params, ...change }) =>
    act(person, params.id, { kind: 'reopen' }, change),
  );
  route(http, context, commentAlert, ({ person, params, body, ...change }) =>
    act(person, params.id, { kind: 'comment', ...body }, change),
  );
}

/** The house of an alert that the person may change. Throws 'not-found' where they may not even see it. */
async function requireAlert(person: Person, database: Database, id: string): Promise<string> {
  const deviceId = await lists.findAlertDevice(database, person.tenantId, id);
  if (deviceId === undefined) throw new LovelyError('not-found');
  await requireDeviceFor(person, database, 'alert.write', deviceId);
  return deviceId;
}
