/** Mender's device API: the inventory (COMPAT section 2.2). */
import { z } from 'zod';
import { ATTRIBUTES_MAX, TEXT_LENGTH_MAX } from '@lovely/protocol';
import { LovelyError } from '../../errors.ts';
import { ATTRIBUTE_VALUES_MAX, INVENTORY_BYTES_MAX } from '../../limits.ts';
import { mergeInventory, replaceInventories } from '../../store/devices.ts';
import { readJson } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { announceDevice } from '../events.ts';
import { requireDevice } from '../guard.ts';
import type { Http } from '../route.ts';

const text = z.string().max(TEXT_LENGTH_MAX);
const value = z.union([text, z.array(text).max(ATTRIBUTE_VALUES_MAX), z.number().transform(String)]);
const attributes = z.array(z.object({ name: text, value })).max(ATTRIBUTES_MAX);

export function routeDeviceInventory(http: Http, context: ApiContext): void {
  const path = '/api/devices/v1/inventory/device/attributes';

  http.on(['PUT', 'PATCH'], path, async (c) => {
    const { tenantId, deviceId } = await requireDevice(context, c.req.raw);
    const parsed = attributes.safeParse(await readJson(c.req.raw, INVENTORY_BYTES_MAX));
    if (!parsed.success) throw new LovelyError('bad-request', 'An inventory is a list of {"name", "value"}.');
    const entries = Object.fromEntries(parsed.data.map(({ name, value }) => [name, value]));
    // PUT replaces, PATCH merges.
    const write = c.req.method === 'PUT' ? replaceInventories : mergeInventory;
    const changed = await write(context.store.of(tenantId), [{ deviceId, attributes: entries }]);
    for (const device of changed) announceDevice(context.bus, tenantId, device.id, 'updated', device.status);
    return c.body(null, 200);
  });
}
