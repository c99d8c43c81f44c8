/**
 * Says what a value must look like and gives it its type: `read` returns the value or throws ProtocolError with the
 * path of the offending part. A map ignores keys it doesn't know.
 */
import { ProtocolError } from './error.ts';
import { NAME_LENGTH_MAX, TEXT_LENGTH_MAX } from './limits.ts';
import { isMap, type Value } from './message-pack/value.ts';

export interface Shape<T> {
  /** Reads a value found at `path`, or at `key` of what stands at `path`. */
  read(value: Value | undefined, path: Path, key?: string | number): T;
  /** Whether the value is of the kind that this shape reads; `read` then looks closer. */
  takes(value: Value | undefined): boolean;
  /** What `read` wants, to say so in an error. */
  readonly expected: string;
}

/** Where a value stands. Most values are good, so the text is put together only for an error. */
export type Path = string | { readonly parent: Path; readonly key: string | number };

export type Read<S> = S extends Shape<infer T> ? T : never;

/** An integer; an int64 within the range of safe integers becomes a number. */
export function integer(min: number, max: number): Shape<number> {
  return scalar(`an integer from ${min} to ${max}`, isNumeric, (value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) && number >= min && number <= max ? number : undefined;
  });
}

/** A finite number; an int64 is taken too, as Go clients send one. */
export const number: Shape<number> = scalar('a finite number', isNumeric, (value) => {
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
});

export const boolean: Shape<boolean> = scalar('true or false', isBoolean, (value) => value);

/** A string of at most `lengthMax` UTF-16 units, without U+0000, which PostgreSQL can't store. */
export function string(lengthMax: number, lengthMin = 0): Shape<string> {
  return scalar(`a string of ${lengthMin} to ${lengthMax} characters without U+0000`, isString, (value) =>
    value.length <= lengthMax && value.length >= lengthMin && !value.includes('\0') ? value : undefined,
  );
}

/** Binary of so many bytes; a view into what was read. */
export function bytes(sizeMax: number, sizeMin = 0): Shape<Uint8Array> {
  return scalar(`binary of ${sizeMin} to ${sizeMax} bytes`, isBytes, (value) =>
    value.length <= sizeMax && value.length >= sizeMin ? value : undefined,
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

/** Bytes; a view into what was read. */
export const binary: Shape<Uint8Array> = scalar('binary', isBinary, (value) => value);

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return scalar(`one of ${values.join(', ')}`, isString, (value) => values.find((known) => known === value));
}

export function list<T>(item: Shape<T>, itemsMax: number): Shape<T[]> {
  const expected = `a list of at most ${itemsMax} items`;
  return {
    expected,
    takes: Array.isArray,
    read(value, path, key) {
      if (!Array.isArray(value) || value.length > itemsMax) fail(path, key, expected);
      const here = join(path, key);
      return value.map((entry: Value, index) => item.read(entry, here, index));
    },
  };
}

/** A map with any keys (each a name) and values of one shape. */
export function record<T>(item: Shape<T>, entriesMax: number): Shape<{ [key: string]: T }> {
  const expected = `a map of at most ${entriesMax} entries`;
  return {
    expected,
    takes: isMap,
    read(value, path, key) {
      if (!isMap(value)) fail(path, key, expected);
      const keys = Object.keys(value);
      if (keys.length > entriesMax) fail(path, key, expected);
      const here = join(path, key);
      const result: { [key: string]: T } = {};
      for (const each of keys) result[name.read(each, here, 'key')] = item.read(value[each], here, each);
      return result;
    },
  };
}

/** What `a` reads if the value is of its kind, else what `b` reads. */
export function either<A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> {
  const expected = `${a.expected} or ${b.expected}`;
  return {
    expected,
    takes: (value) => a.takes(value) || b.takes(value),
    read(value, path, key) {
      if (a.takes(value)) return a.read(value, path, key);
      return b.takes(value) ? b.read(value, path, key) : fail(path, key, expected);
    },
  };
}

/** A map's member that may be missing. */
export interface Optional<T> extends Shape<T | undefined> {
  readonly optional: true;
}

export function optional<T>(inner: Shape<T>): Optional<T> {
  return {
    optional: true,
    expected: inner.expected,
    takes: (value) => value === undefined || value === null || inner.takes(value),
    read: (value, path, key) => (value === undefined || value === null ? undefined : inner.read(value, path, key)),
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
  const expected = 'a map';
  return {
    expected,
    takes: isMap,
    read(value, path, key) {
      if (!isMap(value)) fail(path, key, expected);
      const here = join(path, key);
      const result: { [key: string]: unknown } = {};
      for (const [each, member] of entries) {
        const read = member.read(value[each], here, each);
        if (read !== undefined) result[each] = read;
      }
      return result as Fields<M>;
    },
  };
}

/**
 * A map whose member `tag` says which of these members it has. One with another tag reads as the tag `unknown`, so that an
 * older peer passes over what a newer one tells it.
 */
export function tagged<const T extends string, const V extends { readonly [tag: string]: Members }>(
  tag: T,
  variants: V,
): Shape<Tagged<T, V> | { [K in T]: 'unknown' }> {
  const shapes = new Map(Object.entries(variants).map(([each, members]) => [each, fields(members)]));
  const expected = `a map with the member "${tag}"`;
  return {
    expected,
    takes: isMap,
    read(value, path, key) {
      if (!isMap(value)) fail(path, key, expected);
      const which = name.read(value[tag], join(path, key), tag);
      const read = shapes.get(which)?.read(value, path, key);
      return (read ? { [tag]: which, ...read } : { [tag]: 'unknown' }) as Tagged<T, V>;
    },
  };
}

type Tagged<T extends string, V extends { readonly [tag: string]: Members }> = {
  [K in keyof V & string]: { [P in T]: K } & Fields<V[K]>;
}[keyof V & string];

/** A shape of single values; `accept` returns undefined for one that is of the kind but no good. */
export function scalar<K extends Value, T>(
  expected: string,
  takes: (value: Value | undefined) => value is K,
  accept: (value: K) => T | undefined,
): Shape<T> {
  return {
    expected,
    takes,
    read(value, path, key) {
      const read = takes(value) ? accept(value) : undefined;
      return read === undefined ? fail(path, key, expected) : read;
    },
  };
}

function isNumeric(value: Value | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isBoolean(value: Value | undefined): value is boolean {
  return typeof value === 'boolean';
}

function isBinary(value: Value | undefined): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isString(value: Value | undefined): value is string {
  return typeof value === 'string';
}

function isBytes(value: Value | undefined): value is Uint8Array {
  return value instanceof Uint8Array;
}

function join(path: Path, key: string | number | undefined): Path {
  return key === undefined ? path : { parent: path, key };
}

function fail(path: Path, key: string | number | undefined, expected: string): never {
  throw new ProtocolError('bad-message', `${describe(join(path, key))} is not ${expected}`);
}

function describe(path: Path): string {
  if (typeof path === 'string') return path;
  const parent = describe(path.parent);
  return typeof path.key === 'number' ? `${parent}[${path.key}]` : `${parent}.${path.key}`;
}
