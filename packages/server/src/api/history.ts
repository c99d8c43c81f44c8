/** History of metrics: of one device, and spread over a group. */
import { getDeviceHistory, getGroupHistory, namesIn } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { getDeviceGroup } from '../store/groups.ts';
import { readGroupHistory, readHistory, type HistoryRange } from '../store/history.ts';
import { requireDeviceFor } from './change.ts';
import type { ApiContext } from './context.ts';
import { requireVisibleGroup } from './groups.ts';
import { route, type Http } from './route.ts';

const HOUR_MS = 3600_000;
/** The longest that anything is kept, and no date that a database doesn't know. */
const RANGE_MS_MAX = 3660 * 24 * HOUR_MS;

export function routeHistory(http: Http, context: ApiContext): void {
  const { historyDays: retentionDays } = context;

  route(http, context, getDeviceHistory, async ({ person, database, params, query }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    const nowMs = Date.now();
    const of = { deviceId: params.id, source: query.source, metrics: namesIn(query.metrics) };
    return await readHistory(database, person.tenantId, of, rangeOf(query, nowMs), { nowMs, retentionDays });
  });

  route(http, context, getGroupHistory, async ({ person, database, params, query }) => {
    requireVisibleGroup(person, params.id);
    const group = await getDeviceGroup(database, person.tenantId, params.id);
    const nowMs = Date.now();
    const of = { group, source: query.source, metric: query.metric };
    return await readGroupHistory(database, person.tenantId, person.scope('fleet.read'), of, rangeOf(query, nowMs), {
      nowMs,
      retentionDays,
    });
  });
}

/** Throws 'bad-input' for a range that ends before it begins, or is longer than anything is kept. */
function rangeOf(
  { from, to, points }: { from?: string | undefined; to?: string | undefined; points: number },
  nowMs: number,
): HistoryRange {
  const toMs = to === undefined ? nowMs : Date.parse(to);
  const fromMs = from === undefined ? toMs - HOUR_MS : Date.parse(from);
  if (!(fromMs < toMs)) throw new LovelyError('bad-input', 'from: must be before to.', { pointer: '/query/from' });
  if (toMs - fromMs > RANGE_MS_MAX || fromMs < 0)
    throw new LovelyError('bad-input', 'from: nothing is kept for so long.', { pointer: '/query/from' });
  return { fromMs, toMs, points };
}
