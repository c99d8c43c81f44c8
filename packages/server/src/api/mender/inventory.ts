/** Mender's management API: inventories (COMPAT section 3.3). */
import { LovelyError } from '../../errors.ts';
import { countDevices, listDeviceRecords, type DeviceRecord } from '../../store/devices.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { readId } from './id.ts';
import { pageHeaders, readPage } from './paging.ts';

const PREFIX = '/api/management/v1/inventory';

export function routeInventory(http: Http, context: ApiContext): void {
  http.get(`${PREFIX}/devices`, async (c) => {
    const { tenantId, database, scope } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const filter = { scope: scope('fleet.read'), statuses: ['accepted' as const] };
    const [records, total] = await Promise.all([
      listDeviceRecords(database, tenantId, filter, page),
      countDevices(database, tenantId, filter),
    ]);
    return c.json(records.map(toInventory), 200, pageHeaders(c.req.url, page, total));
  });

  http.get(`${PREFIX}/devices/:id`, async (c) => {
    const { tenantId, database, scope } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const filter = { scope: scope('fleet.read'), ids: [readId(c.req.param('id'))] };
    const [record] = await listDeviceRecords(database, tenantId, filter, { page: 1, perPage: 1 });
    if (!record) throw new LovelyError('not-found');
    return c.json(toInventory(record));
  });
}

function toInventory({ id, identity, status, inventory, createdAt, updatedAt, inventoryAt }: DeviceRecord) {
  const scoped = (values: Readonly<Record<string, unknown>>, scope: string) =>
    Object.entries(values).map(([name, value]) => ({ name, value, scope }));
  return {
    id,
    updated_ts: (inventoryAt ?? updatedAt).toISOString(),
    attributes: [
      ...scoped({ ...identity, status }, 'identity'),
      ...scoped(inventory, 'inventory'),
      ...scoped(
        { created_ts: createdAt.toISOString(), updated_ts: (inventoryAt ?? updatedAt).toISOString() },
        'system',
      ),
    ],
  };
}
