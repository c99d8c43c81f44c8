/** Every HTTP contract as a command: `listDevices` is `lovely list-devices status=accepted limit=5`. */
import type { CallInput, Endpoint } from '@lovely/api';
import { ENDPOINTS } from '@lovely/api/catalogue';
import { UsageError } from './usage-error.ts';

export interface Operation {
  readonly name: string;
  readonly endpoint: Endpoint;
}

export const OPERATIONS: readonly Operation[] = Object.entries<Endpoint>(ENDPOINTS)
  .filter(([, { access }]) => access !== 'anyone')
  .map(([name, endpoint]) => ({ name: name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), endpoint }))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Throws UsageError with names that are like it. */
export function findOperation(name: string): Operation {
  const found = OPERATIONS.find((operation) => operation.name === name);
  if (found) return found;
  const words = name.split('-');
  const like = OPERATIONS.filter((operation) => words.some((word) => operation.name.split('-').includes(word)));
  throw new UsageError(
    `There is no command "${name}".${like.length > 0 ? ` There are: ${like.map((one) => one.name).join(', ')}.` : ''} See lovely help.`,
  );
}

type Part = 'params' | 'query' | 'body';
const PARTS: readonly Part[] = ['params', 'query', 'body'];

/** Names of the members of a part of a contract. */
export function membersOf(endpoint: Endpoint, part: Part): string[] {
  return Object.keys((endpoint[part] as { shape?: object }).shape ?? {});
}

/** Reads `name=value` words. A value is a text, or JSON where the contract asks for something else. */
export function readInput({ name, endpoint }: Operation, words: readonly string[]): CallInput<Endpoint> {
  const given: Record<Part, Record<string, unknown>> = { params: {}, query: {}, body: {} };
  for (const word of words) {
    const [key, text] = split(word);
    const part = PARTS.find((one) => membersOf(endpoint, one).includes(key));
    if (!part) {
      const known = PARTS.flatMap((one) => membersOf(endpoint, one));
      throw new UsageError(`${name} takes no "${key}"${known.length > 0 ? `; it takes ${known.join(', ')}` : ''}.`);
    }
    given[part][key] = part === 'body' ? valueOf(endpoint, key, text) : text;
  }
  for (const part of PARTS) {
    if (endpoint[part].type === 'undefined') continue;
    const checked = endpoint[part].safeParse(given[part]);
    if (checked.success) continue;
    const { path, message } = checked.error.issues[0]!;
    throw new UsageError(`${name}: ${path.join('.') || part}: ${message}`);
  }
  return {
    params: given.params,
    query: given.query,
    ...(endpoint.body.type === 'undefined' ? {} : { body: given.body }),
  };
}

function split(word: string): [string, string] {
  const at = word.indexOf('=');
  if (at < 1) throw new UsageError(`"${word}" is not name=value.`);
  return [word.slice(0, at), word.slice(at + 1)];
}

function valueOf(endpoint: Endpoint, key: string, text: string): unknown {
  const member = (
    endpoint.body as unknown as { shape: Record<string, { safeParse(value: unknown): { success: boolean } }> }
  ).shape[key]!;
  if (member.safeParse(text).success) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
