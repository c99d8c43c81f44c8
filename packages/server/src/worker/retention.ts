/** Deletes what is past its time. */
import {
  ALERT_MESSAGE_RETENTION_HOURS,
  DEVICE_MESSAGE_RETENTION_HOURS,
  FIX_RUN_KEPT_DAYS,
  INVITATION_KEPT_DAYS,
  JOIN_CODE_KEPT_DAYS,
  NOTIFICATION_RETENTION_DAYS,
  WEBHOOK_DELIVERY_RETENTION_DAYS,
} from '../limits.ts';
import { DEPLOYMENT_KEPT_DAYS, RECONNECTS_KEPT_DAYS } from '../software-limits.ts';
import { deleteOldAlertMessages } from '../store/alert-messages.ts';
import { forgetJobs } from '../store/configuration-jobs.ts';
import { deleteOldAlerts } from '../store/alert-retention.ts';
import { forgetOldAudit } from '../store/audit-retention.ts';
import { deleteExpiredRevocations } from '../store/auth-sets.ts';
import { forgetDeletedTenants } from '../store/deleted-tenants.ts';
import { deleteOldDeviceMessages } from '../store/device-messages.ts';
import { deleteOldAnswers } from '../store/idempotency.ts';
import { deleteOldInvitations } from '../store/invitations.ts';
import { deleteOldJoinCodes } from '../store/join-codes.ts';
import { deleteOldBundles } from '../store/notification-bundles.ts';
import { deleteExpiredOidcStarts } from '../store/oidc.ts';
import { deleteExpiredChallenges } from '../store/passkeys.ts';
import { deleteExpiredPasswordResets } from '../store/password-resets.ts';
import { deleteOldReconnects, deleteOldTimelines } from '../store/reconnects.ts';
import { deleteOldSignInAttempts } from '../store/sign-in-attempts.ts';
import { forgetFixRuns } from '../store/fix-run-engine.ts';
import type { Store } from '../store/store.ts';
import { deleteExpiredTokens } from '../store/tokens.ts';
import { deleteExpiredLogins } from '../store/users.ts';
import { deleteOldDeliveries } from '../store/webhook-deliveries.ts';

export function createRetention(store: Store): () => Promise<void> {
  return async () => {
    await deleteOldAlertMessages(store, ALERT_MESSAGE_RETENTION_HOURS);
    await deleteOldDeviceMessages(store.database, DEVICE_MESSAGE_RETENTION_HOURS);
    await deleteExpiredRevocations(store.database);
    await forgetDeletedTenants(store.database);
    await deleteOldJoinCodes(store.database, JOIN_CODE_KEPT_DAYS);
    await deleteOldAnswers(store.database);
    await deleteExpiredLogins(store.database);
    await deleteExpiredChallenges(store.database);
    await deleteExpiredOidcStarts(store.database);
    await deleteExpiredTokens(store.database);
    await deleteExpiredPasswordResets(store.database);
    await deleteOldSignInAttempts(store.database);
    await deleteOldInvitations(store.database, INVITATION_KEPT_DAYS);
    await deleteOldDeliveries(store.database, WEBHOOK_DELIVERY_RETENTION_DAYS);
    await deleteOldBundles(store.database, NOTIFICATION_RETENTION_DAYS);
    await forgetOldAudit(store.database);
    await forgetFixRuns(store.database, FIX_RUN_KEPT_DAYS);
    await forgetJobs(store.database);
    await deleteOldTimelines(store.database, DEPLOYMENT_KEPT_DAYS);
    await deleteOldReconnects(store.database, RECONNECTS_KEPT_DAYS);
    await deleteOldAlerts(store.database);
  };
}
