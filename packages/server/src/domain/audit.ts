/** Entries of the audit log: who did what to what, with which result; each carries the hash of the one before. */
import { createHash } from 'node:crypto';

export interface AuditActor {
  readonly type: 'user' | 'device' | 'system';
  readonly id: string;
  /** The e-mail address of a user, the name of a device. */
  readonly name: string;
  /** The personal access token that was used instead of a sign-in. */
  readonly tokenId?: string;
}

export interface AuditObject {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
}

/** The members that changed, before and after. */
export type AuditChange = Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;

/** `success`, or the code of the error that the caller got. */
export type AuditResult = string;

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actor: AuditActor;
  /** As `noun.verb`. */
  readonly action: string;
  readonly object: AuditObject;
  readonly result: AuditResult;
  /** Where from. */
  readonly address: string;
  readonly change: AuditChange | null;
  /** What else belongs to it, as the session of a terminal. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What stands before the first entry of a tenant. */
export const CHAIN_START = Buffer.alloc(32);

/** SHA-256 over the hash before, the place in the chain and the entry as JSON with sorted keys. */
export function chainHash(
  before: Uint8Array,
  position: number,
  { id, at, actor, action, object, result, address, change, details }: AuditEntry,
): Buffer {
  const entry = { position, id, at: at.toISOString(), actor, action, object, result, address, change, details };
  return createHash('sha256').update(before).update(sortedJson(entry)).digest();
}

/** The members of `before` and `after` that differ; undefined members count as null. */
export function changeBetween(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): AuditChange | null {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes = [...names]
    .map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }] as const)
    .filter(([, change]) => sortedJson(change.before) !== sortedJson(change.after));
  return changes.length === 0 ? null : Object.fromEntries(changes);
}

/** jsonb keeps no order of keys, so the hash must not depend on it. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
