/** The filter of the audit log as it stands in the address, and what it asks the server for. */
import { auditFilter, type AuditFilter } from '@lovely/api';
import { z } from 'zod';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const RANGES = [
  { value: 'hour', label: 'Last hour', ms: HOUR },
  { value: 'day', label: 'Last 24 hours', ms: DAY },
  { value: 'week', label: 'Last 7 days', ms: 7 * DAY },
  { value: 'month', label: 'Last 30 days', ms: 30 * DAY },
] as const;

const { actorId, action, objectType, objectId, result, search } = auditFilter.shape;
const day = z.iso.date().optional().catch(undefined);

export const auditSearch = z.object({
  actorId: actorId.catch(undefined),
  action: action.catch(undefined),
  objectType: objectType.catch(undefined),
  objectId: objectId.catch(undefined),
  result: result.catch(undefined),
  search: search.catch(undefined),
  /** A time that goes on, or `days` from one day to another. */
  range: z
    .enum([...RANGES.map(({ value }) => value), 'days'])
    .optional()
    .catch(undefined),
  from: day,
  to: day,
});
export type AuditSearch = z.infer<typeof auditSearch>;

/** What the server is asked; to the minute, so that the same question is asked once. */
export function auditFilterOf({ range, from, to, ...rest }: AuditSearch, now: number): AuditFilter {
  const spanMs = RANGES.find(({ value }) => value === range)?.ms;
  if (spanMs !== undefined)
    return { ...rest, since: new Date(Math.floor(now / MINUTE) * MINUTE - spanMs).toISOString() };
  if (range !== 'days') return rest;
  return {
    ...rest,
    ...(from === undefined ? {} : { since: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to === undefined ? {} : { until: new Date(Date.parse(`${to}T00:00:00`) + DAY).toISOString() }),
  };
}
