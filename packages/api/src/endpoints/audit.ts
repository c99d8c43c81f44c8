/** The audit log: who did what to what, with which result, from where and when. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();

export const auditEntry = z.object({
  /** Its place in the tenant's chain; the next entry has the next number. */
  position: z.number().int(),
  id,
  at: time,
  actor: z.object({
    type: z.enum(['user', 'device', 'system']),
    id: z.string(),
    /** The e-mail address of a user, the name of a device. */
    name: z.string(),
    /** The personal access token that was used. */
    tokenId: z.string().optional(),
  }),
  /** As `noun.verb`. */
  action: z.string(),
  object: z.object({ type: z.string(), id: z.string(), name: z.string().optional() }),
  /** `success`, or the code of the error that the caller got. */
  result: z.string(),
  address: z.string(),
  /** The members that changed. */
  change: z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() })).nullable(),
  /** What else belongs to it, as the session of a terminal. */
  details: z.record(z.string(), z.unknown()),
  /** SHA-256 over the hash of the entry before and this entry, in hex. */
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

/** What the list and the export are narrowed by. */
export const auditFilter = z.object({
  actorId: z.string().max(64).optional(),
  action: z.string().max(64).optional(),
  objectType: z.string().max(64).optional(),
  objectId: z.string().max(64).optional(),
  result: z.enum(['success', 'refused']).optional(),
  /** Words of the names of actor and object, or of an address. */
  search: z.string().max(NAME_LENGTH_MAX).optional(),
  since: time.optional(),
  until: time.optional(),
});
export type AuditFilter = z.infer<typeof auditFilter>;

export const listAudit = endpoint({
  method: 'GET',
  path: '/api/v1/audit',
  summary: 'Entries of the audit log, newest first, a page at a time; PATHS.auditExport gives them as a file',
  access: 'audit.read',
  params: none,
  query: auditFilter.extend({
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(auditEntry), next: z.string().nullable() }),
  status: 200,
});

/** What the log can be narrowed by, for lists of choices. */
export const listAuditFacets = endpoint({
  method: 'GET',
  path: '/api/v1/audit/facets',
  summary: 'Actors, actions and kinds of objects that occur in the log',
  access: 'audit.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({
    actors: z.array(z.object({ id: z.string(), name: z.string() })),
    actions: z.array(z.string()),
    objectTypes: z.array(z.string()),
  }),
  status: 200,
});

export const verifyAudit = endpoint({
  method: 'GET',
  path: '/api/v1/audit/verification',
  summary: 'Computes the chain of hashes anew: whether an entry is missing or was changed, and which',
  access: 'audit.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({
    intact: z.boolean(),
    /** Entries that were looked at. */
    entries: z.number().int(),
    /** The first position where the chain doesn't hold; null when it is intact. */
    brokenAt: z.number().int().nullable(),
  }),
  status: 200,
});
