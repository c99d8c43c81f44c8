/** Mender's management API: search of inventories, version 2 (COMPAT section 3.3). */
import { z } from 'zod';
import { BODY_BYTES_MAX, deviceCondition, FILTER_CONDITIONS_MAX } from '@lovely/api';
import { LovelyError } from '../../errors.ts';
import { listFilterAttributes } from '../../store/filters.ts';
import { searchInventories } from '../../store/inventories.ts';
import { readJson } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { toInventory } from './inventory.ts';
import { pageHeaders, readPage } from './paging.ts';

const PREFIX = '/api/management/v2/inventory/filters';
const SORTS_MAX = 4;
const IDS_MAX = 500;
const ATTRIBUTES_MAX = 200;

const attribute = { scope: deviceCondition.shape.scope, attribute: deviceCondition.shape.attribute };
const searchBody = z.object({
  page: z.number().optional(),
  per_page: z.number().optional(),
  filters: z.array(deviceCondition).max(FILTER_CONDITIONS_MAX).nullish(),
  sort: z
    .array(z.object({ ...attribute, order: z.enum(['asc', 'desc']).default('asc') }))
    .max(SORTS_MAX)
    .nullish(),
  attributes: z.array(z.object(attribute)).max(ATTRIBUTES_MAX).nullish(),
  device_ids: z.array(z.string()).max(IDS_MAX).nullish(),
  text: z.string().max(200).nullish(),
});

export function routeInventorySearch(http: Http, context: ApiContext): void {
  http.post(`${PREFIX}/search`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const given = searchBody.safeParse(await readJson(c.req.raw, BODY_BYTES_MAX));
    if (!given.success) {
      const issue = given.error.issues[0]!;
      throw new LovelyError('bad-request', `${issue.path.join('.') || 'The body'}: ${issue.message}`);
    }
    const { filters, sort, attributes, device_ids: ids, text, ...paging } = given.data;
    const page = readPage(Object.fromEntries(Object.entries(paging).map(([name, value]) => [name, String(value)])));
    const { records, total } = await searchInventories(person.database, person.tenantId, {
      ...page,
      scope: person.scope('fleet.read'),
      conditions: filters ?? [],
      sort: sort ?? [],
      ids: ids ?? undefined,
      text: text ?? undefined,
    });
    return c.json(
      records.map((record) => toInventory(record, attributes ?? undefined)),
      200,
      pageHeaders(c.req.url, page, total),
    );
  });

  http.get(`${PREFIX}/attributes`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const found = await listFilterAttributes(person.database, person.tenantId, person.scope('fleet.read'));
    const counts = new Map<string, { name: string; scope: string; count: number }>();
    for (const { scope, attribute: whole, devices } of found) {
      const name = scope === 'tags' ? whole.split('=')[0]! : whole;
      const known = counts.get(`${scope}/${name}`);
      counts.set(`${scope}/${name}`, { name, scope, count: (known?.count ?? 0) + devices });
    }
    return c.json([...counts.values()].toSorted((a, b) => b.count - a.count));
  });
}
