/** What people do about alerts, for one, for many and for an incident: the same steps under the same permission. */
import { ALERTS_CHANGED_MAX, SNOOZE_DAYS_MAX, type AlertAction, type AlertsChanged } from '@lovely/api';
import { announceAlerts, announceIncidents } from '../bus/announce.ts';
import { LovelyError } from '../errors.ts';
import { changeAlerts, type AlertSelection } from '../store/alert-changes.ts';
import { findUser, type UserRecord } from '../store/users.ts';
import type { Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';

/** Does it to those that the person may change, and tells everybody once it is committed. */
export async function actOnAlerts(
  context: ApiContext,
  person: Person,
  { database, afterCommit }: Pick<Change, 'database' | 'afterCommit'>,
  which: AlertSelection,
  action: AlertAction,
): Promise<AlertsChanged> {
  const { tenantId, user } = person;
  if (action.kind === 'snooze') requireSnooze(action.until);
  const assignee =
    action.kind === 'assign' && action.userId !== null
      ? await findAssignee(person, database, action.userId)
      : undefined;
  const outcome = await changeAlerts(database, action, {
    tenantId,
    which,
    scope: person.scope('alert.write'),
    by: { id: user.id, name: user.name },
    assignee: assignee && { id: assignee.id, name: assignee.name, scope: assignee.access.get('fleet.read')! },
    limit: ALERTS_CHANGED_MAX,
  });
  afterCommit(() => {
    announceAlerts(context.bus, outcome);
    announceIncidents(context.bus, outcome.incidents);
  });
  return { alertIds: outcome.alertIds, more: outcome.more };
}

function requireSnooze(until: string): void {
  const aheadMs = Date.parse(until) - Date.now();
  if (aheadMs <= 0 || aheadMs > SNOOZE_DAYS_MAX * 24 * 3600_000)
    throw new LovelyError('bad-input', `until: a time from now to ${SNOOZE_DAYS_MAX} days ahead`, {
      pointer: '/until',
    });
}

/** Throws 'bad-input' for who isn't a user of the tenant, may not sign in, or sees no houses. */
async function findAssignee(person: Person, database: Change['database'], userId: string): Promise<UserRecord> {
  const user = await findUser(database, userId);
  if (!user || user.tenant.id !== person.tenantId || user.isDisabled || !user.access.has('fleet.read'))
    throw noAssignee();
  return user;
}

export function noAssignee(): LovelyError {
  return new LovelyError('bad-input', 'Somebody who may see the house can look after its alert.', {
    pointer: '/userId',
  });
}
