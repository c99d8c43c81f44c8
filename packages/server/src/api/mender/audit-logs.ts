/** The audit log in the shape of Mender's management API (COMPAT section 3.7). */
import type { AuditFilter } from '@lovely/api';
import { z } from 'zod';
import { PAGE_MAX } from '@lovely/api';
import { LovelyError } from '../../errors.ts';
import { countAudit, listAudit, type AuditRecord } from '../../store/audit.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { pageHeaders, readPage } from './paging.ts';

const PAGES_SKIPPED_MAX = 100;

const seconds = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 33);
const query = z.object({
  created_after: seconds.optional(),
  created_before: seconds.optional(),
  actor_id: z.string().max(64).optional(),
  object_type: z.string().max(64).optional(),
  object_id: z.string().max(64).optional(),
});

export function routeAuditLogs(http: Http, context: ApiContext): void {
  http.get('/api/management/v1/auditlogs/logs', async (c) => {
    const { database, tenantId } = await requirePerson(context, c.req.raw, 'audit.read', c.env.address);
    const page = readPage(c.req.query());
    const filter = readFilter(c.req.query());
    const [items, total] = await Promise.all([
      readPageOf(database, tenantId, filter, page),
      countAudit(database, tenantId, filter),
    ]);
    return c.json(items.map(toEvent), 200, pageHeaders(c.req.url, page, total));
  });
}

/** Mender's pages are numbered: what comes before one is read in large pieces and left out, up to PAGES_SKIPPED_MAX. */
async function readPageOf(
  database: Parameters<typeof listAudit>[0],
  tenantId: string,
  filter: AuditFilter,
  { page, perPage }: { page: number; perPage: number },
): Promise<AuditRecord[]> {
  let below: number | undefined;
  let skip = (page - 1) * perPage;
  if (skip > PAGES_SKIPPED_MAX * PAGE_MAX) return [];
  while (skip > 0) {
    const limit = Math.min(skip, PAGE_MAX);
    const { next } = await listAudit(database, tenantId, filter, { below, limit });
    if (next === null) return [];
    below = next;
    skip -= limit;
  }
  return (await listAudit(database, tenantId, filter, { below, limit: perPage })).items;
}

function readFilter(given: Record<string, string>): AuditFilter {
  const { success, data, error } = query.safeParse(given);
  if (!success) throw new LovelyError('bad-request', error.issues[0]!.message);
  return {
    actorId: data.actor_id,
    objectType: data.object_type,
    objectId: data.object_id,
    since: data.created_after === undefined ? undefined : new Date(data.created_after * 1000).toISOString(),
    until: data.created_before === undefined ? undefined : new Date(data.created_before * 1000).toISOString(),
  };
}

/** What Mender calls our actions; others go by their verb. */
const ACTIONS: Readonly<Record<string, string>> = {
  'device.set-key-status': 'update',
  'device.delete-key': 'delete',
  'device.decommission': 'decommission',
  'terminal.open': 'open_terminal',
  'terminal.close': 'close_terminal',
};

function toEvent({ actor, at, action, object, change, result, details }: AuditRecord) {
  return {
    actor: { id: actor.id, type: actor.type, ...(actor.type === 'user' ? { email: actor.name } : {}) },
    time: at.toISOString(),
    action: ACTIONS[action] ?? action.split('.').at(-1),
    object: { id: object.id, type: object.type, [object.type]: { name: object.name ?? '' } },
    change: change === null ? '' : JSON.stringify(change),
    meta: {
      result: [result],
      ...(typeof details.session === 'string' ? { session_id: [details.session] } : {}),
    },
  };
}
