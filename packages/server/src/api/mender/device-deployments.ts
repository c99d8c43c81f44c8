/** Mender's device API: asking for the next deployment, and telling how far it is (COMPAT sections 2.3 and 2.4). */
import type { LogLine } from '@lovely/api';
import { TEXT_LENGTH_MAX, UPDATE_STATES } from '@lovely/protocol';
import { z } from 'zod';
import { announceDeployments } from '../../bus/announce.ts';
import { makeDownloadPath } from '../../download-links.ts';
import { LovelyError } from '../../errors.ts';
import { MENDER_LOG_BYTES_MAX, PROVIDES_BYTES_MAX, UPDATE_STATUS_BYTES_MAX } from '../../limits.ts';
import { DOWNLOAD_LINK_MS_MAX } from '../../software-limits.ts';
import { isConfigurationArtifact } from '../../store/configuration-artifacts.ts';
import { getUpdateControl, nextForPoller, type PollerOffer } from '../../store/deployment-polling.ts';
import { storeDeploymentLog } from '../../store/deployment-logs.ts';
import { storeDeploymentReport } from '../../store/deployment-reports.ts';
import type { Database } from '../../store/store.ts';
import type { DeviceClaims } from '../../tokens.ts';
import { readBytes, readJson } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { requireDevice } from '../guard.ts';
import type { Http } from '../route.ts';
import { toControlMap } from './control-map.ts';
import { toConfigurationPath } from './device-configuration.ts';
import { readId } from './id.ts';

const PREFIX = '/deployments/device/deployments';
const text = z.string().max(TEXT_LENGTH_MAX);
/** What a device has installed. */
const provides = z.object({ artifact_name: text.min(1), device_type: text.min(1) }).catchall(text);
const question = z.object({ device_provides: provides, update_control_map: z.boolean().default(false) });
/** '' tells a substate only: after a power loss the client has forgotten where it was (COMPAT 0.6). */
const status = z.object({ status: z.enum(['', ...UPDATE_STATES]), substate: text.optional() });
const log = z.object({
  messages: z.array(z.object({ level: z.string(), message: z.string(), timestamp: z.iso.datetime({ offset: true }) })),
});

type Provides = z.infer<typeof provides>;

export function routeDeviceDeployments(http: Http, context: ApiContext): void {
  /** Mender's client asks in three ways, each older than the one before, until one is understood. */
  http.post(`/api/devices/v2${PREFIX}/next`, async (c) => {
    const device = await requireDevice(context, c.req.raw);
    const asked = read(question, await readJson(c.req.raw, PROVIDES_BYTES_MAX), PROVIDES_EXPECTED);
    const offer = await findOffer(device, asked.device_provides);
    if (!offer) return c.body(null, 204);
    const map = asked.update_control_map ? toControlMap(offer.deploymentId, offer.pauseBefore) : undefined;
    return c.json({ ...(await toInstruction(device, offer, c.req.url)), ...(map ? { update_control_map: map } : {}) });
  });

  http.on(['POST', 'GET'], `/api/devices/v1${PREFIX}/next`, async (c) => {
    const device = await requireDevice(context, c.req.raw);
    const given = c.req.method === 'GET' ? c.req.query() : await readJson(c.req.raw, PROVIDES_BYTES_MAX);
    const offer = await findOffer(device, read(provides, given, PROVIDES_EXPECTED));
    return offer ? c.json(await toInstruction(device, offer, c.req.url)) : c.body(null, 204);
  });

  http.put(`/api/devices/v1${PREFIX}/:deployment/status`, async (c) => {
    const { tenantId, deviceId } = await requireDevice(context, c.req.raw);
    const deploymentId = readId(c.req.param('deployment'));
    const told = read(status, await readJson(c.req.raw, UPDATE_STATUS_BYTES_MAX), STATUS_EXPECTED);
    const report = { tenantId, deviceId, deploymentId, state: told.status, substate: told.substate, atMs: Date.now() };
    const { outcome, changes } = await transact(tenantId, (database) => storeDeploymentReport(database, report));
    announceDeployments(context.bus, changes);
    if (outcome === 'unknown') throw new LovelyError('not-found');
    if (outcome === 'aborted') throw new LovelyError('update-aborted');
    return c.body(null, 204);
  });

  http.put(`/api/devices/v1${PREFIX}/:deployment/log`, async (c) => {
    const { tenantId, deviceId } = await requireDevice(context, c.req.raw);
    const deploymentId = readId(c.req.param('deployment'));
    const lines = readLog(await readBytes(c.req.raw, MENDER_LOG_BYTES_MAX));
    const { outcome, changes } = await transact(tenantId, (database) =>
      storeDeploymentLog(database, { tenantId, deviceId, deploymentId, lines }),
    );
    announceDeployments(context.bus, changes);
    if (outcome === 'unknown') throw new LovelyError('not-found');
    return c.body(null, 204);
  });

  http.get(`/api/devices/v2${PREFIX}/:deployment/update_control_map`, async (c) => {
    const { tenantId, deviceId } = await requireDevice(context, c.req.raw);
    const deploymentId = readId(c.req.param('deployment'));
    const control = await getUpdateControl(context.store.of(tenantId), { tenantId, deviceId, deploymentId });
    if (!control) throw new LovelyError('not-found');
    return c.json({ update_control_map: toControlMap(deploymentId, control.pauseBefore) });
  });

  async function findOffer({ tenantId, deviceId }: DeviceClaims, has: Provides): Promise<PollerOffer | undefined> {
    const { offer, changes } = await nextForPoller(context.store.of(tenantId), tenantId, deviceId, has);
    announceDeployments(context.bus, changes);
    return offer;
  }

  /** What the client is to do, with a link to where it reached us. */
  async function toInstruction({ tenantId, deviceId }: DeviceClaims, offer: PollerOffer, url: string) {
    const { deploymentId, artifact, bytesPerSecond } = offer;
    const expiresAtMs = Date.now() + DOWNLOAD_LINK_MS_MAX;
    const isMade = await isConfigurationArtifact(context.store.of(tenantId), tenantId, artifact.id);
    const link = makeDownloadPath(context.linkKeys, {
      tenantId,
      artifactId: artifact.id,
      deploymentId,
      deviceId,
      bytesPerSecond: bytesPerSecond ?? undefined,
      expiresAtMs,
    });
    const path = isMade ? toConfigurationPath(link) : link;
    return {
      id: deploymentId,
      artifact: {
        id: artifact.id,
        artifact_name: artifact.name,
        source: { uri: new URL(path, url).href, expire: new Date(expiresAtMs).toISOString() },
        device_types_compatible: artifact.deviceTypes,
      },
    };
  }

  async function transact<T>(tenantId: string, make: (database: Database) => Promise<T>): Promise<T> {
    return await context.store.of(tenantId).transaction().execute(make);
  }
}

const PROVIDES_EXPECTED = 'Say what the device provides: artifact_name, device_type and other texts.';
const STATUS_EXPECTED = `A status is one of ${UPDATE_STATES.join(', ')}, with or without a substate.`;
const LOG_EXPECTED = 'A log is a list "messages" of {"level", "message", "timestamp"}.';

/** Of logrus, which Mender's client uses. */
const LEVELS: Readonly<Record<string, 'debug' | 'info' | 'warning' | 'error'>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warning: 'warning',
  warn: 'warning',
  error: 'error',
  fatal: 'error',
  panic: 'error',
};

/** What programs printed stands in it, so that it may hold what PostgreSQL can't store: U+0000, halves of pairs. */
function readLog(bytes: Uint8Array): LogLine[] {
  const { messages } = read(log, parse(bytes), LOG_EXPECTED);
  return messages.map(({ level, message, timestamp }) => ({
    at: new Date(timestamp).toISOString(),
    level: LEVELS[level] ?? 'info',
    message: message.slice(0, TEXT_LENGTH_MAX).replaceAll('\0', '\ufffd').toWellFormed(),
  }));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (cause) {
    throw new LovelyError('bad-json', undefined, { cause });
  }
}

function read<S extends z.ZodType>(schema: S, value: unknown, expected: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (!result.success) throw new LovelyError('bad-request', expected);
  return result.data;
}
