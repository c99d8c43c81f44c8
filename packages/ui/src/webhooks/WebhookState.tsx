import type { Webhook } from '@lovely/api';
import { CircleCheck, CirclePause, CircleSlash, TriangleAlert } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

export function WebhookState({ webhook }: { webhook: Webhook }) {
  if (!webhook.enabled)
    return (
      <Chip tone="offline" icon={CircleSlash}>
        {webhook.disabledReason === null ? 'Off' : 'Switched off after failures'}
      </Chip>
    );
  if (webhook.pausedUntil !== null)
    return (
      <Chip tone="bad" icon={CirclePause}>
        Failing, paused
      </Chip>
    );
  if (webhook.failingSince !== null)
    return (
      <Chip tone="warn" icon={TriangleAlert}>
        Failing
      </Chip>
    );
  return (
    <Chip tone="ok" icon={CircleCheck}>
      On
    </Chip>
  );
}
