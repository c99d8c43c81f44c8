/**
 * A change that a person makes: everything it writes commits together with its entry in the audit log, and what it tells
 * others goes out afterwards. A change that is refused leaves an entry too.
 */
import { randomUUID } from 'node:crypto';
import { PERMISSION_NAMES, type Permission } from '@lovely/api';
import { changeBetween, type AuditActor, type AuditEntry, type AuditObject } from '../domain/audit.ts';
import { scopeKey } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { appendAudit } from '../store/audit.ts';
import { isDeviceIn } from '../store/devices.ts';
import type { Database } from '../store/store.ts';
import type { ApiContext, Person } from './context.ts';

/** What the audit log says of a change. No secret belongs in it. */
export interface AuditNote {
  readonly object: AuditObject;
  /** The object's members before and after; the log keeps those that differ. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Change {
  readonly database: Database;
  /** Says what was changed; the last word counts. */
  audit(note: AuditNote): void;
  /** Runs once the change is committed: for events on the bus. */
  afterCommit(tell: () => void): void;
}

/** @param action as `noun.verb` */
export async function change<T>(
  context: Pick<ApiContext, 'log'>,
  person: Person,
  action: string,
  object: AuditObject,
  make: (change: Change) => Promise<T>,
): Promise<T> {
  const tells: (() => void)[] = [];
  let note: AuditNote = { object };
  const entry = (result: string): AuditEntry =>
    auditEntry({ actor: actorOf(person), action, note, result, address: person.address });
  try {
    const made = await person.database.transaction().execute(async (database) => {
      const result = await make({
        database,
        audit: (said) => void (note = said),
        afterCommit: (tell) => void tells.push(tell),
      });
      await appendAudit(database, person.tenantId, entry('success'));
      return result;
    });
    for (const tell of tells) tell();
    return made;
  } catch (error) {
    if (error instanceof LovelyError)
      await appendAudit(person.database, person.tenantId, entry(error.code)).catch((cause: unknown) =>
        context.log.error({ error: cause, action }, 'a refused change could not be written to the audit log'),
      );
    throw error;
  }
}

/** What happens at the door, where nobody is signed in yet. */
export async function recordAudit(
  database: Database,
  tenantId: string,
  said: { actor: AuditActor; action: string; note: AuditNote; result: string; address: string },
): Promise<void> {
  await appendAudit(database, tenantId, auditEntry(said));
}

/** The device must be one that the person holds the permission for: 'not-found' if they may not even see it. */
export async function requireDeviceFor(
  person: Person,
  database: Database,
  permission: Permission,
  deviceId: string,
): Promise<void> {
  const isIn = (of: Permission): Promise<boolean> => isDeviceIn(database, person.tenantId, person.scope(of), deviceId);
  if (await isIn(permission)) return;
  throw new LovelyError(person.may('fleet.read') && (await isIn('fleet.read')) ? 'not-allowed' : 'not-found');
}

/** All that the person may do with the device; each set of groups is looked up once. */
export async function permissionsFor(person: Person, database: Database, deviceId: string): Promise<Permission[]> {
  const isIn = new Map<string, boolean>();
  const held = PERMISSION_NAMES.filter((permission) => person.may(permission));
  for (const scope of held.map((permission) => person.scope(permission)))
    if (!isIn.has(scopeKey(scope)))
      isIn.set(scopeKey(scope), await isDeviceIn(database, person.tenantId, scope, deviceId));
  return held.filter((permission) => isIn.get(scopeKey(person.scope(permission))));
}

/** What is of no group yet is for people whose permission isn't limited to groups. */
export function requireAllDevices(person: Person, permission: Permission): void {
  if (person.scope(permission).kind !== 'all') throw new LovelyError('not-allowed');
}

export function actorOf({ user, via }: Person): AuditActor {
  return { type: 'user', id: user.id, name: user.email, ...(via.kind === 'token' ? { tokenId: via.id } : {}) };
}

function auditEntry({
  actor,
  action,
  note,
  result,
  address,
}: {
  actor: AuditActor;
  action: string;
  note: AuditNote;
  result: string;
  address: string;
}): AuditEntry {
  return {
    id: randomUUID(),
    at: new Date(),
    actor,
    action,
    object: note.object,
    result,
    address,
    change: note.before || note.after ? changeBetween(note.before ?? {}, note.after ?? {}) : null,
    details: note.details ?? {},
  };
}
