/** Collects what was given as flags, in the environment and in a file; the first of them that names a setting wins. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearestName } from './nearest-name.ts';

/** A setting as it was given, before it is understood. */
export interface Given {
  readonly text: string;
  /** Where it stands, for messages: `--listen`, `LOVELY_LISTEN`, or `"listen" in lovely.json`. */
  readonly origin: string;
}

export interface Sources {
  /** By name of the variable. A source that gives an empty text doesn't name the setting. */
  readonly given: ReadonlyMap<string, Given>;
  /** Sentences that say what to do; none holds a value, as a misspelt name may stand before a secret. */
  readonly problems: string[];
}

export const CONFIG_VARIABLE = 'LOVELY_CONFIG';
export const CONFIG_FILE = 'lovely.json';
const PREFIX = 'LOVELY_';

/** LOVELY_DATA_DIR is `data-dir` in a file. */
export function keyOf(variable: string): string {
  return variable.slice(PREFIX.length).toLowerCase().replaceAll('_', '-');
}

/** LOVELY_DATA_DIR is `--data-dir` on the command line. */
export function flagOf(variable: string): string {
  return `--${keyOf(variable)}`;
}

/**
 * @param variables every known name, LOVELY_CONFIG included
 * @param directory where a relative file name starts
 */
export function readSources(
  variables: readonly string[],
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
): Sources {
  const problems: string[] = [];
  const flags = readFlags(variables, argv, problems);
  const environment = readEnvironment(variables, env, problems);
  const config = flags.get(CONFIG_VARIABLE) ?? environment.get(CONFIG_VARIABLE);
  const inFile = variables.filter((name) => name !== CONFIG_VARIABLE);
  const file = readFile(inFile, resolve(directory, config?.text ?? CONFIG_FILE), config, problems);
  return { given: new Map([...file, ...environment, ...flags]), problems };
}

function readFlags(variables: readonly string[], argv: readonly string[], problems: string[]): Map<string, Given> {
  const given = new Map<string, Given>();
  const byFlag = new Map(variables.map((name) => [flagOf(name), name]));
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('--')) {
      problems.push(`Argument ${at + 1} of the command line belongs to no flag: write --name value or --name=value.`);
      continue;
    }
    const equals = word.indexOf('=');
    const flag = equals < 0 ? word : word.slice(0, equals);
    const next = argv[at + 1];
    const text = equals >= 0 ? word.slice(equals + 1) : next === undefined || next.startsWith('--') ? undefined : next;
    if (equals < 0 && text !== undefined) at++;
    const variable = byFlag.get(flag);
    if (variable === undefined) problems.push(unknown('flag', flag, byFlag.keys()));
    else if (text === undefined) problems.push(`${flag} needs a value: write ${flag} value or ${flag}=value.`);
    else if (given.has(variable)) problems.push(`${flag} stands twice: leave one of them out.`);
    else if (text !== '') given.set(variable, { text, origin: flag });
  }
  return given;
}

function readEnvironment(
  variables: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || text === undefined) continue;
    if (!variables.includes(name)) problems.push(unknown('variable', name, variables));
    else if (text !== '') given.set(name, { text, origin: name });
  }
  return given;
}

function readFile(
  variables: readonly string[],
  path: string,
  config: Given | undefined,
  problems: string[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  const members = readJsonMap(path, config, problems);
  const byKey = new Map(variables.map((name) => [keyOf(name), name]));
  for (const [key, value] of Object.entries(members)) {
    const variable = byKey.get(key);
    const origin = `"${key}" in ${path}`;
    if (variable === undefined) problems.push(unknown('key', key, byKey.keys(), ` in ${path}`));
    else if (typeof value !== 'string' && typeof value !== 'number')
      problems.push(`${origin} must be a text or a number.`);
    else if (value !== '') given.set(variable, { text: String(value), origin });
  }
  return given;
}

function readJsonMap(path: string, config: Given | undefined, problems: string[]): object {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (config === undefined && code === 'ENOENT') return {};
    problems.push(
      `The file ${path} can't be read (${code}): give the path of a JSON file with --config or ${CONFIG_VARIABLE}.`,
    );
    return {};
  }
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The parser's message may quote a secret, so the sentence below stands for it.
  }
  problems.push(
    `The file ${path} is not a JSON map: write {"data-dir": "./data"}, with quotes around names and no comma at the end.`,
  );
  return {};
}

function unknown(noun: string, name: string, known: Iterable<string>, where = ''): string {
  const nearest = nearestName(name, known);
  const advice = nearest ? `did you mean ${nearest}?` : 'take it out, or see --help for the known ones.';
  return `The ${noun} ${name}${where} is not known: ${advice}`;
}
