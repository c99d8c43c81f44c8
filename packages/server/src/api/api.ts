/** The api role: HTTP and WebSockets for people, their browsers and tools, and the devices' HTTP. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Hono } from 'hono';
import { PATHS } from '@lovely/api';
import { revoked, tenantDeleted } from '../bus/subjects.ts';
import { subscribeTo } from '../bus/topic.ts';
import { LovelyError } from '../errors.ts';
import type { Answer } from '../listener.ts';
import { createRequestLimits } from './request-limits.ts';
import { routeAlerts } from './alerts.ts';
import { routeArtifacts } from './artifacts.ts';
import { routeCertificateAuthorities } from './certificate-authorities.ts';
import { routeAudit } from './audit.ts';
import type { ApiContext } from './context.ts';
import { routeDevices } from './devices.ts';
import { routeDownloads } from './downloads.ts';
import { routeFactors } from './factors.ts';
import { routeFleet } from './fleet.ts';
import { routeConfigurationSchemas } from './configuration-schemas.ts';
import { routeConfigurations } from './configurations.ts';
import { routeFixes } from './fixes.ts';
import { routeDeploymentDevices } from './deployment-devices.ts';
import { routeDeployments } from './deployments.ts';
import { routeFixRollouts } from './fix-rollouts.ts';
import { routeFixRuns } from './fix-runs.ts';
import { routeGroupConfigurations } from './group-configurations.ts';
import { routeGroups } from './groups.ts';
import { routeIncidents } from './incidents.ts';
import { routeHistory } from './history.ts';
import { requirePerson } from './guard.ts';
import { routeJoinCodes } from './join-codes.ts';
import { routeNotifications } from './notifications.ts';
import { routeInvitations } from './invitations.ts';
import { createLive, LIVE_PATH } from './live/live.ts';
import { routeLogins } from './logins.ts';
import { openBasemap, type Basemap } from './map/basemap.ts';
import { createFleetMaps } from './map/fleet-maps.ts';
import { placesIn, type Places } from '../places.ts';
import { createUploadSlots } from '../software/upload-slots.ts';
import { routeTiles } from './map/tiles.ts';
import { routeAuditLogs } from './mender/audit-logs.ts';
import { routeDevauth } from './mender/devauth.ts';
import { routeDeviceAuth } from './mender/device-auth.ts';
import { routeDeviceConnect } from './mender/device-connect.ts';
import { routeDeviceConfiguration } from './mender/device-configuration.ts';
import { routeDeviceFiles } from './mender/device-files.ts';
import { routeDeviceDeployments } from './mender/device-deployments.ts';
import { routeDeviceInventory } from './mender/device-inventory.ts';
import { routeInventory } from './mender/inventory.ts';
import { routeInventoryGroups } from './mender/inventory-groups.ts';
import { routeInventorySearch } from './mender/inventory-search.ts';
import { routeMenderSoftware } from './mender/software.ts';
import { routeUseradm } from './mender/useradm.ts';
import { routeOidc } from './oidc.ts';
import { createOpenSockets } from './open-sockets.ts';
import { routePasskeys } from './passkeys.ts';
import { createPasswordChecks } from './password-checks.ts';
import { routePasswords } from './passwords.ts';
import { routePeople, type SetupCode } from './people.ts';
import { errorResponse } from './problem.ts';
import { routePrometheus } from './prometheus.ts';
import type { Http, HttpEnv } from './route.ts';
import { routeRoles } from './roles.ts';
import { routeRules } from './rules.ts';
import { routeMessages } from './messages.ts';
import { routeSensors } from './sensors.ts';
import { createSessions } from './session/sessions.ts';
import { routeOpenApi } from './open-api/open-api.ts';
import { createSignIn } from './sign-in.ts';
import { serveStatic } from './static.ts';
import { routeSoftware } from './software.ts';
import { routeSystem } from './system.ts';
import { routeTokens } from './tokens.ts';
import { routeTenants } from './tenants.ts';
import { routeTrustedKeys } from './trusted-keys.ts';
import { routeUploads } from './uploads.ts';
import { routeUsers } from './users.ts';
import { routeWebhooks } from './webhooks.ts';

export interface ApiOptions extends Omit<ApiContext, 'limits'> {
  /** Multiplies how many requests are allowed; 1 without it. */
  readonly limitFactor?: number;
  readonly setupCode: SetupCode;
  /** The built browser application. */
  readonly uiDirectory: string;
  /** Holds world.pmtiles and places.json.gz. */
  readonly basemapDirectory: string;
}

export interface Api {
  /** Answers any request but those that the hub takes. */
  answer(request: Request, address: string): Promise<Answer>;
  /** Every route, as `/api/v1/devices/:id`. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  close(): Promise<void>;
}

const DEVICE_CONNECT = new RegExp(`^${PATHS.deviceConnect.replace('{id}', '([0-9a-fA-F-]{36})')}$`);

export function createApi(given: ApiOptions): Api {
  const limits = createRequestLimits(given.limitFactor ?? 1, Date.now);
  const options = { ...given, limits };
  const { bus, revocations, log } = options;
  const maps = createFleetMaps(options);
  const live = createLive(options, maps);
  const sessions = createSessions(options);
  const openSockets = createOpenSockets(options);
  const passwords = createPasswordChecks(options);
  const signIn = createSignIn(options, passwords);
  const basemap = once((): Promise<Basemap> => openBasemap(join(options.basemapDirectory, 'world.pmtiles')));
  const places = once((): Promise<Places> => Promise.resolve(placesIn(options.basemapDirectory)));
  const revocationFeed = subscribeTo(bus, revoked, ({ authSetIds, revokedAtMs }) =>
    revocations.add(authSetIds.map((authSetId) => ({ authSetId, revokedAtMs }))),
  );
  const deletionFeed = subscribeTo(bus, tenantDeleted, ({ tenant }) => revocations.voidTenants([tenant]));

  const http: Http = new Hono<HttpEnv>();
  routeSystem(http, options);
  routePeople(http, options, signIn, options.setupCode);
  routeUsers(http, options);
  routeInvitations(http, options);
  routePasswords(http, options, passwords);
  routeFactors(http, options, passwords);
  routeLogins(http, options);
  routeTokens(http, options);
  routePasskeys(http, options);
  routeOidc(http, options);
  routeDevices(http, options);
  routeTenants(http, options);
  routeWebhooks(http, options);
  routeNotifications(http, options);
  routeJoinCodes(http, options);
  routeCertificateAuthorities(http, options);
  routeAlerts(http, options);
  routeArtifacts(http, options);
  const slots = createUploadSlots();
  const uploads = routeUploads(http, options, slots);
  routeDownloads(http, options);
  routeTrustedKeys(http, options);
  routeIncidents(http, options);
  routeConfigurations(http, options);
  routeConfigurationSchemas(http, options);
  routeGroupConfigurations(http, options);
  routeFixes(http, options);
  routeFixRuns(http, options);
  routeFixRollouts(http, options);
  routeDeployments(http, options);
  routeDeploymentDevices(http, options);
  routeSoftware(http, options);
  routeAudit(http, options);
  routeGroups(http, options);
  routeHistory(http, options);
  routePrometheus(http, options);
  routeRoles(http, options);
  routeRules(http, options);
  routeSensors(http, options);
  routeMessages(http, options);
  routeFleet(http, options, maps, places);
  routeTiles(http, options, maps, basemap);
  routeDeviceAuth(http, options);
  routeDeviceInventory(http, options);
  routeDeviceDeployments(http, options);
  routeDeviceConfiguration(http, options);
  routeUseradm(http, options, signIn);
  routeDevauth(http, options);
  routeInventory(http, options);
  routeInventoryGroups(http, options);
  routeInventorySearch(http, options);
  routeAuditLogs(http, options);
  routeDeviceConnect(http, options);
  routeMenderSoftware(http, options, slots);
  routeDeviceFiles(http, options, async (person, deviceId, use) =>
    openSockets.watch(person, await sessions.open(person, deviceId, use)),
  );
  routeOpenApi(http, options, options.uiDirectory);
  http.all('/api/*', () => {
    throw new LovelyError('not-found');
  });
  http.get('*', (c) => serveStatic(options.uiDirectory, c.req.path));
  http.notFound(() => {
    throw new LovelyError('method-not-allowed');
  });
  http.onError((error, c) => errorResponse(error, randomUUID(), c.req.path, log));

  async function openSocket(request: Request, path: string, address: string): Promise<Answer | undefined> {
    const deviceId = DEVICE_CONNECT.exec(path)?.[1];
    if (deviceId === undefined && path !== LIVE_PATH) return undefined;
    const person = await requirePerson(
      options,
      request,
      deviceId === undefined ? 'fleet.read' : 'device.terminal',
      address,
    );
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') throw new LovelyError('upgrade-required');
    const owner = deviceId === undefined ? await live.open(person) : await sessions.open(person, deviceId);
    return openSockets.watch(person, owner);
  }

  return {
    routes: http.routes,
    async answer(request, address) {
      const { pathname, search } = new URL(request.url);
      const finish = (response: Response): Response => {
        for (const [name, value] of Object.entries(limits.headersOf(request))) response.headers.set(name, value);
        return keepPrivate(pathname, response);
      };
      try {
        // PostgreSQL can't store U+0000, so nothing is found by it.
        if (search.includes('%00')) throw new LovelyError('bad-request', 'The query holds U+0000.');
        return (await openSocket(request, pathname, address)) ?? finish(await http.fetch(request, { address }));
      } catch (error) {
        return finish(errorResponse(error, randomUUID(), pathname, log));
      }
    },
    async close() {
      uploads.close();
      await openSockets.close();
      await sessions.close();
      await live.close();
      await maps.close();
      await revocationFeed.close();
      await deletionFeed.close();
    },
  };
}

/** What the api says is for whoever asked and for this moment, unless its route says otherwise. */
function keepPrivate(path: string, response: Response): Response {
  if (!path.startsWith('/api/')) return response;
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}

/** Makes a value when it is first asked for; a failure is forgotten, so that the next call tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= (async () => await make())().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
