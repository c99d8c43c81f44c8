/** Whose things are attacked, and who attacks. */
import { generateKeyPairSync } from 'node:crypto';
import type { Permission } from '@lovely/api';
import type { SignedIn } from '../src/api/test-api.ts';

/** Stands in every name of the other tenant: no answer to anybody else may hold it. */
export const MARK = 'only-of-the-other';

export interface Tenant {
  readonly id: string;
  readonly administrator: SignedIn;
  /** Has one device in it. */
  readonly groupId: string;
  /** A device of the group. */
  readonly deviceId: string;
  /** What names of things in it begin with. */
  readonly prefix: string;
}

/** Somebody, or something, that calls. */
export interface Caller {
  readonly name: string;
  readonly token: string | null;
  /** Undefined: not a person of the system. */
  readonly userId: string | undefined;
  /** Where the permission holds. */
  holds(permission: Permission): 'all' | 'group' | 'no';
}

export function publicKey(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();
}
