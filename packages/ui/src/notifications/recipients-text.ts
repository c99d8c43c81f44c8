/** Says who recipients are. */
import type { Recipient } from '@lovely/api';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMay } from '../may.ts';
import { userQuery } from '../people/people-queries.ts';
import { useRoleName } from '../roles/role-queries.ts';
import { webhooksQuery } from '../webhooks/webhook-queries.ts';
import { policiesQuery } from './notification-queries.ts';
import { listed } from './policy-words.ts';

export function useRecipientsText(): (recipients: readonly Recipient[]) => string {
  const may = useMay();
  const roleName = useRoleName();
  const { data: policies } = useQuery(policiesQuery);
  const { data: webhooks } = useQuery({ ...webhooksQuery, enabled: may('webhook.write') });
  const userIds = new Set(
    policies?.items.flatMap(({ recipients }) => recipients.flatMap((one) => (one.kind === 'user' ? one.userId : []))),
  );
  const users = useQueries({
    queries: [...userIds].map((id) => ({ ...userQuery(id), enabled: may('people.read') })),
  });
  const personOf = (id: string): string => {
    const found = users[[...userIds].indexOf(id)];
    return found?.data?.name ?? (found?.isError ? 'somebody who is gone' : 'a person');
  };
  const textOf = (recipient: Recipient): string => {
    switch (recipient.kind) {
      case 'user':
        return personOf(recipient.userId);
      case 'role':
        return `every ${roleName(recipient.roleId)}`;
      case 'email':
        return recipient.address;
      case 'webhook':
        return webhooks?.items.find(({ id }) => id === recipient.webhookId)?.name ?? 'a webhook';
    }
  };
  return (recipients) => listed(recipients.map(textOf));
}
