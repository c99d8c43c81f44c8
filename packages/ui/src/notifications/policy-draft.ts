/** A notification policy while it is being written. */
import { createNotificationPolicy, type NotificationPolicy, type Recipient } from '@lovely/api';
import { problemsIn, type Problems } from '../parts/problems.ts';

export type PolicyDraft = Omit<NotificationPolicy, 'id' | 'position' | 'version' | 'createdAt' | 'updatedAt'>;

/** What is wrong with it by the path of its member, e.g. "escalation.0.recipients.1". */
export function policyProblems(draft: PolicyDraft): Problems {
  const result = createNotificationPolicy.body.safeParse(draft);
  const problems = result.success ? new Map<string, string>() : problemsIn(result.error);
  draft.escalation.forEach((step, index) => {
    if (step.afterMinutes <= (draft.escalation[index - 1]?.afterMinutes ?? 0))
      problems.set(`escalation.${index}.afterMinutes`, 'This is to be later than what is before it.');
  });
  for (const [path, recipients] of [
    ['recipients', draft.recipients] as const,
    ...draft.escalation.map((step, index) => [`escalation.${index}.recipients`, step.recipients] as const),
  ]) {
    if (recipients.length === 0) problems.set(path, 'Nobody would be told: add somebody.');
    recipients.forEach((recipient, index) => {
      if (nameOf(recipient).trim() === '') problems.set(`${path}.${index}`, 'Say who, or take this line away.');
    });
  }
  return problems;
}

function nameOf(recipient: Recipient): string {
  switch (recipient.kind) {
    case 'user':
      return recipient.userId;
    case 'role':
      return recipient.roleId;
    case 'email':
      return recipient.address;
    case 'webhook':
      return recipient.webhookId;
  }
}
