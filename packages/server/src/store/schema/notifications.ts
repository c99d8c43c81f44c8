/** Who is told of alerts, and what they were told. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  AlertMatch,
  EscalationStep,
  NotificationKind,
  NotificationState,
  QuietHours,
  Recipient,
} from '@lovely/api';
import type { Time, Version } from './columns.ts';

export interface NotificationTables {
  notification_policies: {
    id: string;
    tenant_id: string;
    name: string;
    enabled: boolean;
    position: number;
    match: JSONColumnType<AlertMatch>;
    recipients: JSONColumnType<Recipient[]>;
    escalation: JSONColumnType<EscalationStep[]>;
    delay_seconds: number;
    bundle_minutes: number;
    repeat_minutes: number | null;
    quiet_hours: JSONColumnType<QuietHours> | null;
    tells_resolved: boolean;
    is_last: boolean;
    version: Version;
    created_at: Time;
    updated_at: Time;
  };
  subscriptions: {
    user_id: string;
    tenant_id: string;
    enabled: Generated<boolean>;
    match: JSONColumnType<AlertMatch, string | undefined>;
    quiet_hours: JSONColumnType<QuietHours> | null;
    tells_resolved: Generated<boolean>;
    version: Version;
  };
  notification_addresses: {
    tenant_id: string;
    address: string;
    code: string;
    user_id: string | null;
    stopped_at: Time | null;
  };
  notification_changes: { id: ColumnType<number, never, never>; tenant_id: string; alert_ids: string[] };
  notification_bundles: {
    id: string;
    tenant_id: string;
    policy_id: string | null;
    is_subscription: boolean;
    key: string;
    rule: string;
    is_critical: Generated<boolean>;
    opened_at: Time;
    accepts_until: Time | null;
    told_at: Time | null;
    last_told_at: Time | null;
    reminded_at: Time | null;
    green_at: Time | null;
    step: Generated<number>;
    messages: Generated<number>;
    planned_at: Time | null;
    next_at: Time | null;
    closed_at: Time | null;
  };
  notification_bundle_alerts: { bundle_id: string; alert_id: string; tenant_id: string; added_at: Time };
  mails: {
    id: string;
    tenant_id: string;
    address: string;
    subject: string;
    text: string;
    html: string;
    message_id: string;
    /** Message ids of the mails that it goes on from (RFC 5322 section 3.6.4). */
    thread_ids: string[];
    unsubscribe_url: string | null;
    state: Generated<'waiting' | 'sent' | 'failed'>;
    attempts: Generated<number>;
    next_attempt_at: Time | null;
    error: string | null;
    created_at: Time;
    sent_at: Time | null;
  };
  notifications: {
    id: string;
    tenant_id: string;
    bundle_id: string | null;
    number: number;
    kind: NotificationKind;
    policy_id: string | null;
    policy_name: string | null;
    recipient_key: string;
    recipient: string;
    user_id: string | null;
    webhook_id: string | null;
    address: string | null;
    channel: 'email' | 'webhook';
    subject: Generated<string>;
    alerts: Generated<number>;
    state: Generated<NotificationState>;
    reason: string | null;
    mail_id: string | null;
    delivery_id: string | null;
    due_at: Time;
    /** When it was written: what it tells of counts as told. */
    told_at: Time | null;
    created_at: Time;
  };
}
