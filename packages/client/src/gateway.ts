/** One gateway on a real host: its parts and how they are wired. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PROTO } from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from './atomic-file.ts';
import { Tokens } from './authentication.ts';
import { Channel, type Handlers } from './channel.ts';
import { certifiedIdentity, readClientCertificate } from './client-certificate.ts';
import { ClockWatch } from './clock-watch.ts';
import { sleep, systemClock as clock } from './clock.ts';
import { Commands } from './command/commands.ts';
import { createExecutor } from './command/executor.ts';
import { fileRunJournal } from './command/run-journal.ts';
import { fileKeyStore, TrustedKeys } from './command/trusted-keys.ts';
import { ClientSettings } from './configuration/client-settings.ts';
import { Configuration } from './configuration/configuration.ts';
import { fileConfigurationStore } from './configuration/configuration-store.ts';
import { configureScripts } from './configuration/configure-scripts.ts';
import { hostMachine } from './configuration/machine.ts';
import type { Config } from './config.ts';
import { controlHandler } from './control.ts';
import { SYSTEM_BUS } from './dbus/bus-address.ts';
import { ClientError } from './error.ts';
import { hostSampler } from './host/sampler.ts';
import { isGoodState, targetStates } from './host/targets.ts';
import type { Network } from './http/http.ts';
import { fixedKey, openKeys, type KeysOnDisk } from './keys.ts';
import { InventoryReporter } from './inventory.ts';
import { openLocal, serveLocal } from './local/open-local.ts';
import { KEY_CHECK_INTERVAL_MS, SPOOL_BYTES_MAX, SPOOL_MESSAGES_MAX } from './limits.ts';
import type { Log } from './log.ts';
import { Outbox } from './outbox.ts';
import { Reporter } from './reporter.ts';
import { EventSources } from './rules/events/event-sources.ts';
import { fileRuleStore } from './rules/rule-store.ts';
import { RuleWatcher } from './rules/watcher.ts';
import { loadRuntime } from './runtime.ts';
import { Shells } from './shell/shell.ts';
import { DiskJournal } from './spool/disk-journal.ts';
import { Spool } from './spool/spool.ts';
import { openUpdates } from './update/open-updates.ts';

const random = Math.random;

/** Runs until `signal` is aborted, then closes cleanly. Throws ClientError for files that are not as they must be. */
export async function runGateway(config: Config, log: Log, signal: AbortSignal): Promise<void> {
  const { dataDir, server } = config;
  const runtime = await loadRuntime();
  const { clientCert, clientKey, joinCode } = config;
  const certificate = clientCert && clientKey ? readClientCertificate(clientCert, clientKey) : undefined;
  const network: Network = { authorities: await readAuthorities(config), certificate, proxy: config.proxy };
  prepareDataDir(dataDir);
  const made = certificate ? undefined : openKeys(dataDir, config.serial);
  const keys = made ?? fixedKey(certifiedIdentity(certificate!, clientKey!, dataDir, config.serial));
  const { serial, fingerprint } = keys.current;
  log.info(made?.isNew ? 'key made' : 'key loaded', { serial, fingerprint });
  const tokens = new Tokens({
    http: runtime.http(network),
    server,
    keys,
    credentials: { joinCode, certificateChain: certificate?.chain },
    clock,
    random,
    log,
  });

  const journal = new DiskJournal(join(dataDir, 'spool'), SPOOL_BYTES_MAX, log);
  const spool = new Spool({ journal, bytesMax: SPOOL_BYTES_MAX, messagesMax: SPOOL_MESSAGES_MAX, clock, random, log });
  const outbox = new Outbox(spool, clock);
  const { submit } = outbox;
  // Asked again each time, as the configuration may change them while they are in use.
  const settings = new ClientSettings(config);
  const reporter = new Reporter({
    clock,
    submit,
    get fullIntervalMs() {
      return settings.current.fullReportIntervalMs;
    },
    get batchMs() {
      return settings.current.reportBatchMs;
    },
  });
  // What was stamped by another clock may look newer than what is told now, so that is told once more after it.
  const tellAgain = (): void => outbox.onceDelivered(() => reporter.tellAgain());
  tellAgain();
  const clockWatch = new ClockWatch({
    clock,
    log,
    wasSet() {
      reporter.flush();
      tellAgain();
    },
  });
  const local = openLocal({ dataDir, spool, submit, reporter, clock, log });
  const events = new EventSources({
    folders: config.logs,
    address: config.dbus ?? SYSTEM_BUS,
    happened: (event) => watcher.happened(event),
    clock,
    random,
    log,
  });
  const watcher = new RuleWatcher({
    rulesChanged: (rules) => events.follow(rules),
    store: fileRuleStore(join(dataDir, 'rules.json')),
    watched: config.watch,
    waiting: local.alerts.others([...spool.waiting()]),
    submit,
    clock,
    log,
  });
  const programs = local.start(watcher);
  const inventory = new InventoryReporter(
    { name: config.name, serial, deviceType: config.deviceType, runtime: runtime.name },
    submit,
  );
  const shells = new Shells({
    openPty: runtime.openPty,
    program: config.shell ?? '/bin/sh',
    folder: homedir(),
    environment: shellEnvironment(config.shell ?? '/bin/sh'),
    get sessionsMax() {
      return settings.current.shellsMax;
    },
    get sessionsPerUserMax() {
      return settings.current.shellsPerUserMax;
    },
    clock,
    log,
  });

  const { actions: allowed, commandDir } = config;
  const commands = new Commands({
    deviceId: () => tokens.deviceId,
    keys: new TrustedKeys(fileKeyStore(join(dataDir, 'command-keys.json')), log),
    journal: fileRunJournal(join(dataDir, 'command-runs.json')),
    prepare: createExecutor({
      allowed,
      commandDir,
      scratchDir: join(dataDir, 'scripts'),
      environment: shellEnvironment(config.shell ?? '/bin/sh'),
      runOnSensor: (request, output, ending) => programs.runCommand(request, output, ending),
    }),
    submit,
    waiting: () => spool.waiting(),
    nowMs: () => clockWatch.serverNowMs,
    clock,
    log,
  });
  const configuration = new Configuration({
    store: fileConfigurationStore(join(dataDir, 'configuration.json')),
    configure: (sensor, values) => programs.configure(sensor, values),
    applySettings: (values) => settings.apply(values),
    scripts: configureScripts({
      folder: config.configureDir,
      scratchDir: join(dataDir, 'configure'),
      environment: shellEnvironment(config.shell ?? '/bin/sh'),
      log,
    }),
    machine: allowed.has('reboot')
      ? hostMachine({
          rebootCommand: config.rebootCommand,
          environment: shellEnvironment('/bin/sh'),
          home: join(dataDir, 'configure'),
          settled: () => updates.settled(),
          clock,
          log,
        })
      : undefined,
    submit,
    clock,
    log,
  });

  const updates = openUpdates({
    config,
    download: () => runtime.download(network),
    sensors: programs,
    environment: shellEnvironment('/bin/sh'),
    submit,
    nowMs: () => clockWatch.serverNowMs,
    clock,
    random,
    log,
  });

  // A new proto that the server may send is one file and one line here.
  const sidecar = config.menderDbus
    ? await (await import('./mender/sidecar.ts')).MenderSidecar.start({ token: () => tokens.current, log })
    : undefined;
  const sessionHandlers: Handlers = new Map([[PROTO.shell, shells.handle]]);
  const handlers: Handlers = new Map([
    [
      PROTO.control,
      controlHandler({
        get sessionProtos() {
          return [...sessionHandlers.keys(), ...(sidecar?.protos ?? [])];
        },
        closed: (frame) => sidecar?.sessionClosed(frame),
        acknowledged(ids) {
          outbox.acknowledged(ids);
          configuration.acknowledged(ids);
        },
        refused: (reason) => log.warn('refused by the server', { reason }),
      }),
    ],
    [PROTO.alert, watcher.handle],
    [PROTO.command, commands.handle],
    [PROTO.configuration, configuration.handle],
    [PROTO.update, updates.handle],
    ...sessionHandlers,
    ...(sidecar?.handlers ?? []),
  ]);
  const epochPath = join(dataDir, 'epoch');
  const channel = new Channel({
    server,
    transport: runtime.transport(network),
    tokens,
    handlers,
    parts: [
      outbox,
      clockWatch,
      commands,
      configuration,
      updates,
      shells,
      { connected: () => programs.identified(tokens.deviceId ?? '') },
      programs,
      ...(sidecar ? [sidecar] : []),
    ],
    programs,
    reportedProtos: [PROTO.status, PROTO.inventory, PROTO.sensors],
    epoch: Number(readFileIfThere(epochPath) ?? 0) || 0,
    welcomed: (epoch) => void tryWriteFileAtomic(epochPath, String(epoch)),
    heartbeatMs: () => settings.current.heartbeatMs,
    clock,
    random,
    log,
  });

  settings.listen(() => {
    // What waited for the old time goes out now.
    reporter.flush();
    channel.heartbeatChanged();
  });

  updates.start();
  try {
    await Promise.all([
      channel.run(signal),
      serveLocal(config, programs, sidecar, { clock, random, log }, signal),
      watchHost({ config, settings, spool, clockWatch, reporter, watcher, signal }),
      repeat(
        () => settings.pause('inventoryIntervalMs', clock, signal),
        signal,
        () => inventory.check(),
      ),
      repeat(
        () => sleep(clock, KEY_CHECK_INTERVAL_MS, signal),
        signal,
        () => renewOldKey(config.keyMaxAgeDays, made, tokens, signal),
      ),
    ]);
  } finally {
    shells.close();
    commands.close();
    await updates.close();
    await configuration.close();
    events.close();
    watcher.close();
    await sidecar?.close();
    local.flush();
    reporter.flush();
    spool.close();
  }
}

/** A key that is old enough is renewed over the way that is open: the server ends the connection, and the next has the new key. */
async function renewOldKey(
  maxAgeDays: number,
  keys: KeysOnDisk | undefined,
  tokens: Tokens,
  signal: AbortSignal,
): Promise<void> {
  if (keys && maxAgeDays > 0 && keys.ageMs() > maxAgeDays * DAY_MS) await tokens.renewKey(signal);
}

const DAY_MS = 24 * 3600_000;

interface WatchOptions {
  readonly config: Config;
  readonly settings: ClientSettings;
  readonly spool: Spool;
  readonly clockWatch: ClockWatch;
  readonly reporter: Reporter;
  readonly watcher: RuleWatcher;
  readonly signal: AbortSignal;
}

/** Reads the host's figures, evaluates the rules on them and reports what is news. */
async function watchHost({
  config,
  settings,
  spool,
  clockWatch,
  reporter,
  watcher,
  signal,
}: WatchOptions): Promise<void> {
  const sample = hostSampler(config.disks);
  const pause = (): Promise<void> => settings.pause('sampleIntervalMs', clock, signal);
  await repeat(pause, signal, async () => {
    clockWatch.check();
    const [host, states] = await Promise.all([sample(clock.monotonicMs()), targetStates(watcher.targets)]);
    const values = {
      ...host,
      'spool.droppedMessages': spool.droppedMessages,
      'spool.droppedAlerts': spool.droppedAlerts,
      'spool.coalescedMessages': spool.coalescedMessages,
      ...(clockWatch.offsetSeconds === undefined ? {} : { 'clock.offsetSeconds': clockWatch.offsetSeconds }),
    };
    const targets = new Map([...states].map(([name, state]) => [name, { state, isGood: isGoodState(state) }]));
    watcher.evaluate({ values, targets });
    reporter.observe('', values);
  });
}

async function repeat(
  pause: () => Promise<void>,
  signal: AbortSignal,
  task: () => void | Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await task();
    await pause();
  }
}

function prepareDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
  } catch (cause) {
    throw new ClientError('bad-file', `the data directory ${path} can't be used`, { cause });
  }
}

async function readAuthorities({ ca, systemCas }: Config): Promise<readonly string[] | undefined> {
  if (ca === undefined) return undefined;
  let pem: string;
  try {
    pem = readFileSync(ca, 'utf8');
  } catch (cause) {
    throw new ClientError('bad-file', `the file of --ca can't be read`, { cause });
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new ClientError('bad-file', `${ca} holds no certificate in PEM`);
  // Loaded on demand: the list takes megabytes.
  return systemCas ? [pem, ...(await import('node:tls')).rootCertificates] : [pem];
}

/** Little, as mender-connect gives: what the client's own environment holds is nobody's business. */
function shellEnvironment(program: string): { [name: string]: string } {
  const { username, homedir: home } = userInfo();
  return {
    HOME: home,
    USER: username,
    SHELL: program,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
}
