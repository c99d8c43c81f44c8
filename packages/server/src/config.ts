/** Every setting of the server on one screen, and the only place that reads the environment. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PASSWORD_LENGTH_MAX } from '@lovely/api';
import { CONFIG_VARIABLE, readSources } from './config-sources.ts';
import * as read from './config-values.ts';
import type { HistoryRetention } from './domain/history.ts';

export const ROLES = ['hub', 'api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Whoever sets the machine up answers for the password; people who choose one in the browser need more. */
const ADMIN_PASSWORD_LENGTH_MIN = 8;
const METRICS_TOKEN_LENGTH_MIN = 16;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Variable (its flag and its key in the file follow from it), default, unit, reader; then what it is for. */
// prettier-ignore
export const SETTINGS = {
  dataDir: setting('LOVELY_DATA_DIR', './data', 'folder', read.path,
    'Everything the server keeps: the database, artifacts, keys, and ca.crt.'),
  listen: setting('LOVELY_LISTEN', '127.0.0.1:8443', 'host:port', read.address,
    'Where gateways and browsers connect, with TLS. Port 0 takes any free one.'),
  httpListen: setting('LOVELY_HTTP_LISTEN', 'auto', 'host:port', read.loopbackAddress,
    'Plain HTTP for browsers on this machine, which do not know the local CA. `auto` takes 127.0.0.1:8080 or, if that is taken, any free port; `off` takes none.'),
  publicUrl: optional('LOVELY_PUBLIC_URL', 'https://localhost:<port of LOVELY_LISTEN>', 'URL', read.httpsOrigin,
    'How gateways and browsers reach this system.'),
  roles: setting('LOVELY_ROLES', ROLES.join(), 'names', read.someOf(...ROLES),
    'What this process does. With fewer than all, processes share LOVELY_NATS_URL and LOVELY_DATABASE_URL.'),
  databaseUrl: secret('LOVELY_DATABASE_URL', 'an own PostgreSQL in the data folder', 'URL', read.postgresUrl,
    'PostgreSQL 15 or newer: postgres://user:password@host:5432/database.'),
  natsUrl: secret('LOVELY_NATS_URL', 'a bus inside the process', 'URLs', read.natsUrls,
    'NATS servers, with commas between them: nats://user:password@host:4222.'),
  blobsUrl: secret('LOVELY_BLOBS_URL', '<LOVELY_DATA_DIR>/blobs', 'URL', read.blobsUrl,
    'Where artifacts are kept: file:///folder, or s3://key:secret@bucket/prefix?endpoint=https://host&region=name.'),
  smtpUrl: secret('LOVELY_SMTP_URL', 'links are shown, not mailed', 'URL', read.smtpUrl,
    'The mail server for invitations and new passwords: smtps://user:password@host:465, or smtp://host:587, which goes on with TLS where the server offers it.'),
  mailFrom: optional('LOVELY_MAIL_FROM', 'none', 'e-mail', read.sender,
    'Who these mails come from: lovely@example.com or Lovely <lovely@example.com>.'),
  tlsCert: optional('LOVELY_TLS_CERT', 'one of a local CA', 'file', read.path,
    'Certificate chain (PEM). The local CA is made at the first start; let devices and tools trust <LOVELY_DATA_DIR>/ca.crt.'),
  tlsKey: optional('LOVELY_TLS_KEY', 'none', 'file', read.path,
    'Private key (PEM) of LOVELY_TLS_CERT.'),
  trustedProxies: setting('LOVELY_TRUSTED_PROXIES', 'none', 'networks', read.networks,
    'Proxies whose X-Forwarded-For or Forwarded, and client certificates, are believed: 10.0.0.0/8,fd00::5.'),
  webhooksAllowPrivate: setting('LOVELY_WEBHOOKS_ALLOW_PRIVATE', 'no', 'yes or no', read.oneOf('no', 'yes'),
    'Whether webhooks may go to private addresses, this machine among them, and without TLS. With `yes`, whoever may make webhooks can reach into your network.'),
  oidcAllowPrivate: setting('LOVELY_OIDC_ALLOW_PRIVATE', 'no', 'yes or no', read.oneOf('no', 'yes'),
    'Whether sign-in providers may be at private addresses, and on this machine without TLS. With `yes`, whoever may add providers can reach into your network.'),
  metricsToken: secret('LOVELY_METRICS_TOKEN', 'none: /metrics answers this machine only', 'text', read.textOfLength(METRICS_TOKEN_LENGTH_MIN, PASSWORD_LENGTH_MAX),
    'Bearer token that /metrics asks for, from wherever the request comes.'),
  limitFactor: setting('LOVELY_LIMIT_FACTOR', '1', 'number', read.integer(1, 1000),
    'Multiplies how many requests a person, token, tenant, device and address may make: for large offices and automation.'),
  adminEmail: optional('LOVELY_ADMIN_EMAIL', 'a set-up link is printed', 'e-mail', read.email,
    'Makes the first administrator unattended, if there is no user yet.'),
  adminPassword: secret('LOVELY_ADMIN_PASSWORD', 'none', 'text', read.textOfLength(ADMIN_PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX),
    'Password of that administrator. Other users of the machine can see flags, so prefer the environment.'),
  logLevel: setting('LOVELY_LOG_LEVEL', 'info', 'name', read.oneOf(...LOG_LEVELS),
    `What is logged: ${LOG_LEVELS.join(', ')}.`),
  heartbeatMs: setting('LOVELY_HEARTBEAT_MS', '120000', 'milliseconds', read.integer(100, 10 * MINUTE_MS),
    'How often a connection shows that it is alive.'),
  offlineAfterMs: setting('LOVELY_OFFLINE_AFTER_MS', '30000', 'milliseconds', read.integer(100, 7 * DAY_MS),
    'How long a gateway may be away before that is an alert.'),
  cloneQuietMs: setting('LOVELY_CLONE_QUIET_MS', '600000', 'milliseconds', read.integer(1000, 7 * DAY_MS),
    'How long a gateway whose key was used in two places must stay in one for the alert to close.'),
  historyRawDays: setting('LOVELY_HISTORY_RAW_DAYS', '7', 'days', read.integer(1, 90),
    'How long each report of a gateway or sensor is kept.'),
  historyFiveMinutesDays: setting('LOVELY_HISTORY_5MIN_DAYS', '90', 'days', read.integer(7, 730),
    'How long what reports were in every 5 minutes is kept; longer than the reports.'),
  historyHoursDays: setting('LOVELY_HISTORY_1H_DAYS', '730', 'days', read.integer(7, 3650),
    'How long what reports were in every hour is kept; longer than the 5 minutes.'),
  config: optional(CONFIG_VARIABLE, './lovely.json, if it is there', 'file', read.path,
    'A JSON file with settings, for example {"data-dir": "/var/lib/lovely", "listen": "0.0.0.0:443"}.'),
} as const;

/** The settings of one process, understood and checked; frozen. Paths are absolute. */
export interface Config {
  readonly dataDir: string;
  readonly listen: read.Address;
  readonly httpListen: read.Address | 'auto' | 'off';
  /** An https origin without a slash at the end. Where `listen.port` is 0, see `listeningOn`. */
  readonly publicUrl: string;
  readonly roles: readonly Role[];
  /** Undefined: start the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** One URL or several with commas between them; undefined: the bus in this process. */
  readonly natsUrl: string | undefined;
  readonly blobsUrl: string;
  /** The mail server; undefined: links are shown, not mailed. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | undefined;
  /** Files that were given; undefined: the local CA. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Networks and addresses, see network.ts. */
  readonly trustedProxies: readonly string[];
  readonly limitFactor: number;
  /** Undefined: /metrics answers this machine only. */
  readonly metricsToken: string | undefined;
  readonly webhooksAllowPrivate: boolean;
  readonly oidcAllowPrivate: boolean;
  readonly admin: { readonly email: string; readonly password: string } | undefined;
  readonly logLevel: LogLevel;
  readonly heartbeatMs: number;
  readonly offlineAfterMs: number;
  readonly cloneQuietMs: number;
  readonly historyDays: HistoryRetention;
}

/** Settings that can't be used. Each problem is a sentence that says what to do; none holds a secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the settings: a flag wins over the environment, that over the file, that over the default.
 * @param argv the words after the program's name
 * @param directory where relative paths start
 * @throws ConfigError with everything that is wrong
 */
export function loadConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
  directory: string = process.cwd(),
): Config {
  const names = Object.values(SETTINGS).map(({ name }) => name);
  const { given, problems } = readSources(names, argv, env, directory);

  /** The value given, if it can be understood. */
  function take<T>(one: Setting<T>): T | undefined {
    const source = given.get(one.name);
    if (source === undefined) return undefined;
    const reading = one.read(source.text, directory);
    if ('value' in reading) return reading.value;
    problems.push(`${source.origin} ${one.isSecret ? '' : `is "${source.text}" but `}must be ${reading.wants}.`);
    return undefined;
  }

  function takeOrDefault<T>(one: DefaultedSetting<T>): T {
    return take(one) ?? one.fallback(directory);
  }

  function requireTogether(a: Setting<unknown>, b: Setting<unknown>): void {
    if (given.has(a.name) !== given.has(b.name))
      problems.push(`${a.name} and ${b.name} belong together: give both or none.`);
  }

  const dataDir = takeOrDefault(SETTINGS.dataDir);
  const listen = takeOrDefault(SETTINGS.listen);
  const roles = takeOrDefault(SETTINGS.roles);
  const certFile = take(SETTINGS.tlsCert);
  const keyFile = take(SETTINGS.tlsKey);
  const smtpUrl = take(SETTINGS.smtpUrl);
  const mailFrom = take(SETTINGS.mailFrom);
  const email = take(SETTINGS.adminEmail);
  const password = take(SETTINGS.adminPassword);
  const config: Config = {
    dataDir,
    listen: Object.freeze(listen),
    httpListen: takeOrDefault(SETTINGS.httpListen),
    publicUrl: take(SETTINGS.publicUrl) ?? localUrl(listen.port),
    roles: Object.freeze(roles),
    databaseUrl: take(SETTINGS.databaseUrl),
    natsUrl: take(SETTINGS.natsUrl),
    blobsUrl: take(SETTINGS.blobsUrl) ?? pathToFileURL(join(dataDir, 'blobs')).href,
    mail: smtpUrl && mailFrom ? Object.freeze({ smtpUrl, from: mailFrom }) : undefined,
    tls: certFile && keyFile ? Object.freeze({ certFile, keyFile }) : undefined,
    trustedProxies: Object.freeze(takeOrDefault(SETTINGS.trustedProxies)),
    limitFactor: takeOrDefault(SETTINGS.limitFactor),
    metricsToken: take(SETTINGS.metricsToken),
    webhooksAllowPrivate: takeOrDefault(SETTINGS.webhooksAllowPrivate) === 'yes',
    oidcAllowPrivate: takeOrDefault(SETTINGS.oidcAllowPrivate) === 'yes',
    admin: email && password ? Object.freeze({ email, password }) : undefined,
    logLevel: takeOrDefault(SETTINGS.logLevel),
    heartbeatMs: takeOrDefault(SETTINGS.heartbeatMs),
    offlineAfterMs: takeOrDefault(SETTINGS.offlineAfterMs),
    cloneQuietMs: takeOrDefault(SETTINGS.cloneQuietMs),
    historyDays: Object.freeze({
      raw: takeOrDefault(SETTINGS.historyRawDays),
      '5min': takeOrDefault(SETTINGS.historyFiveMinutesDays),
      '1h': takeOrDefault(SETTINGS.historyHoursDays),
    }),
  };

  const { raw, '5min': fiveMinutes, '1h': hours } = config.historyDays;
  if (raw > fiveMinutes || fiveMinutes > hours)
    problems.push(
      'LOVELY_HISTORY_RAW_DAYS, LOVELY_HISTORY_5MIN_DAYS and LOVELY_HISTORY_1H_DAYS must not be one below the one before.',
    );
  requireTogether(SETTINGS.tlsCert, SETTINGS.tlsKey);
  requireTogether(SETTINGS.smtpUrl, SETTINGS.mailFrom);
  requireTogether(SETTINGS.adminEmail, SETTINGS.adminPassword);
  if (roles.length < ROLES.length) {
    const missing = [SETTINGS.natsUrl, SETTINGS.databaseUrl]
      .filter(({ name }) => !given.has(name))
      .map(({ name }) => name);
    const rest = ROLES.filter((role) => !roles.includes(role)).join(', ');
    if (missing.length > 0)
      problems.push(
        `LOVELY_ROLES leaves out ${rest}, and roles meet on the bus and in the database: give ${missing.join(' and ')} too.`,
      );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

/** The same settings with the port that was free, where LOVELY_LISTEN has port 0. */
export function listeningOn(config: Config, port: number): Config {
  const publicUrl = config.publicUrl === localUrl(config.listen.port) ? localUrl(port) : config.publicUrl;
  return Object.freeze({ ...config, listen: Object.freeze({ ...config.listen, port }), publicUrl });
}

/** The settings as they may be logged: no password, and of a URL what names the place alone. */
export function printableConfig(config: Config): object {
  return {
    ...config,
    databaseUrl: config.databaseUrl && placeOf(config.databaseUrl),
    natsUrl: config.natsUrl?.split(',').map(placeOf).join(),
    blobsUrl: placeOf(config.blobsUrl),
    mail: config.mail && { server: placeOf(config.mail.smtpUrl), from: config.mail.from },
    metricsToken: config.metricsToken && 'given',
    admin: config.admin?.email,
  };
}

/** A user's name, a password or a key may stand before the host and behind the path. */
function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function localUrl(port: number): string {
  return new URL(`https://localhost:${port}`).origin;
}

interface Setting<T> {
  readonly name: string;
  /** What is shown to people; for a `DefaultedSetting` also what is read. */
  readonly byDefault: string;
  readonly unit: string;
  readonly comment: string;
  readonly isSecret: boolean;
  readonly read: read.Reader<T>;
}

interface DefaultedSetting<T> extends Setting<T> {
  fallback(directory: string): T;
}

function setting<T>(
  name: string,
  byDefault: string,
  unit: string,
  reader: read.Reader<T>,
  comment: string,
): DefaultedSetting<T> {
  const fallback = (directory: string): T => {
    const reading = reader(byDefault, directory);
    if ('wants' in reading) throw new Error(`the default of ${name} must be ${reading.wants}`);
    return reading.value;
  };
  return { name, byDefault, unit, comment, isSecret: false, read: reader, fallback };
}

function optional<T>(
  name: string,
  byDefault: string,
  unit: string,
  reader: read.Reader<T>,
  comment: string,
): Setting<T> {
  return { name, byDefault, unit, comment, isSecret: false, read: reader };
}

function secret<T>(name: string, byDefault: string, unit: string, reader: read.Reader<T>, comment: string): Setting<T> {
  return { name, byDefault, unit, comment, isSecret: true, read: reader };
}
