/** Whom somebody may have told of alerts: what a policy names must be there, and give nothing away. */
import { builtInRole, type NotificationPolicy } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { loadDirectory, loadGroups } from '../store/notification-directory.ts';
import { listRoles } from '../store/roles.ts';
import type { Database } from '../store/store.ts';
import type { Person } from './context.ts';

/**
 * People are told what they may see; addresses outside and webhooks are told everything, so naming one takes who may see
 * everything. Throws 'not-allowed', or 'bad-input' for what the tenant hasn't got.
 */
export async function requireReachable(
  person: Person,
  database: Database,
  { recipients, escalation, match }: Pick<NotificationPolicy, 'recipients' | 'escalation' | 'match'>,
): Promise<void> {
  const { tenantId } = person;
  const { people, webhooks } = await loadDirectory(database, tenantId);
  const roleIds = new Set((await listRoles(database, tenantId)).map(({ id }) => id));
  const seesAll = person.may('fleet.read') && person.scope('fleet.read').kind === 'all';
  const lists = [
    { pointer: '/recipients', recipients },
    ...escalation.map((step, at) => ({ pointer: `/escalation/${at}/recipients`, recipients: step.recipients })),
  ];
  for (const list of lists)
    for (const [at, recipient] of list.recipients.entries()) {
      const refuse = (why: string): never => {
        throw new LovelyError('bad-input', why, { pointer: `${list.pointer}/${at}` });
      };
      if ((recipient.kind === 'email' || recipient.kind === 'webhook') && !seesAll)
        throw new LovelyError('not-allowed', 'Who may see all houses can have them told to somebody outside.');
      if (recipient.kind === 'user' && !people.some(({ id }) => id === recipient.userId))
        refuse('There is no such person.');
      if (recipient.kind === 'role' && !builtInRole(recipient.roleId) && !roleIds.has(recipient.roleId))
        refuse('There is no such role.');
      if (recipient.kind === 'webhook') {
        const webhook = webhooks.find(({ id }) => id === recipient.webhookId);
        if (!webhook) refuse('There is no such webhook.');
        else if (!webhook.listens) refuse('The webhook does not listen for alert.notified.');
      }
    }
  const groups = await loadGroups(database, tenantId, match.groupIds);
  if (groups.length < match.groupIds.length)
    throw new LovelyError('bad-input', 'There is no such group.', { pointer: '/match/groupIds' });
}
