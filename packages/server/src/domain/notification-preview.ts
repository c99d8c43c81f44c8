/** Who would be told of an alert, and when: the same decisions as for one that there is, for all steps at once. Pure. */
import type { AlertMatch, NotificationPreview } from '@lovely/api';
import { audienceOf, personAddressee, type Addressee, type Directory } from './audience.ts';
import {
  matches,
  policiesFor,
  SUBSCRIPTIONS,
  type AlertFacts,
  type OrderedPolicy,
  type Policy,
} from './notification-plan.ts';
import { heldUntil } from './quiet-hours.ts';

export interface PreviewInput {
  readonly policies: readonly OrderedPolicy[];
  readonly subscribers: readonly { readonly userId: string; readonly match: AlertMatch }[];
  readonly directory: Directory;
  readonly alert: AlertFacts;
}

/** In the order of time. */
export function previewNotifications(
  { policies, subscribers, directory, alert }: PreviewInput,
  now: Date,
): NotificationPreview[] {
  const isCritical = alert.severity === 'critical';
  const wanting = new Set(subscribers.filter(({ match }) => matches(match, alert)).map(({ userId }) => userId));
  const messages = [
    ...policiesFor(policies, alert).flatMap((policy) => messagesOf(policy, directory)),
    ...directory.people
      .filter(({ id }) => wanting.has(id))
      .map((person) => ({ policy: SUBSCRIPTIONS, step: 0, afterMinutes: 0, to: personAddressee(person) })),
  ];
  return messages
    .map(({ policy, step, afterMinutes, to }) => {
      const due = later(now, policy.delaySeconds + afterMinutes * 60);
      // Quiet hours of the policy hold its clock, those of a person their message alone.
      const begins = heldUntil([policy.quietHours], isCritical, later(now, policy.delaySeconds));
      const at = heldUntil([policy.quietHours, to.quietHours], isCritical, later(begins, afterMinutes * 60));
      return {
        policyId: policy.id,
        policyName: policy.name,
        channel: to.channel,
        recipient: to.name,
        userId: to.userId,
        step,
        at: at.toISOString(),
        isHeldByQuietHours: at > due,
        hindrance: to.hindrance,
      };
    })
    .toSorted((a, b) => a.at.localeCompare(b.at) || a.step - b.step);
}

function messagesOf(
  policy: Policy,
  directory: Directory,
): { policy: Policy; step: number; afterMinutes: number; to: Addressee }[] {
  const steps = [{ afterMinutes: 0, recipients: policy.recipients }, ...policy.escalation];
  return steps.flatMap(({ afterMinutes, recipients }, step) =>
    audienceOf(recipients, directory).map((to) => ({ policy, step, afterMinutes, to })),
  );
}

const later = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);
