/** One process of the Lovely Smart System: brings up what its roles need, in order, and takes it down in reverse. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createApi, type Api } from './api/api.ts';
import { createFirstAdministrator, createSetupCode } from './api/people.ts';
import { startTask } from './background-task.ts';
import { openBlobs } from './blobs/open.ts';
import type { Bus } from './bus/bus.ts';
import { createMemoryBus } from './bus/memory.ts';
import { connectNats } from './bus/nats.ts';
import { listeningOn, type Config } from './config.ts';
import { LovelyError } from './errors.ts';
import { Hub } from './hub/hub.ts';
import { createHubMetrics } from './hub/hub-metrics.ts';
import { FRAME_BYTES_MAX_UP } from '@lovely/protocol';
import { REVOCATIONS_REFRESH_MS, SOCKET_BUFFER_BYTES_MAX } from './limits.ts';
import { listen, type Answer, type Listener } from './listener.ts';
import type { Log } from './log.ts';
import { createOperations } from './operations.ts';
import { createRevocations } from './revocations.ts';
import { listRevocations } from './store/auth-sets.ts';
import { startLocalDatabase } from './store/local-database.ts';
import { listSigningKeys } from './store/signing-keys.ts';
import { openStore } from './store/store.ts';
import { ensureFirstTenant } from './store/tenants.ts';
import { countUsers } from './store/users.ts';
import { readTls } from './tls/given-tls.ts';
import { ensureLocalTls } from './tls/local-ca.ts';
import { createSigningKey, createTokens } from './tokens.ts';
import { startWorker } from './worker/worker.ts';

export interface RunningServer {
  /** Where gateways and browsers connect. */
  readonly url: string;
  /** The plain address for browsers on this machine, where one is open. */
  readonly localUrl: string | undefined;
  /** The one-time link that makes the first administrator; undefined when there is a user. */
  readonly setupUrl: string | undefined;
  /** Drains and stops everything. */
  close(): Promise<void>;
}

const HUB_PATH = '/api/devices/v1/deviceconnect/connect';
const HTTP_PORT_DEFAULT = 8080;
const LOOPBACK = '127.0.0.1';
/** A blob that nobody stored: looking for it shows whether the place answers. */
const NO_BLOB = '0'.repeat(64);
const UI_DIRECTORY = join(import.meta.dir, '../../ui/dist');
const BASEMAP_DIRECTORY = join(import.meta.dir, '../../ui/dist-basemap');

export async function startServer(given: Config, log: Log): Promise<RunningServer> {
  const stack = new AsyncDisposableStack();
  try {
    return await start(given, log, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(given: Config, log: Log, stack: AsyncDisposableStack): Promise<RunningServer> {
  await mkdir(given.dataDir, { recursive: true });
  // The embedded database may run as another user: it must be able to pass through, nobody needs to list.
  await chmod(given.dataDir, 0o711);

  const databaseUrl =
    given.databaseUrl ?? (await defer(stack, startLocalDatabase(join(given.dataDir, 'postgres'), log))).url;
  const store = await defer(stack, openStore(databaseUrl, log));
  const tenant = await ensureFirstTenant(store.database);
  const tokens = createTokens(await listSigningKeys(store.database, createSigningKey));
  const bus = await defer(stack, openBus(given, log));
  const blobs = await openBlobs(given.blobsUrl, given.dataDir);
  if (given.admin) await makeAdministrator(given.admin, store, tenant.id, log);

  const operations = createOperations(() => [
    { name: 'database', check: () => store.ping() },
    {
      name: 'bus',
      check: () => (bus.healthy ? Promise.resolve() : Promise.reject(new Error('the bus is not connected'))),
    },
    { name: 'blobs', check: async () => void (await blobs.find(NO_BLOB)) },
  ]);
  const { registry } = operations;
  const has = (role: Config['roles'][number]): boolean => given.roles.includes(role);
  if (has('worker'))
    await defer(
      stack,
      Promise.resolve(startWorker({ bus, store, log, registry, offlineAfterMs: given.offlineAfterMs })),
    );

  const revocations = createRevocations();
  const hub = has('hub')
    ? await Hub.start({
        bus,
        store,
        tokens,
        revocations,
        heartbeatMs: given.heartbeatMs,
        log,
        metrics: createHubMetrics(registry),
      })
    : undefined;
  const refreshRevocations = async (): Promise<void> => {
    revocations.add(await listRevocations(store.database));
    hub?.leaveRevoked();
  };
  await refreshRevocations();
  await defer(stack, Promise.resolve(startTask('revocations', REVOCATIONS_REFRESH_MS, log, refreshRevocations)));

  // Made once the listener has its port: what the api tells browsers depends on it.
  let api: Api | undefined;
  const answer =
    (isLocal: boolean) =>
    async (request: Request, address: string): Promise<Answer> => {
      const { pathname } = new URL(request.url);
      const operation = operations.answer(pathname, address);
      if (operation) return await operation;
      if (hub && pathname === HUB_PATH && !isLocal)
        return await hub.admit(request).catch((error: unknown) => refuse(error, log));
      return api
        ? await api.answer(request, address)
        : new Response('This process has no such role.\n', { status: 404 });
    };
  const socketLimits = {
    idleTimeoutMs: given.heartbeatMs * 2.5,
    frameBytesMax: FRAME_BYTES_MAX_UP,
    bufferBytesMax: SOCKET_BUFFER_BYTES_MAX,
  };

  const tls = given.tls
    ? await readTls(given.tls.certFile, given.tls.keyFile)
    : await ensureLocalTls({ dataDir: given.dataDir, hosts: hostsOf(given) });
  const { hostname, port } = { hostname: given.listen.host, port: given.listen.port };
  const secure = listen({ hostname, port, tls, ...socketLimits, answer: answer(false) });
  stack.defer(() => secure.close());
  const config = listeningOn(given, secure.port);
  const local = has('api') ? listenLocally(config, { ...socketLimits, answer: answer(true) }) : undefined;
  if (local) stack.defer(() => local.close());

  const setup = createSetupCode();
  const localUrl = local && `http://localhost:${local.port}`;
  if (has('api')) {
    const origins = new Set([
      config.publicUrl,
      `https://localhost:${secure.port}`,
      `https://127.0.0.1:${secure.port}`,
      ...(local ? [`http://localhost:${local.port}`, `http://127.0.0.1:${local.port}`] : []),
    ]);
    api = createApi({
      store,
      bus,
      tokens,
      revocations,
      log,
      firstTenantId: tenant.id,
      publicUrl: config.publicUrl,
      origins,
      setupCode: setup,
      uiDirectory: UI_DIRECTORY,
      basemapDirectory: BASEMAP_DIRECTORY,
    });
  }
  stack.defer(async () => {
    secure.stop();
    local?.stop();
    await api?.close();
    await hub?.drain();
  });
  const needsSetup = has('api') && (await countUsers(store.database)) === 0;
  return {
    url: config.publicUrl,
    localUrl,
    setupUrl: needsSetup ? `${localUrl ?? config.publicUrl}/setup#${setup.code}` : undefined,
    close: () => stack.disposeAsync(),
  };
}

/** Waits for a part and has it closed when the server closes. */
async function defer<T extends { close(): Promise<void> }>(
  stack: AsyncDisposableStack,
  starting: Promise<T>,
): Promise<T> {
  const part = await starting;
  stack.defer(() => part.close());
  return part;
}

async function openBus({ natsUrl }: Config, log: Log): Promise<Bus> {
  const onError = (error: unknown, subject: string): void =>
    log.error({ error, subject }, 'a message of the bus could not be handled');
  if (natsUrl === undefined) return createMemoryBus({ onError });
  return await connectNats({ url: natsUrl, name: 'lovely-smart-system', signal: AbortSignal.timeout(30_000), onError });
}

async function makeAdministrator(
  admin: { email: string; password: string },
  store: Parameters<typeof createFirstAdministrator>[0]['store'],
  firstTenantId: string,
  log: Log,
): Promise<void> {
  if ((await countUsers(store.database)) > 0) return;
  await createFirstAdministrator({ store, firstTenantId }, { ...admin, name: 'Administrator' }).then(
    () => log.info({ email: admin.email }, 'made the first administrator'),
    (error: unknown) => {
      // Another process made it a moment before.
      if (!(error instanceof LovelyError && error.code === 'setup-done')) throw error;
    },
  );
}

/** A device's refusal at the door: Mender's shape, logged at the level of a thing that happens. */
function refuse(error: unknown, log: Log): Response {
  if (!(error instanceof LovelyError)) throw error;
  log.debug({ reason: error.code }, 'a device was not let in');
  const headers = error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) };
  return Response.json({ error: error.message, code: error.code }, { status: error.status, headers });
}

/** Plain HTTP for browsers on this machine; `auto` takes any free port when the usual one is taken. */
function listenLocally(
  config: Config,
  options: Omit<Parameters<typeof listen>[0], 'hostname' | 'port'>,
): Listener | undefined {
  if (config.httpListen === 'off') return undefined;
  if (config.httpListen !== 'auto')
    return listen({ hostname: config.httpListen.host, port: config.httpListen.port, ...options });
  try {
    return listen({ hostname: LOOPBACK, port: HTTP_PORT_DEFAULT, ...options });
  } catch {
    return listen({ hostname: LOOPBACK, port: 0, ...options });
  }
}

function hostsOf({ publicUrl, listen }: Config): string[] {
  return [new URL(publicUrl).hostname, listen.host];
}
