/** One process of the Lovely Smart System: brings up what its roles need, in order, and takes it down in reverse. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createApi, type Api } from './api/api.ts';
import { createFirstAdministrator, createSetupCode } from './api/people.ts';
import { errorResponse } from './api/problem.ts';
import { startTask } from './background-task.ts';
import type { Config } from './config.ts';
import { LovelyError } from './errors.ts';
import { Hub } from './hub/hub.ts';
import { createHubMetrics } from './hub/hub-metrics.ts';
import { KEYS_REFRESH_MS, REVOCATIONS_REFRESH_MS } from './limits.ts';
import { LOOPBACK_HOSTS, openListeners } from './listeners.ts';
import type { Log } from './log.ts';
import { createSmtpMailer } from './mail/smtp.ts';
import { createOperations } from './operations.ts';
import { defer, openParts, type Parts } from './parts.ts';
import { createRevocations } from './revocations.ts';
import { findPlaces } from './places.ts';
import { listRevocations } from './store/auth-sets.ts';
import { listDeletedTenants } from './store/deleted-tenants.ts';
import { countUsers } from './store/users.ts';
import { startNotifier } from './worker/notifications/notifier.ts';
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
const UI_DIRECTORY = join(import.meta.dir, '../../ui/dist');
const BASEMAP_DIRECTORY = join(import.meta.dir, '../../ui/dist-basemap');

export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const stack = new AsyncDisposableStack();
  try {
    return await start(config, log, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(given: Config, log: Log, stack: AsyncDisposableStack): Promise<RunningServer> {
  const parts = await openParts(given, log, stack);
  if (given.admin) await makeAdministrator(given.admin, parts, log);
  const { store, bus, keys, tokens, seal } = parts;
  const { registry, answer: operate } = createOperations({
    parts: parts.readiness,
    metricsToken: given.metricsToken,
    hosts: new Set([...LOOPBACK_HOSTS, given.listen.host, new URL(given.publicUrl).hostname]),
  });
  const has = (role: Config['roles'][number]): boolean => given.roles.includes(role);

  if (has('worker'))
    await defer(
      stack,
      startWorker({
        bus,
        store,
        seal,
        blobs: parts.blobs,
        spoolDir: join(given.dataDir, 'spool'),
        log,
        registry,
        linkKeys: keys.link,
        offlineAfterMs: given.offlineAfterMs,
        cloneQuietMs: given.cloneQuietMs,
        historyDays: given.historyDays,
        webhooksAllowPrivate: given.webhooksAllowPrivate,
        places: () => findPlaces(BASEMAP_DIRECTORY),
      }),
    );

  const revocations = createRevocations();
  const { heartbeatMs } = given;
  const hub = has('hub')
    ? await Hub.start({ bus, store, tokens, revocations, heartbeatMs, log, metrics: createHubMetrics(registry) })
    : undefined;
  const refreshRevocations = async (): Promise<void> => {
    revocations.add(await listRevocations(store.database));
    revocations.voidTenants(await listDeletedTenants(store.database));
    hub?.leaveRevoked();
  };
  await refreshRevocations();
  await defer(stack, startTask('revocations', REVOCATIONS_REFRESH_MS, log, refreshRevocations));
  const refreshKeys = async (): Promise<void> => {
    revocations.voidKeys(await keys.refresh());
    hub?.leaveRevoked();
  };
  await refreshKeys();
  await defer(stack, startTask('keys', KEYS_REFRESH_MS, log, refreshKeys));

  // Made once the listeners have their ports, which the api tells browsers.
  let api: Api | undefined;
  const listeners = await openListeners(given, async (request, caller, isPlain) => {
    const { hostname, pathname } = new URL(request.url);
    // A page elsewhere can give its own name our loopback address, and would be of the same origin then.
    if (isPlain && !LOOPBACK_HOSTS.includes(hostname))
      return errorResponse(new LovelyError('bad-host'), randomUUID(), pathname, log);
    const operation = operate(request, caller);
    if (operation) return await operation;
    if (hub && pathname === HUB_PATH && !isPlain)
      return await hub
        .admit(request, caller.address)
        .catch((error: unknown) => errorResponse(error, randomUUID(), pathname, log));
    if (api) return await api.answer(request, caller.address);
    return new Response('This process has no role for that.\n', { status: 404 });
  });
  stack.defer(() => listeners.close());
  const { config, localUrl, origins } = listeners;
  const setup = createSetupCode();
  const { mail } = config;
  const mailer =
    mail && (has('api') || has('worker'))
      ? await defer(stack, createSmtpMailer({ url: mail.smtpUrl, from: mail.from, log }))
      : undefined;
  if (has('worker')) await defer(stack, startNotifier({ store, log, mailer, publicUrl: config.publicUrl }));
  if (has('api'))
    api = createApi({
      ...parts,
      linkKeys: keys.link,
      limitFactor: given.limitFactor,
      revocations,
      log,
      mailer,
      publicUrl: config.publicUrl,
      caFingerprint: listeners.caFingerprint,
      webhooksAllowPrivate: config.webhooksAllowPrivate,
      oidcAllowPrivate: config.oidcAllowPrivate,
      historyDays: config.historyDays,
      origins,
      setupCode: setup,
      uiDirectory: UI_DIRECTORY,
      basemapDirectory: BASEMAP_DIRECTORY,
    });
  stack.defer(async () => {
    listeners.stop();
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

async function makeAdministrator(admin: { email: string; password: string }, parts: Parts, log: Log): Promise<void> {
  if ((await countUsers(parts.store.database)) > 0) return;
  try {
    await createFirstAdministrator(parts, { ...admin, name: 'Administrator' });
    log.info({ email: admin.email }, 'made the first administrator');
  } catch (error) {
    // Another process made it a moment before.
    if (!(error instanceof LovelyError && error.code === 'setup-done')) throw error;
  }
}
