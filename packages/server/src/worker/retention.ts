/** Deletes what is past its time. */
import { ALERT_MESSAGE_RETENTION_HOURS, JOIN_CODE_KEPT_DAYS, STATUS_RETENTION_HOURS } from '../limits.ts';
import { deleteExpiredRevocations } from '../store/auth-sets.ts';
import { forgetDeletedTenants } from '../store/deleted-tenants.ts';
import { deleteOldAnswers } from '../store/idempotency.ts';
import { deleteOldJoinCodes } from '../store/join-codes.ts';
import { deleteExpiredOidcStarts } from '../store/oidc.ts';
import { deleteExpiredChallenges } from '../store/passkeys.ts';
import { deleteExpiredPasswordResets } from '../store/password-resets.ts';
import { deleteOldSignInAttempts } from '../store/sign-in-attempts.ts';
import { deleteOldMessages } from '../store/status.ts';
import type { Store } from '../store/store.ts';
import { deleteExpiredTokens } from '../store/tokens.ts';
import { deleteExpiredLogins } from '../store/users.ts';

export function createRetention(store: Store): () => Promise<void> {
  return async () => {
    await deleteOldMessages(store, 'status_messages', STATUS_RETENTION_HOURS);
    await deleteOldMessages(store, 'alert_messages', ALERT_MESSAGE_RETENTION_HOURS);
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
  };
}
