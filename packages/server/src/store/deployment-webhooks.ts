/** Tells webhooks of deployments, in the transaction that changes them. */
import { sql } from 'kysely';
import type { WebhookEvent } from '@lovely/api';
import type { DeploymentRow } from './deployment-facts.ts';
import type { Database } from './store.ts';

type DeploymentWebhookEvent = Extract<WebhookEvent, `deployment.${string}`>;

export async function announceToWebhooks(
  transaction: Database,
  row: DeploymentRow,
  event: DeploymentWebhookEvent,
  reason = '',
): Promise<void> {
  const { id, name, artifact_name: artifactName, kind } = row;
  const data = JSON.stringify({ deployment: { id, name, artifactName, kind, reason } });
  await sql`
    insert into webhook_deliveries (tenant_id, webhook_id, event, payload)
    select listener.tenant_id, listener.id, listener.event, webhook_payload(listener.event, ${data}::jsonb)
    from webhook_listeners as listener
    where listener.tenant_id = ${row.tenant_id} and listener.event = ${event}`.execute(transaction);
}
