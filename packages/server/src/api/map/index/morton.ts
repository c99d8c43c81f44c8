/**
 * Positions on the grid: the web mercator square, 2^26 steps a side (0.6 m at the equator), and their Z-order codes.
 * Column 0 is the antimeridian, row 0 the north; the steps of a cell of level L are the upper L bits of column and row.
 */
export const GRID_BITS = 26;

const GRID_SIZE = 2 ** GRID_BITS;
/** Where the mercator square ends; houses nearer a pole stand on its edge. */
const LATITUDE_MAX = 85.0511287798066;

/** The column of a longitude in degrees; any number of turns is taken off, so 180 is −180. */
export function gridColumn(longitude: number): number {
  const turns = longitude / 360 + 0.5;
  return Math.min(GRID_SIZE - 1, Math.floor((turns - Math.floor(turns)) * GRID_SIZE));
}

/** The row of a latitude in degrees. */
export function gridRow(latitude: number): number {
  const clamped = Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, latitude));
  const south = 0.5 - Math.atanh(Math.sin((clamped * Math.PI) / 180)) / (2 * Math.PI);
  return Math.max(0, Math.min(GRID_SIZE - 1, Math.floor(south * GRID_SIZE)));
}

/** The longitude in degrees of a distance from the antimeridian, in widths of the world. */
export function longitudeAt(east: number): number {
  return (east - 0.5) * 360;
}

/** The latitude in degrees of a distance from the north edge, in heights of the world. */
export function latitudeAt(south: number): number {
  return (Math.asin(Math.tanh((0.5 - south) * 2 * Math.PI)) * 180) / Math.PI;
}

/**
 * One number for a cell, the same in every process and for ever: the bits of column and row interleaved (level ≤ 26),
 * behind a leading 1 that tells the levels apart.
 */
export function cellCode(level: number, column: number, row: number): number {
  return 4 ** level + interleave(column >>> 16, row >>> 16) * 2 ** 32 + interleave(column, row);
}

/**
 * The slots 0…count-1 in Z-order. Two counting passes over the upper 16 bits of each axis are enough: the order only
 * serves to lay neighbours side by side in memory.
 */
export function mortonOrder(columns: Int32Array, rows: Int32Array, count: number): Uint32Array {
  const shift = GRID_BITS - 16;
  const codes = new Uint32Array(count);
  const slots = new Uint32Array(count);
  for (let slot = 0; slot < count; slot++) {
    codes[slot] = interleave(columns[slot]! >>> shift, rows[slot]! >>> shift);
    slots[slot] = slot;
  }
  return countingSort(countingSort(slots, codes, 0), codes, 16);
}

// Indexed loops, because iterating a typed array costs several times as much.
function countingSort(slots: Uint32Array, codes: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(2 ** 16 + 1);
  for (let slot = 0; slot < codes.length; slot++) starts[((codes[slot]! >>> shift) & 0xffff) + 1]!++;
  for (let digit = 0; digit < 2 ** 16; digit++) starts[digit + 1]! += starts[digit]!;
  const sorted = new Uint32Array(slots.length);
  for (let place = 0; place < slots.length; place++) {
    const slot = slots[place]!;
    sorted[starts[(codes[slot]! >>> shift) & 0xffff]!++] = slot;
  }
  return sorted;
}

/** The lower 16 bits of both, interleaved to 32. */
function interleave(column: number, row: number): number {
  return (spread(column) | (spread(row) << 1)) >>> 0;
}

function spread(value: number): number {
  let bits = value & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}
