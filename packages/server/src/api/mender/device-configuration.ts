/** Mender's device API: the configuration of a device, as its add-on mender-configure asks for it (COMPAT section 2.5). */
import { CONFIGURATION_KEY_LENGTH_MAX, CONFIGURATION_VALUES_MAX } from '@lovely/api';
import { TEXT_LENGTH_MAX } from '@lovely/protocol';
import { z } from 'zod';
import { event } from '../../bus/subjects.ts';
import { publishItems } from '../../bus/topic.ts';
import { isRangeOf, readRange } from '../../domain/byte-range.ts';
import { readDownloadPath } from '../../download-links.ts';
import { LovelyError } from '../../errors.ts';
import { MENDER_CONFIGURATION_BYTES_MAX } from '../../limits.ts';
import { isAccepted } from '../../store/artifacts.ts';
import { findConfigurationContent } from '../../store/configuration-artifacts.ts';
import { getMenderConfiguration, storeMenderReported } from '../../store/mender-configurations.ts';
import type { ApiContext } from '../context.ts';
import { requireDevice } from '../guard.ts';
import type { Http } from '../route.ts';
import { readBody } from './input.ts';

const PATH = '/api/devices/v1/deviceconfig/configuration';
const key = z
  .string()
  .min(1)
  .max(CONFIGURATION_KEY_LENGTH_MAX)
  .refine((name) => name !== '__proto__');
/** Flat, and every value a text. */
export const menderConfiguration = z
  .record(key, z.string().max(TEXT_LENGTH_MAX))
  .refine((values) => Object.keys(values).length <= CONFIGURATION_VALUES_MAX, {
    message: `at most ${CONFIGURATION_VALUES_MAX} values`,
  });

export function routeDeviceConfiguration(http: Http, context: ApiContext): void {
  http.get(PATH, async (c) => {
    const { tenantId, deviceId } = await requireDevice(context, c.req.raw);
    const configuration = await getMenderConfiguration(context.store.of(tenantId), tenantId, deviceId);
    return c.json(configuration?.configured ?? {});
  });

  // What it is set to now.
  http.put(PATH, async (c) => {
    const { tenantId, deviceId } = await requireDevice(context, c.req.raw);
    const reported = await readBody(c.req.raw, menderConfiguration, MENDER_CONFIGURATION_BYTES_MAX);
    await storeMenderReported(context.store.of(tenantId), tenantId, deviceId, reported);
    publishItems(context.bus, event(tenantId, 'configuration'), [{ device: deviceId, ts: Date.now() }]);
    return c.body(null, 204);
  });

  // A link of the same kind as those to artifacts, for what is made of a configuration.
  http.get(`${CONFIGURATION_DOWNLOADS}/:artifact/download`, async (c) => {
    const link = new URL(c.req.url);
    link.pathname = link.pathname.replace(CONFIGURATION_DOWNLOADS, ARTIFACT_DOWNLOADS);
    const grant = await readDownloadPath(context.linkKeys, link).catch((error: unknown) => {
      context.limits.countStranger(c.req.raw, c.env.address);
      throw error;
    });
    const { tenantId, artifactId, deviceId } = grant;
    context.limits.countDevice(c.req.raw, deviceId ?? artifactId);
    if (deviceId !== undefined && !(await isAccepted(context.store.database, tenantId, deviceId)))
      throw new LovelyError('bad-download-link', 'The device is not accepted any more.');
    const found = await findConfigurationContent(context.store.database, tenantId, artifactId);
    if (!found) throw new LovelyError('not-found');
    return sendBytes(c.req.raw, found.content, `"${found.sha256}"`);
  });
}

const ARTIFACT_DOWNLOADS = '/api/devices/v1/artifacts';
const CONFIGURATION_DOWNLOADS = '/api/devices/v1/configurations';

/** The path of a link to an artifact, for one that is made of a configuration. */
export function toConfigurationPath(path: string): string {
  return path.replace(ARTIFACT_DOWNLOADS, CONFIGURATION_DOWNLOADS);
}

function sendBytes(request: Request, content: Uint8Array, etag: string): Response {
  const range = isRangeOf(request.headers.get('if-range'), etag)
    ? readRange(request.headers.get('range'), content.length)
    : undefined;
  const headers = { 'content-type': 'application/vnd.mender-artifact', 'accept-ranges': 'bytes', etag };
  if (range === 'none')
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${content.length}` } });
  const { start, end } = range ?? { start: 0, end: content.length };
  return new Response(Buffer.from(content.subarray(start, end)), {
    status: range ? 206 : 200,
    headers: range ? { ...headers, 'content-range': `bytes ${start}-${end - 1}/${content.length}` } : headers,
  });
}
