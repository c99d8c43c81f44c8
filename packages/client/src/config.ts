/** Every setting of the client: flags before environment before a JSON file before the default. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { socketPathOf, SYSTEM_BUS } from './dbus/bus-address.ts';
import { ACTION_KINDS, type ActionKind } from './command/action-kinds.ts';
import { ClientError, describeError } from './error.ts';
import type { LogFormat } from './log.ts';
import { nearestName } from './nearest-name.ts';
import { BOOT_LOADERS, type BootLoader } from './update/rootfs/boot-loader.ts';

interface Setting<T> {
  readonly comment: string;
  /** What `--help` shows in the place of a value. */
  readonly placeholder: string;
  /** As an operator would write it; undefined: none. */
  readonly fallback: string | undefined;
  /** Throws an Error that says what is expected. */
  read(text: string): T;
}

/** The catalogue. The flag of `dataDir` is `--data-dir`, its variable LOVELY_CLIENT_DATA_DIR, its key in the file `dataDir`. */
const SETTINGS = {
  server: setting(
    serverUrl,
    'URL',
    undefined,
    'the Lovely Smart System, for example https://localhost:8443 (required)',
  ),
  ca: optional(text, 'FILE', 'certificates (PEM) that sign the server; without it, those that the system trusts'),
  systemCas: setting(yesOrNo, 'yes|no', 'no', 'trust the well-known authorities besides those in `ca`'),
  dataDir: setting(text, 'DIR', '/var/lib/nice-smart-client', 'where key, spool and rules are kept'),
  name: setting(text, 'NAME', hostname(), "the gateway's name in its inventory"),
  serial: optional(text, 'SERIAL', "the serial number; without it, the board's, else one made at first start"),
  joinCode: optional(
    text,
    'CODE',
    'a join code of the organisation that the gateway belongs to; shown until it is accepted',
  ),
  clientCert: optional(
    text,
    'FILE',
    'a client certificate (PEM) with the authorities above it, which vouches for the gateway',
  ),
  clientKey: optional(text, 'FILE', 'the private key (PEM) of `clientCert`, used instead of one made at first start'),
  keyMaxAgeDays: setting(
    integer(0, 36_500),
    'DAYS',
    '0',
    'how old the key may become before it is renewed; 0: it stays',
  ),
  deviceType: setting(text, 'TYPE', 'linux', 'the kind of gateway, in its inventory'),
  proxy: optional(
    proxyUrl,
    'URL',
    'an HTTP proxy to go through (CONNECT); without it, HTTPS_PROXY, unless NO_PROXY names the server',
  ),
  disks: setting(textList, 'PATHS', '', 'mount points to watch besides real disks and tmpfs, with commas between'),
  watch: setting(
    textList,
    'NAMES',
    '',
    'services (nginx.service) and processes (dnsmasq) that must run, with commas between',
  ),
  logs: setting(textList, 'FOLDERS', '/var/log', 'folders whose files rules may follow, with commas between'),
  sampleIntervalMs: setting(integer(100, 3_600_000), 'MS', '5000', 'how often figures are read and rules evaluated'),
  fullReportIntervalMs: setting(
    integer(1000, 86_400_000),
    'MS',
    '900000',
    'how often everything that changed at all is reported',
  ),
  dbus: optional(
    busAddress,
    'system|ADDRESS',
    'the message bus on which programs of sensors find the client (io.lovely.Client1); without it, none',
  ),
  socket: optional(text, 'PATH', 'the same for programs without D-Bus: a Unix socket that takes lines of JSON'),
  menderDbus: setting(
    yesOrNo,
    'yes|no',
    'no',
    "on that bus, stand in for mender-client, so that Mender's mender-connect brings its files and ports along",
  ),
  shell: optional(text, 'PATH', "the terminal's program; without it, SHELL, else /bin/sh"),
  shellsMax: setting(integer(0, 256), 'COUNT', '16', 'how many terminals may be open; 0 forbids them'),
  shellsPerUserMax: setting(integer(1, 256), 'COUNT', '4', 'how many terminals one person may have open'),
  actions: setting(
    actionKinds,
    'KINDS',
    ACTION_KINDS.join(','),
    `what fixes may do here: ${ACTION_KINDS.join(', ')} with commas between, or none`,
  ),
  commandDir: optional(text, 'DIR', 'a folder of programs that fixes may run too, by the names of their files'),
  updates: setting(yesOrNo, 'yes|no', 'yes', 'whether the server may install software here'),
  artifactKeys: setting(
    textList,
    'FILES',
    '',
    'public keys (PEM), with commas between; given any, only artifacts that one of them signed are installed',
  ),
  moduleDir: setting(
    text,
    'DIR',
    '/usr/share/mender/modules/v3',
    "Mender's update modules: an executable for each type of payload",
  ),
  moduleTimeoutMs: setting(
    integer(1000, 7 * 86_400_000),
    'MS',
    '14400000',
    'how long one step of an update module may take',
  ),
  moduleSilenceMs: setting(
    integer(1000, 7 * 86_400_000),
    'MS',
    '1800000',
    'how long it may print nothing, read nothing and use no processor',
  ),
  scriptDir: setting(
    text,
    'DIR',
    '/etc/mender/scripts',
    'state scripts of the gateway itself, for Idle, Sync and Download',
  ),
  rebootCommand: setting(
    text,
    'COMMAND',
    'reboot',
    'what starts the machine anew, for updates and configure scripts; its words are split at spaces',
  ),
  artifactInfoFile: setting(
    text,
    'FILE',
    '/etc/mender/artifact_info',
    'what is installed before the first update (artifact_name=…)',
  ),
  deviceTypeFile: setting(
    text,
    'FILE',
    '/var/lib/mender/device_type',
    'which artifacts fit this gateway (device_type=…); without the file, what `deviceType` says',
  ),
  driverDir: setting(
    text,
    'DIR',
    '/usr/share/nice-smart-client/sensor-drivers',
    'programs that bring firmware onto sensors, by the names of their files',
  ),
  rootfsPartA: optional(
    text,
    'DEVICE',
    "one of two partitions for root file systems; without it, Mender's RootfsPartA",
  ),
  rootfsPartB: optional(text, 'DEVICE', "the other one; without it, Mender's RootfsPartB"),
  bootLoader: optional(
    bootLoader,
    BOOT_LOADERS.join('|'),
    'whose environment says which of the two is started; without it, whichever is found',
  ),
  grubEnvironment: optional(text, 'FILE', "the environment block of `grub`; without it, the distribution's"),
  configureDir: setting(
    text,
    'DIR',
    '/usr/lib/mender-configure/apply-device-config.d',
    'a folder of programs that make the configuration so when it changes, as Mender has them',
  ),
  logFormat: setting(logFormat, 'text|json', 'text', 'how events are printed'),
  config: optional(text, 'FILE', 'a JSON file with any of these settings'),
} as const satisfies { readonly [name: string]: Setting<unknown> };

type Settings = typeof SETTINGS;
type Name = keyof Settings;
export type Config = { readonly [K in Name]: Settings[K] extends Setting<infer T> ? T : never };

export type CommandLine =
  | { readonly kind: 'run'; readonly config: Config }
  | { readonly kind: 'help'; readonly text: string };

/** Reads the command line; throws ClientError 'bad-setting' naming what is wrong. */
export function readCommandLine(
  args: readonly string[] = process.argv.slice(2),
  environment: Environment = process.env,
): CommandLine {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help', text: helpText() };
  const flags = readFlags(args);
  const variables = readEnvironment(environment);
  const path = flags.get('config') ?? variables.get('config');
  const file: GivenSettings = path === undefined ? new Map() : readFile(path.text);
  const given = new Map([...usual(environment), ...file, ...variables, ...flags]);
  const config = Object.fromEntries(NAMES.map((name) => [name, readOne(name, given.get(name))])) as Config;
  if ((config.clientCert === undefined) !== (config.clientKey === undefined))
    throw bad(`${flagOf('clientCert')} and ${flagOf('clientKey')} belong together: give both or none`);
  if ((config.rootfsPartA === undefined) !== (config.rootfsPartB === undefined))
    throw bad(`${flagOf('rootfsPartA')} and ${flagOf('rootfsPartB')} belong together: give both or none`);
  if (config.menderDbus && config.dbus === undefined) throw bad(`${flagOf('menderDbus')} needs ${flagOf('dbus')}`);
  const direct = given.get('proxy')?.where === PROXY_VARIABLE && isExempt(config.server.hostname, environment);
  const proxy = direct ? undefined : config.proxy;
  const dbus = config.dbus === 'system' ? (environment.DBUS_SYSTEM_BUS_ADDRESS ?? SYSTEM_BUS) : config.dbus;
  return { kind: 'run', config: Object.freeze({ ...config, proxy, dbus }) };
}

/** A value as given, and where, for the message about a bad one. */
interface Given {
  readonly where: string;
  readonly text: string;
}

type Environment = { readonly [name: string]: string | undefined };
type GivenSettings = Map<Name, Given>;

const NAMES = Object.keys(SETTINGS) as Name[];
const PROXY_VARIABLE = 'HTTPS_PROXY';
const VARIABLE_PREFIX = 'LOVELY_CLIENT_';
const flagOf = (name: Name): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
const variableOf = (name: Name): string => VARIABLE_PREFIX + name.replace(/[A-Z]/g, '_$&').toUpperCase();

function readOne(name: Name, given: Given | undefined): unknown {
  const { fallback, read } = SETTINGS[name] as Setting<unknown>;
  const value = given ?? (fallback === undefined ? undefined : { where: flagOf(name), text: fallback });
  if (value === undefined) {
    if (name === 'server') throw bad(`${flagOf(name)} is missing: ${SETTINGS[name].comment}`);
    return undefined;
  }
  try {
    return read(value.text);
  } catch (cause) {
    // The value itself stays out of the message: a proxy's URL may hold a password.
    throw bad(`${value.where}: ${describeError(cause)}`);
  }
}

function readFlags(args: readonly string[]): GivenSettings {
  const given: GivenSettings = new Map();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    const [flag, inline] = split(arg);
    const name = known(NAMES, flag, flagOf, 'flag');
    const value = inline ?? args[++index];
    if (value === undefined) throw bad(`${flag} needs a value`);
    if (given.has(name)) throw bad(`${flag} stands twice`);
    given.set(name, { where: flag, text: value });
  }
  return given;
}

function split(arg: string): [flag: string, value: string | undefined] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function readEnvironment(environment: Environment): GivenSettings {
  const given: GivenSettings = new Map();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(VARIABLE_PREFIX) || value === undefined) continue;
    given.set(known(NAMES, variable, variableOf, 'variable'), { where: variable, text: value });
  }
  return given;
}

/** What the variables that every program knows say; anything of our own wins over them. */
function usual(environment: Environment): GivenSettings {
  const given: GivenSettings = new Map();
  const proxy = environment.HTTPS_PROXY ?? environment.https_proxy;
  if (proxy) given.set('proxy', { where: PROXY_VARIABLE, text: proxy });
  if (environment.SHELL) given.set('shell', { where: 'SHELL', text: environment.SHELL });
  return given;
}

/** Whether NO_PROXY names the host or a domain above it. */
function isExempt(host: string, environment: Environment): boolean {
  const exempt = (environment.NO_PROXY ?? environment.no_proxy ?? '')
    .split(',')
    .map((item) => item.trim().replace(/^\*?\./, ''));
  return exempt.some((domain) => domain !== '' && (domain === '*' || host === domain || host.endsWith(`.${domain}`)));
}

function readFile(path: string): GivenSettings {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ClientError('bad-setting', `${path} can't be read as JSON`, { cause });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw bad(`${path} holds no JSON object`);
  const given: GivenSettings = new Map();
  for (const [key, value] of Object.entries(content)) {
    const name = known(NAMES, key, (each) => each, `key in ${path}`);
    given.set(name, { where: `${key} in ${path}`, text: Array.isArray(value) ? value.join(',') : String(value) });
  }
  return given;
}

function known(names: readonly Name[], wrong: string, nameOf: (name: Name) => string, kind: string): Name {
  const found = names.find((name) => nameOf(name) === wrong);
  if (found !== undefined) return found;
  const nearest = nearestName(wrong, names.map(nameOf));
  throw bad(`unknown ${kind} ${wrong}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`);
}

function helpText(): string {
  const heads = NAMES.map((name) => `  ${flagOf(name)} ${SETTINGS[name].placeholder}`);
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  const lines = NAMES.map((name, index) => {
    const { comment, fallback } = SETTINGS[name];
    return heads[index]!.padEnd(width) + comment + (fallback ? ` (default ${fallback})` : '');
  });
  return [
    'The Nice Smart Client: keeps one outbound encrypted channel to the Lovely Smart System.',
    '',
    'Each flag is also a variable (--data-dir is LOVELY_CLIENT_DATA_DIR) and a key of the file (dataDir).',
    'A flag wins over a variable, a variable over the file.',
    '',
    ...lines,
  ].join('\n');
}

function bad(message: string): ClientError {
  return new ClientError('bad-setting', message);
}

function setting<T>(
  read: (text: string) => T,
  placeholder: string,
  fallback: string | undefined,
  comment: string,
): Setting<T> {
  return { read, placeholder, fallback, comment };
}

function optional<T>(read: (text: string) => T, placeholder: string, comment: string): Setting<T | undefined> {
  return { read, placeholder, fallback: undefined, comment };
}

function text(value: string): string {
  if (value === '') throw new Error('expected some text');
  return value;
}

function textList(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function integer(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isInteger(number) || number < min || number > max)
      throw new Error(`expected an integer from ${min} to ${max}`);
    return number;
  };
}

function yesOrNo(value: string): boolean {
  if (['yes', 'true', '1'].includes(value)) return true;
  if (['no', 'false', '0'].includes(value)) return false;
  throw new Error('expected yes or no');
}

function actionKinds(value: string): ReadonlySet<ActionKind> {
  const words = textList(value);
  if (words.length === 1 && words[0] === 'none') return new Set();
  const kinds = words.map((word) => ACTION_KINDS.find((kind) => kind === word));
  if (kinds.length === 0 || kinds.includes(undefined))
    throw new Error(`expected none, or some of ${ACTION_KINDS.join(', ')}`);
  return new Set(kinds.filter((kind) => kind !== undefined));
}

function bootLoader(value: string): BootLoader {
  const found = BOOT_LOADERS.find((name) => name === value);
  if (found === undefined) throw new Error(`expected one of ${BOOT_LOADERS.join(', ')}`);
  return found;
}

function logFormat(value: string): LogFormat {
  if (value === 'text' || value === 'json') return value;
  throw new Error('expected text or json');
}

/** `system` is left for what the environment says of it. */
function busAddress(value: string): string {
  if (value !== 'system') socketPathOf(value);
  return value;
}

/** Only TLS: what goes over the channel is never sent in the clear. */
function serverUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'https:') throw new Error('expected a URL that begins with https://');
  return url;
}

function proxyUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:') throw new Error('expected a URL that begins with http://');
  return value;
}
