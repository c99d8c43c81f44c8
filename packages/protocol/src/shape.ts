/**
 * Says what a value must look like and gives it its type: `read` returns the value or throws ProtocolError with the
 * path of the offending part. A map ignores keys it doesn't know.
 */
import { ProtocolError } from './error.ts';
import { NAME_LENGTH_MAX, TEXT_LENGTH_MAX } from './limits.ts';
import { isMap, type Value } from './message-pack/value.ts';

export interface Shape<T> {
  read(value: Value | undefined, path: string): T;
}

export type Read<S> = S extends Shape<infer T> ? T : never;

/** An integer; an int64 within the range of safe integers becomes a number. */
export function integer(min: number, max: number): Shape<number> {
  return shape((value, path) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < min || number > max) fail(path, `an integer from ${min} to ${max}`);
    return number;
  });
}

/** A finite number; an int64 is taken too, as Go clients send one. */
export const number: Shape<number> = shape((value, path) => {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) fail(path, 'a finite number');
  return number;
});

export const boolean: Shape<boolean> = shape((value, path) => (typeof value === 'boolean' ? value : fail(path, 'true or false')));

/** A string of at most `lengthMax` UTF-16 units, without U+0000, which PostgreSQL can't store. */
export function string(lengthMax: number, lengthMin = 0): Shape<string> {
  return shape((value, path) =>
    typeof value === 'string' && value.length <= lengthMax && value.length >= lengthMin && !value.includes('\0')
      ? value
      : fail(path, `a string of ${lengthMin} to ${lengthMax} characters`),
  );
}

/** A short name that is not empty. */
export const name = string(NAME_LENGTH_MAX, 1);
/** A text for people. */
export const sentence = string(TEXT_LENGTH_MAX);
/** Milliseconds since 1970 in UTC. A gateway's clock may be wrong, so any time from 1970 to 9999 is taken. */
export const timeMs = integer(0, 253_402_300_799_999);
/** A message id: unique for a device, rising within one spool (see `statusReport`). */
export const messageId = integer(0, Number.MAX_SAFE_INTEGER);

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return shape((value, path) => values.find((known) => known === value) ?? fail(path, `one of ${values.join(', ')}`));
}

export function list<T>(item: Shape<T>, itemsMax: number): Shape<T[]> {
  return shape((value, path) => {
    if (!Array.isArray(value) || value.length > itemsMax) fail(path, `a list of at most ${itemsMax} items`);
    return value.map((entry: Value, index) => item.read(entry, `${path}[${index}]`));
  });
}

/** A map with any keys (each a name) and values of one shape. */
export function record<T>(item: Shape<T>, entriesMax: number): Shape<{ [key: string]: T }> {
  return shape((value, path) => {
    if (!isMap(value)) fail(path, 'a map');
    const entries = Object.entries(value);
    if (entries.length > entriesMax) fail(path, `a map of at most ${entriesMax} entries`);
    return Object.fromEntries(entries.map(([key, entry]) => [name.read(key, `${path} key`), item.read(entry, `${path}.${key}`)]));
  });
}

export function either<A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> {
  return shape((value, path) => {
    try {
      return a.read(value, path);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return b.read(value, path);
    }
  });
}

/** A map's member that may be missing. */
export interface Optional<T> extends Shape<T | undefined> {
  readonly optional: true;
}

export function optional<T>(inner: Shape<T>): Optional<T> {
  return {
    optional: true,
    read: (value, path) => (value === undefined || value === null ? undefined : inner.read(value, path)),
  };
}

type Members = { readonly [key: string]: Shape<unknown> };
type OptionalKey<M> = { [K in keyof M]: M[K] extends Optional<unknown> ? K : never }[keyof M];
export type Fields<M extends Members> = { [K in Exclude<keyof M, OptionalKey<M>>]: Read<M[K]> } & {
  [K in OptionalKey<M>]?: Exclude<Read<M[K]>, undefined>;
};

/** A map with these members; others are ignored. */
export function fields<const M extends Members>(members: M): Shape<Fields<M>> {
  const entries = Object.entries(members);
  return shape((value, path) => {
    if (!isMap(value)) fail(path, 'a map');
    const result: { [key: string]: unknown } = {};
    for (const [key, member] of entries) {
      const read = member.read(value[key], `${path}.${key}`);
      if (read !== undefined) result[key] = read;
    }
    return result as Fields<M>;
  });
}

function shape<T>(read: (value: Value | undefined, path: string) => T): Shape<T> {
  return { read };
}

function fail(path: string, expected: string): never {
  throw new ProtocolError('bad-message', `${path} is not ${expected}`);
}
