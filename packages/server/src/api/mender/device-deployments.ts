/** Mender's device API: asking for the next deployment (COMPAT section 2.3). There are none yet. */
import { TEXT_LENGTH_MAX } from '@lovely/protocol';
import { z } from 'zod';
import { LovelyError } from '../../errors.ts';
import { PROVIDES_BYTES_MAX } from '../../limits.ts';
import { readJson } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { requireDevice } from '../guard.ts';
import type { Http } from '../route.ts';

const PATH = '/deployments/device/deployments/next';
const text = z.string().max(TEXT_LENGTH_MAX);
/** What a device has installed. */
const provides = z.object({ artifact_name: text.min(1), device_type: text.min(1) }).catchall(text);
const question = z.object({ device_provides: provides });

export function routeDeviceDeployments(http: Http, context: ApiContext): void {
  /** Mender's client asks in three ways, each older than the one before, until one is understood. */
  http.post(`/api/devices/v2${PATH}`, async (c) => {
    await requireDevice(context, c.req.raw);
    check(question, await readJson(c.req.raw, PROVIDES_BYTES_MAX));
    return c.body(null, 204);
  });

  http.post(`/api/devices/v1${PATH}`, async (c) => {
    await requireDevice(context, c.req.raw);
    check(provides, await readJson(c.req.raw, PROVIDES_BYTES_MAX));
    return c.body(null, 204);
  });

  http.get(`/api/devices/v1${PATH}`, async (c) => {
    await requireDevice(context, c.req.raw);
    check(provides, c.req.query());
    return c.body(null, 204);
  });
}

function check(schema: z.ZodType, value: unknown): void {
  if (!schema.safeParse(value).success)
    throw new LovelyError('bad-request', 'Say what the device provides: artifact_name, device_type and other texts.');
}
