/** The audit log: lists, export as CSV (RFC 4180) or NDJSON, and whether its chain holds. */
import { auditFilter, listAudit, listAuditFacets, PATHS, verifyAudit, type AuditEntry } from '@lovely/api';
import { z } from 'zod';
import { LovelyError } from '../errors.ts';
import { AUDIT_BATCH_ENTRIES } from '../limits.ts';
import * as store from '../store/audit.ts';
import { change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requirePerson } from './guard.ts';
import { readInput, route, type Http } from './route.ts';

const exportQuery = auditFilter.extend({ format: z.enum(['csv', 'ndjson']) });

export function routeAudit(http: Http, context: ApiContext): void {
  route(http, context, listAudit, async ({ person, database, query: { cursor, limit, ...filter } }) => {
    const page = await store.listAudit(database, person.tenantId, filter, { below: readCursor(cursor), limit });
    return { items: page.items.map(toEntry), next: page.next === null ? null : String(page.next) };
  });

  route(http, context, listAuditFacets, ({ person, database }) => store.listAuditFacets(database, person.tenantId));

  route(http, context, verifyAudit, async ({ person, database }) => {
    const { entries, brokenAt } = await store.verifyAudit(database, person.tenantId);
    return { intact: brokenAt === null, entries, brokenAt };
  });

  http.get(PATHS.auditExport, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'audit.read', c.env.address);
    const { format, ...filter } = readInput(exportQuery, c.req.query(), '/query');
    // Whoever takes the log away is in it.
    await change(context, person, 'audit.export', { type: 'audit', id: '' }, (made) => {
      made.audit({ object: { type: 'audit', id: '' }, details: { format, ...filter } });
      return Promise.resolve();
    });
    const write = format === 'csv' ? toCsv : toNdjson;
    const head = format === 'csv' ? `${CSV_COLUMNS.join()}\r\n` : '';
    return new Response(textOf(pagesOf(person, filter), head, write), {
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="audit.${format}"`,
      },
    });
  });
}

/** Everything that passes the filter, newest first, a batch at a time, as fast as the reader takes it. */
async function* pagesOf({ database, tenantId }: Person, filter: z.infer<typeof auditFilter>) {
  let below: number | undefined;
  do {
    const page = await store.listAudit(database, tenantId, filter, { below, limit: AUDIT_BATCH_ENTRIES });
    yield page.items.map(toEntry);
    below = page.next ?? undefined;
  } while (below !== undefined);
}

function textOf(
  pages: AsyncGenerator<AuditEntry[]>,
  head: string,
  write: (entry: AuditEntry) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(head)),
    async pull(controller) {
      const { value, done } = await pages.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value.map(write).join('')));
    },
    cancel: async () => void (await pages.return(undefined)),
  });
}

function toEntry(record: store.AuditRecord): AuditEntry {
  return { ...record, at: record.at.toISOString(), change: record.change, hash: record.hash.toString('hex') };
}

function toNdjson(entry: AuditEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

const CSV_COLUMNS = [
  'position',
  'at',
  'actor',
  'actorId',
  'action',
  'objectType',
  'objectId',
  'object',
  'result',
  'address',
  'change',
  'details',
  'hash',
] as const;

function toCsv(entry: AuditEntry): string {
  const cells: Record<(typeof CSV_COLUMNS)[number], unknown> = {
    position: entry.position,
    at: entry.at,
    actor: entry.actor.name,
    actorId: entry.actor.id,
    action: entry.action,
    objectType: entry.object.type,
    objectId: entry.object.id,
    object: entry.object.name ?? '',
    result: entry.result,
    address: entry.address,
    change: entry.change === null ? '' : JSON.stringify(entry.change),
    details: JSON.stringify(entry.details),
    hash: entry.hash,
  };
  return `${CSV_COLUMNS.map((column) => csvCell(String(cells[column]))).join()}\r\n`;
}

/** Spreadsheets run what begins like a formula, and names come from outside: an apostrophe makes it a text. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const below = Number(cursor);
  if (!Number.isSafeInteger(below) || below < 1)
    throw new LovelyError('bad-input', 'The cursor is not one of ours; start again without it.', {
      pointer: '/cursor',
    });
  return below;
}
