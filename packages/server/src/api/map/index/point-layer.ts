/**
 * One layer of points in a Mapbox Vector Tile (specification 2.1, github.com/mapbox/vector-tile-spec), written straight
 * to bytes: a tile of a large fleet has thousands of points and no geometry worth an object each.
 */
import { writeUuid } from './uuid.ts';

/** Steps a side; the specification's usual number. */
export const TILE_EXTENT = 4096;

/** The tag bytes: field number and wire type, as the specification's vector_tile.proto has them. */
const TILE_LAYER = 0x1a;
const LAYER_NAME = 0x0a;
const LAYER_FEATURE = 0x12;
const LAYER_KEY = 0x1a;
const LAYER_VALUE = 0x22;
const LAYER_EXTENT = 0x28;
const LAYER_VERSION = 0x78;
const FEATURE_ID = 0x08;
const FEATURE_TAGS = 0x12;
const FEATURE_TYPE = 0x18;
const FEATURE_GEOMETRY = 0x22;
const VALUE_STRING = 0x0a;
const VALUE_UINT = 0x28;

const TYPE_POINT = 1;
/** The geometry command "move to, once". */
const MOVE_TO = 9;
const UUID_LENGTH = 36;
/** Above what one feature or value can take; below 128, so that its length is one byte. */
const ENTRY_BYTES_MAX = 120;

export interface PointLayer {
  readonly name: string;
  readonly keys: readonly string[];
  readonly features: Bytes;
  readonly values: Bytes;
  valueCount: number;
  /** Where a number already stands among the values. */
  readonly numbers: Map<number, number>;
}

interface Bytes {
  data: Uint8Array;
  length: number;
}

export function createPointLayer(name: string, keys: readonly string[]): PointLayer {
  return { name, keys, features: createBytes(), values: createBytes(), valueCount: 0, numbers: new Map() };
}

/**
 * Adds a point at x, y in steps from the tile's north-west corner. Its properties are the layer's keys in their order:
 * the numbers (non-negative integers), then, where `ids` is given, the UUID that begins at its word `first`.
 */
export function addPoint(
  layer: PointLayer,
  feature: number,
  x: number,
  y: number,
  numbers: readonly number[],
  ids?: Uint32Array,
  first = 0,
): void {
  const out = layer.features;
  reserve(out, ENTRY_BYTES_MAX);
  const start = begin(out, LAYER_FEATURE);
  put(out, FEATURE_ID);
  putVarint(out, feature);
  const tags = begin(out, FEATURE_TAGS);
  for (let key = 0; key < numbers.length; key++) {
    put(out, key);
    putVarint(out, numberValue(layer, numbers[key]!));
  }
  if (ids) {
    put(out, numbers.length);
    putVarint(out, uuidValue(layer, ids, first));
  }
  end(out, tags);
  put(out, FEATURE_TYPE);
  put(out, TYPE_POINT);
  const geometry = begin(out, FEATURE_GEOMETRY);
  put(out, MOVE_TO);
  putVarint(out, 2 * x);
  putVarint(out, 2 * y);
  end(out, geometry);
  end(out, start);
}

/** The tile with this one layer; no bytes at all when it has no point. */
export function finishTile({ name, keys, features, values }: PointLayer): Uint8Array {
  if (features.length === 0) return new Uint8Array();
  const rest = createBytes();
  putText(rest, LAYER_NAME, name);
  for (const key of keys) putText(rest, LAYER_KEY, key);
  put(rest, LAYER_EXTENT);
  putVarint(rest, TILE_EXTENT);
  put(rest, LAYER_VERSION);
  put(rest, 2);
  const head = createBytes();
  put(head, TILE_LAYER);
  putVarint(head, rest.length + features.length + values.length);
  const tile = new Uint8Array(head.length + rest.length + features.length + values.length);
  let at = 0;
  for (const { data, length } of [head, rest, features, values]) {
    tile.set(data.subarray(0, length), at);
    at += length;
  }
  return tile;
}

function numberValue(layer: PointLayer, number: number): number {
  const known = layer.numbers.get(number);
  if (known !== undefined) return known;
  const out = layer.values;
  reserve(out, ENTRY_BYTES_MAX);
  const start = begin(out, LAYER_VALUE);
  put(out, VALUE_UINT);
  putVarint(out, number);
  end(out, start);
  layer.numbers.set(number, layer.valueCount);
  return layer.valueCount++;
}

function uuidValue(layer: PointLayer, ids: Uint32Array, first: number): number {
  const out = layer.values;
  reserve(out, ENTRY_BYTES_MAX);
  const start = begin(out, LAYER_VALUE);
  put(out, VALUE_STRING);
  put(out, UUID_LENGTH);
  writeUuid(ids, first, out.data, out.length);
  out.length += UUID_LENGTH;
  end(out, start);
  return layer.valueCount++;
}

function createBytes(): Bytes {
  return { data: new Uint8Array(1024), length: 0 };
}

function reserve(out: Bytes, more: number): void {
  if (out.length + more <= out.data.length) return;
  const { data } = out;
  (out.data = new Uint8Array(2 * data.length)).set(data);
}

function put(out: Bytes, byte: number): void {
  out.data[out.length++] = byte;
}

function putVarint(out: Bytes, value: number): void {
  let rest = value;
  // Bit operations know 32 bits only; feature ids have up to 53.
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) put(out, (rest % 128) | 128);
  for (; rest >= 128; rest >>>= 7) put(out, (rest & 127) | 128);
  put(out, rest);
}

function putText(out: Bytes, tag: number, text: string): void {
  put(out, tag);
  put(out, text.length);
  for (let place = 0; place < text.length; place++) put(out, text.charCodeAt(place));
}

/** Opens a field whose length, below 128, is filled in by `end`. */
function begin(out: Bytes, tag: number): number {
  put(out, tag);
  put(out, 0);
  return out.length;
}

function end(out: Bytes, start: number): void {
  out.data[start - 1] = out.length - start;
}
