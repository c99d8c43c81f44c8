/** Webhooks and their deliveries. */
import type { Generated } from 'kysely';
import type { Delivery, WebhookEvent } from '@lovely/api';
import type { Time, Version } from './columns.ts';

export interface WebhookTables {
  webhooks: {
    id: string;
    tenant_id: string;
    name: string;
    url: string;
    events: WebhookEvent[];
    enabled: boolean;
    disabled_reason: string | null;
    /** Sealed for `webhookSecret(id)`, as the old one is. */
    secret: string;
    old_secret: string | null;
    old_secret_until: Time | null;
    /** Failed tries since the last that succeeded. */
    failures: Generated<number>;
    failing_since: Time | null;
    paused_until: Time | null;
    delivered_at: Time | null;
    version: Version;
    created_at: Time;
    updated_at: Time;
  };
  webhook_deliveries: {
    id: Generated<string>;
    tenant_id: string;
    webhook_id: string;
    event: Delivery['event'];
    /** JSON; every try sends and signs the same bytes. */
    payload: string;
    state: Generated<Delivery['state']>;
    attempts: Generated<number>;
    /** Where the time for tries begins; a replay begins anew. */
    tries_from: Time;
    /** While a try runs, when another worker may take it for lost. */
    next_attempt_at: Time | null;
    attempted_at: Time | null;
    status: number | null;
    error: string | null;
    duration_ms: number | null;
    response_excerpt: string | null;
    created_at: Time;
  };
}
