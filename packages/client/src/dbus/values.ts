/** Values between D-Bus and the tables: what a program sends is checked, what it gets is typed. */
import type { Arguments, Type, Typed, Values } from '../local/interface.ts';
import { LocalError } from '../local/local-error.ts';
import { Variant } from './bus.ts';

export function signatureOf(args: Arguments): string {
  return Object.values(args).join('');
}

/** The arguments by name; `body` is known to be of their signature. Throws LocalError for what a variant may not hold. */
export function readArguments<A extends Arguments>(args: A, body: readonly unknown[]): Typed<A> {
  const entries = Object.entries(args).map(([name, type], index) => [name, read(type, body[index])] as const);
  return Object.fromEntries(entries) as Typed<A>;
}

export function writeArguments<A extends Arguments>(args: A, values: Typed<A>): unknown[] {
  return Object.entries(args).map(([name, type]) => write(type, (values as { [name: string]: unknown })[name]));
}

/** A value as a variant of its type. */
export function variantOf(type: Type, value: unknown): Variant {
  return new Variant(type, write(type, value));
}

function read(type: Type, value: unknown): unknown {
  if (type !== 'a{sv}') return value;
  return Object.fromEntries((value as [string, Variant][]).map(([name, held]) => [name, readVariant(name, held)]));
}

function readVariant(name: string, { signature, value }: Variant): Values[string] {
  if (typeof value === 'string' && signature === 's') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  // Beyond 2^53 the last digits are lost, as everywhere in what is measured.
  if (typeof value === 'bigint') return Number(value);
  throw new LocalError(
    'InvalidArguments',
    `${JSON.stringify(name)}: a text, a number or a boolean, not a value of type "${signature}"`,
  );
}

/** Numbers in an `a{sv}` are always doubles, so that a program need not look which kind came. */
function write(type: Type, value: unknown): unknown {
  if (type === 'ay') return Buffer.from(value as Uint8Array);
  if (type !== 'a{sv}') return value;
  return Object.entries(value as Values).map(([name, held]) => [name, new Variant(typeOf(held), held)]);
}

function typeOf(value: Values[string]): 's' | 'd' | 'b' {
  return typeof value === 'string' ? 's' : typeof value === 'number' ? 'd' : 'b';
}
