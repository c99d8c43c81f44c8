/** Mender's device API: the inventory (COMPAT section 2.2). */
import { z } from 'zod';
import { ATTRIBUTES_MAX } from '@lovely/protocol';
import { LovelyError } from '../../errors.ts';
import { INVENTORY_BYTES_MAX } from '../../limits.ts';
import { mergeInventory, replaceInventories } from '../../store/devices.ts';
import { readJson } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { announceDevice } from '../events.ts';
import { requireDevice } from '../guard.ts';
import type { Http } from '../route.ts';

const noNul = (text: string): boolean => !text.includes('\0');
const value = z.string().max(4096).refine(noNul);
const attributes = z
  .array(z.object({ name: value, value: z.union([value, z.array(value).max(1024), z.number().transform(String)]) }))
  .max(ATTRIBUTES_MAX);

export function routeDeviceInventory(http: Http, context: ApiContext): void {
  const path = '/api/devices/v1/inventory/device/attributes';

  http.on(['PUT', 'PATCH'], path, async (c) => {
    const { tenantId, deviceId } = await requireDevice(context, c.req.raw);
    const parsed = attributes.safeParse(await readJson(c.req.raw, INVENTORY_BYTES_MAX));
    if (!parsed.success) throw new LovelyError('bad-request', 'An inventory is a list of {"name", "value"}.');
    const entries = Object.fromEntries(parsed.data.map(({ name, value }) => [name, value]));
    // PUT replaces, PATCH merges.
    const write = c.req.method === 'PUT' ? replaceInventories : mergeInventory;
    const changed = await write(context.store.database, [{ deviceId, attributes: entries }]);
    for (const device of changed) announceDevice(context.bus, tenantId, device.id, 'updated', device.status);
    return c.body(null, 200);
  });
}
