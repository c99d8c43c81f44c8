/**
 * What a MessagePack value is in JavaScript (msgpack/spec.md).
 * A `bigint` stands for an int64 (0xd3): Mender's Go clients assert that exact type for offsets, so whatever was read
 * as one is written as one. All other integers are a `number`, but for a uint64 that no `number` can hold, which is
 * read as a `bigint`, and written as an int64 if it fits. A `number` below −2^31 is written as an int64 too, there is
 * no other form. What was read as a float and is a whole number is written as an integer.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Timestamp
  | readonly Value[]
  | { readonly [key: string]: Value };

export type ValueMap = { readonly [key: string]: Value };

/** The timestamp extension (type -1), the only extension on our wire. `nanoseconds` is 0..999,999,999. */
export class Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;

  constructor(seconds: number, nanoseconds = 0) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }
}

export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Timestamp)
  );
}
