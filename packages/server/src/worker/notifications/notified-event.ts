/** The data of the webhook event `alert.notified`, as docs/webhooks.md has it. */
import type { BundleFacts } from '../../domain/bundle-facts.ts';
import { fillTemplate } from '../../domain/rule.ts';
import type { DueNotification } from '../../store/notifications.ts';

export function notifiedEvent(
  { id, kind, policyId, policyName }: DueNotification,
  facts: BundleFacts,
  publicUrl: string,
): object {
  const { examples, suggestion, firstOpenedAt, lastClosedAt, fresh: _, ...rest } = facts;
  return {
    notification: { id, kind, policy: { id: policyId, name: policyName } },
    problem: {
      ...rest,
      suggestion,
      firstOpenedAt: firstOpenedAt.toISOString(),
      closedAt: rest.open === 0 ? (lastClosedAt?.toISOString() ?? null) : null,
    },
    alerts: examples.map(
      ({ id: alertId, deviceId, deviceName, deviceAddress, values, openedAt, closedAt, ...alert }) => ({
        ...alert,
        id: alertId,
        suggestion: suggestion.map((step) =>
          fillTemplate(step, { ...values, source: alert.source, target: alert.source }),
        ),
        openedAt: openedAt.toISOString(),
        closedAt: closedAt?.toISOString() ?? null,
        device: { id: deviceId, name: deviceName, address: deviceAddress },
        url: `${publicUrl}/devices/${deviceId}/alerts`,
      }),
    ),
  };
}
