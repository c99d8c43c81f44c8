/** Keys of the system. */
import type { KeyKind } from '../../domain/key.ts';
import type { Time } from './columns.ts';

export interface SecretTables {
  /** System-wide: these keys belong to no tenant, and no tenant's connection sees them. */
  keys: {
    id: string;
    kind: KeyKind;
    secret: string;
    created_at: Time;
    /** From when on it signs or seals; accepted before. */
    used_from: Time;
    /** When it is no longer accepted; null: not yet known. */
    retires_at: Time | null;
    /** Since when it is void before its time, so that connections that came by it end. Its secret is gone then. */
    voided_at: Time | null;
  };
}
