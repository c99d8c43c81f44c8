/** Deletes what is past its time. */
import { ALERT_MESSAGE_RETENTION_HOURS, STATUS_RETENTION_HOURS } from '../limits.ts';
import { deleteExpiredRevocations } from '../store/auth-sets.ts';
import { deleteOldMessages } from '../store/status.ts';
import type { Store } from '../store/store.ts';
import { deleteExpiredLogins } from '../store/users.ts';

export function createRetention(store: Store): () => Promise<void> {
  return async () => {
    await deleteOldMessages(store, 'status_messages', STATUS_RETENTION_HOURS);
    await deleteOldMessages(store, 'alert_messages', ALERT_MESSAGE_RETENTION_HOURS);
    await deleteExpiredRevocations(store.database);
    await deleteExpiredLogins(store.database);
  };
}
