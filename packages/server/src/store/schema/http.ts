/** What lists and requests are served by; a device's own columns for it are in schema.ts. */
import type { Time } from './columns.ts';

export interface HttpTables {
  /** Words that devices are found by, kept by triggers on `devices`. */
  device_words: { device_id: string; word: string; tenant_id: string };
  idempotency_keys: {
    tenant_id: string;
    user_id: string;
    key: string;
    request_hash: Buffer;
    sealed_answer: string;
    created_at: Time;
  };
}
