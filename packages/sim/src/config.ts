/** The settings of the simulator and of the demo: flags, and for the demo the server's own variables. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SimError } from './error.ts';
import { HOUSES_DEFAULT, HOUSES_MAX, SEED_DEFAULT } from './limits.ts';
import type { Credentials, ServerAddress } from './management.ts';

export interface SimConfig {
  readonly server: ServerAddress;
  readonly credentials: Credentials;
  readonly houses: number;
  readonly seed: number;
}

export type SimCommandLine =
  | { readonly kind: 'run'; readonly config: SimConfig }
  | { readonly kind: 'help'; readonly text: string };

const SIM_HELP = `Simulated gateways: the real protocol over real TLS sockets, on invented hosts.

  --server URL           the server, for example https://localhost:8443 (required)
  --ca FILE              certificate (PEM) that signs the server; without it, those that the system trusts
  --email ADDRESS        of somebody who may accept and name devices (required)
  --password-file FILE   their password, on the first line; - is standard input (required)
  --houses N             how many, 1 to ${HOUSES_MAX} (default ${HOUSES_DEFAULT})
  --seed N               which fleet and which story; the same number gives the same again (default ${SEED_DEFAULT})

The gateways' keys follow from the seed: never let a real fleet accept them.
`;

/** Throws SimError 'bad-setting'. */
export function readSimConfig(args: readonly string[] = process.argv.slice(2)): SimCommandLine {
  const flags = readFlags(args, ['server', 'ca', 'email', 'password-file', 'houses', 'seed']);
  if (flags === 'help') return { kind: 'help', text: SIM_HELP };
  const url = required(flags, 'server');
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new SimError('bad-setting', '--server is a URL that begins with https://');
  const ca = flags.ca === undefined ? undefined : readText(flags.ca, '--ca');
  const email = required(flags, 'email');
  const password = readText(required(flags, 'password-file'), '--password-file').split(/\r?\n/)[0]!;
  return {
    kind: 'run',
    config: Object.freeze({ server: { url: new URL(url), ca }, credentials: { email, password }, ...fleetOf(flags) }),
  };
}

export interface DemoConfig {
  readonly dataDir: string;
  /** Given by whoever starts the demo; undefined: the demo's own user. */
  readonly credentials: Credentials | undefined;
  readonly houses: number;
  readonly seed: number;
  /** What the children get, without the administrator; the server reads its settings from it, as with `npm start`. */
  readonly environment: { readonly [name: string]: string };
}

export type DemoCommandLine =
  | { readonly kind: 'run'; readonly config: DemoConfig }
  | { readonly kind: 'help'; readonly text: string };

const DEMO_HELP = `The demo: the server, one real client on this machine, and a fleet of simulated houses all over the world.

  --data-dir DIR   where everything is kept (default LOVELY_DATA_DIR or ./data)
  --houses N       how many houses, 1 to ${HOUSES_MAX} (default ${HOUSES_DEFAULT})
  --seed N         which fleet and which story (default ${SEED_DEFAULT})

Every variable of the server works as with npm start (docs/settings.md). In a data folder that has users already, give
LOVELY_ADMIN_EMAIL and LOVELY_ADMIN_PASSWORD of one of them.
`;

const ADMIN_EMAIL = 'LOVELY_ADMIN_EMAIL';
const ADMIN_PASSWORD = 'LOVELY_ADMIN_PASSWORD';

/** Throws SimError 'bad-setting'. */
export function readDemoConfig(
  args: readonly string[] = process.argv.slice(2),
  variables: { readonly [name: string]: string | undefined } = process.env,
): DemoCommandLine {
  const flags = readFlags(args, ['data-dir', 'houses', 'seed']);
  if (flags === 'help') return { kind: 'help', text: DEMO_HELP };
  const { [ADMIN_EMAIL]: email = '', [ADMIN_PASSWORD]: password = '', ...others } = variables;
  const given = Object.entries(others).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const environment: { readonly [name: string]: string } = Object.fromEntries(given);
  if ((email === '') !== (password === ''))
    throw new SimError('bad-setting', `${ADMIN_EMAIL} and ${ADMIN_PASSWORD} belong together: give both or none`);
  const dataDir = resolve(flags['data-dir'] ?? (environment.LOVELY_DATA_DIR || join('.', 'data')));
  const credentials = email === '' ? undefined : { email, password };
  return { kind: 'run', config: Object.freeze({ dataDir, credentials, ...fleetOf(flags), environment }) };
}

/** The environment with an administrator, whom the server makes if it has no user. */
export function withAdministrator(
  environment: DemoConfig['environment'],
  { email, password }: Credentials,
): DemoConfig['environment'] {
  return { ...environment, [ADMIN_EMAIL]: email, [ADMIN_PASSWORD]: password };
}

type Flags = { readonly [name: string]: string | undefined };

function readFlags(args: readonly string[], names: readonly string[]): Flags | 'help' {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const)),
      },
    });
    return values.help === true ? 'help' : (values as Flags);
  } catch (cause) {
    throw new SimError('bad-setting', `${cause instanceof Error ? cause.message : String(cause)} (see --help)`);
  }
}

function fleetOf(flags: Flags): { houses: number; seed: number } {
  return {
    houses: integer(flags, 'houses', HOUSES_DEFAULT, 1, HOUSES_MAX),
    seed: integer(flags, 'seed', SEED_DEFAULT, 0, Number.MAX_SAFE_INTEGER),
  };
}

function integer(flags: Flags, name: string, fallback: number, min: number, max: number): number {
  const text = flags[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < min || value > max)
    throw new SimError('bad-setting', `--${name} is an integer from ${min} to ${max}`);
  return value;
}

function required(flags: Flags, name: string): string {
  const value = flags[name];
  if (value === undefined || value === '') throw new SimError('bad-setting', `--${name} is missing (see --help)`);
  return value;
}

const STDIN = 0;

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path === '-' ? STDIN : path, 'utf8');
  } catch (cause) {
    throw new SimError('bad-setting', `the file of ${flag} can't be read`, { cause });
  }
}
