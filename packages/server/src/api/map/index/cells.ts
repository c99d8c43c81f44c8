/**
 * The pyramid of counters: a quadtree whose node of level L is a cell of level L. Every cell counts the houses in it by
 * health, so a house that is placed, removed or changes health costs one walk from the root to a leaf, and a tile or a
 * box is a walk that stops where the counters say all.
 *
 * A cell with a few houses is a leaf, which lists them; so is one of the deepest level with any number; an empty cell
 * does not exist (the root apart). The tree's shape follows from the houses alone, whatever was added and removed
 * before, and nothing ever needs a rebuild.
 *
 * A cell is the offset of its record in one typed array, twelve words, so that a step of the walk touches one place in
 * memory.
 */
import { type Health, HEALTH } from './health.ts';
import { type Houses, NO_HOUSE } from './houses.ts';
import { cellLevel, HOUSE_ZOOM_MIN, LEAF_HOUSES_MAX, LEVEL_MAX, OFFSET_BITS } from './levels.ts';
import { GRID_BITS } from './morton.ts';

export const ROOT = 0;
export const NO_CELL = 0;

/** The first cell below; in a leaf the complement of its first house. 0 while there is neither. */
const BELOW = 0;
/** The next cell below the same one, and in the lowest two bits which quarter of it this cell is: east 1, south 2. */
const BESIDE = 1;
/** When a counter last changed. */
const CHANGED = 2;
/** When the set of features of the tile that is this cell may last have changed. */
const RESHAPED = 3;
/** How many houses; then how many of health 1, 2, 3 and 4. */
const COUNT = 4;
/** The sums of the houses' offsets in the cell, modulo 2^32. */
const EAST_SUM = 9;
const SOUTH_SUM = 10;
/** The cell this one is a quarter of. */
const ABOVE = 11;
const RECORD_WORDS = 12;

const OFFSET_MASK = 2 ** OFFSET_BITS - 1;

const CAPACITY_MIN = 64 * RECORD_WORDS;
const GROWTH = 1.25;
/** The most cells that one placed house can add: it may split a leaf on every level. */
const CELLS_PER_HOUSE_MAX = 4 * LEVEL_MAX;

/** The deepest level whose cells the features of a tile depend on. Single houses depend on every place there is. */
const TILE_DEPTHS = Array.from({ length: LEVEL_MAX + 1 }, (_, zoom) =>
  zoom < HOUSE_ZOOM_MIN ? cellLevel(zoom) : Infinity,
);

export interface Cells {
  records: Int32Array;
  /** Where the records that were never used begin. */
  end: number;
  /** The first record to use again; the others follow in BELOW. */
  free: number;
  /** The cells of the walk under way, by level. */
  readonly path: Int32Array;
}

export function createCells(): Cells {
  return {
    records: new Int32Array(CAPACITY_MIN),
    end: RECORD_WORDS,
    free: NO_CELL,
    path: new Int32Array(LEVEL_MAX + 1),
  };
}

export function houseCount(cells: Cells, cell: number): number {
  return cells.records[cell + COUNT]!;
}

export function healthCount(cells: Cells, cell: number, health: Health): number {
  const { records } = cells;
  if (health !== HEALTH.ok) return records[cell + COUNT + health]!;
  let count = records[cell + COUNT]!;
  for (let other = 1; other <= 4; other++) count -= records[cell + COUNT + other]!;
  return count;
}

export function changedAt(cells: Cells, cell: number): number {
  return cells.records[cell + CHANGED]!;
}

export function reshapedAt(cells: Cells, cell: number): number {
  return cells.records[cell + RESHAPED]!;
}

/** The sum of how far east in the cell its houses are, in steps of 2^-OFFSET_BITS of its side. */
export function eastSum(cells: Cells, cell: number): number {
  return cells.records[cell + EAST_SUM]! >>> 0;
}

/** The same of how far south. */
export function southSum(cells: Cells, cell: number): number {
  return cells.records[cell + SOUTH_SUM]! >>> 0;
}

/** How far in its cell of a level a column or row is, in the steps of the sums. */
export function offsetAt(columnOrRow: number, level: number): number {
  return (columnOrRow >>> (GRID_BITS - OFFSET_BITS - level)) & OFFSET_MASK;
}

export function firstBelow(cells: Cells, cell: number): number {
  return Math.max(NO_CELL, cells.records[cell + BELOW]!);
}

export function nextBeside(cells: Cells, cell: number): number {
  return cells.records[cell + BESIDE]! >>> 2;
}

export function quarterOf(cells: Cells, cell: number): number {
  return cells.records[cell + BESIDE]! & 3;
}

/** The first house of a leaf, NO_HOUSE for a cell with cells below. The others follow in `houses.next`. */
export function firstHouse(cells: Cells, cell: number): number {
  return Math.max(NO_HOUSE, ~cells.records[cell + BELOW]!);
}

export function cellsByteLength(cells: Cells): number {
  return cells.records.byteLength;
}

/** How many cells there are, the root included. Walks the free list: for tests and benchmarks. */
export function cellCount(cells: Cells): number {
  let free = 0;
  for (let cell = cells.free; cell !== NO_CELL; cell = cells.records[cell + BELOW]!) free++;
  return cells.end / RECORD_WORDS - free;
}

/** Counts a house in and lists it in its leaf. */
export function addHouse(cells: Cells, houses: Houses, slot: number, stamp: number): void {
  reserve(cells);
  const { records, path } = cells;
  const column = houses.columns[slot]!;
  const row = houses.rows[slot]!;
  let cell = ROOT;
  let level = 0;
  for (;;) {
    if (records[cell + COUNT] === LEAF_HOUSES_MAX && level < LEVEL_MAX) split(cells, houses, cell, level);
    path[level] = cell;
    records[cell + CHANGED] = stamp;
    if (tally(cells, houses, slot, cell, level, 1) <= LEAF_HOUSES_MAX || level === LEVEL_MAX) break;
    level++;
    const quarter = quarterAt(column, row, level);
    cell = childAt(cells, cell, quarter) || createBelow(cells, cell, quarter);
  }
  link(cells, houses, slot, cell);
  reshape(cells, level, stamp);
}

/** Counts a house out, takes it off its leaf's list, and frees the cells that need not be any more. */
export function removeHouse(cells: Cells, houses: Houses, slot: number, stamp: number): void {
  const { records, path } = cells;
  const column = houses.columns[slot]!;
  const row = houses.rows[slot]!;
  let cell = ROOT;
  let level = 0;
  for (;;) {
    path[level] = cell;
    records[cell + CHANGED] = stamp;
    tally(cells, houses, slot, cell, level, -1);
    if (records[cell + BELOW]! < 0) break;
    level++;
    cell = childAt(cells, cell, quarterAt(column, row, level));
  }
  unlink(cells, houses, slot, cell);
  reshape(cells, level, stamp);
  prune(cells, houses, level, stamp);
}

/** Counts a house out of its old health and into a new one. */
export function recolourHouse(cells: Cells, houses: Houses, slot: number, health: Health, stamp: number): void {
  const { records } = cells;
  const old = houses.health[slot]!;
  houses.health[slot] = health;
  for (let cell = houses.leaves[slot]!; ; cell = records[cell + ABOVE]!) {
    records[cell + CHANGED] = stamp;
    if (old !== HEALTH.ok) records[cell + COUNT + old]!--;
    if (health !== HEALTH.ok) records[cell + COUNT + health]!++;
    if (cell === ROOT) return;
  }
}

/** Which quarter of its cell of the level above a place is in. */
function quarterAt(column: number, row: number, level: number): number {
  const shift = GRID_BITS - level;
  return ((column >>> shift) & 1) | (((row >>> shift) & 1) << 1);
}

function childAt(cells: Cells, cell: number, quarter: number): number {
  const { records } = cells;
  let child = firstBelow(cells, cell);
  while (child !== NO_CELL && (records[child + BESIDE]! & 3) !== quarter) child = records[child + BESIDE]! >>> 2;
  return child;
}

/** Counts a house in (1) or out (-1); gives how many are in the cell then. */
function tally(cells: Cells, houses: Houses, slot: number, cell: number, level: number, sign: number): number {
  const { records } = cells;
  const health = houses.health[slot]!;
  if (health !== HEALTH.ok) records[cell + COUNT + health]! += sign;
  records[cell + EAST_SUM]! += sign * offsetAt(houses.columns[slot]!, level);
  records[cell + SOUTH_SUM]! += sign * offsetAt(houses.rows[slot]!, level);
  return (records[cell + COUNT]! += sign);
}

/** Moves the houses of a leaf into new leaves below it. Nothing about the houses changed by it. */
function split(cells: Cells, houses: Houses, leaf: number, level: number): void {
  const { records } = cells;
  let slot = firstHouse(cells, leaf);
  if (slot === NO_HOUSE) return;
  records[leaf + BELOW] = NO_CELL;
  while (slot !== NO_HOUSE) {
    const next = houses.next[slot]!;
    const quarter = quarterAt(houses.columns[slot]!, houses.rows[slot]!, level + 1);
    const child = childAt(cells, leaf, quarter) || createBelow(cells, leaf, quarter);
    tally(cells, houses, slot, child, level + 1, 1);
    link(cells, houses, slot, child);
    records[child + CHANGED] = records[leaf + CHANGED]!;
    records[child + RESHAPED] = records[leaf + RESHAPED]!;
    slot = next;
  }
}

/** Makes a cell a leaf again, with the houses of all leaves below it. */
function merge(cells: Cells, houses: Houses, cell: number): void {
  const child = firstBelow(cells, cell);
  cells.records[cell + BELOW] = NO_CELL;
  absorb(child);

  function absorb(first: number): void {
    for (let below = first; below !== NO_CELL;) {
      for (let slot = firstHouse(cells, below); slot !== NO_HOUSE;) {
        const next = houses.next[slot]!;
        link(cells, houses, slot, cell);
        slot = next;
      }
      absorb(firstBelow(cells, below));
      const beside = nextBeside(cells, below);
      release(cells, below);
      below = beside;
    }
  }
}

function link(cells: Cells, houses: Houses, slot: number, leaf: number): void {
  const { records } = cells;
  const first = firstHouse(cells, leaf);
  houses.leaves[slot] = leaf;
  houses.previous[slot] = NO_HOUSE;
  houses.next[slot] = first;
  if (first !== NO_HOUSE) houses.previous[first] = slot;
  records[leaf + BELOW] = ~slot;
}

function unlink(cells: Cells, houses: Houses, slot: number, leaf: number): void {
  const { records } = cells;
  const next = houses.next[slot]!;
  const previous = houses.previous[slot]!;
  if (next !== NO_HOUSE) houses.previous[next] = previous;
  if (previous !== NO_HOUSE) houses.next[previous] = next;
  else records[leaf + BELOW] = next === NO_HOUSE ? NO_CELL : ~next;
}

/**
 * Marks the tiles on the path whose set of features may have changed. A cell is a feature of its own kind when empty
 * (none), with one house (that house) and with several, and only the leaf and what would be below it have so few.
 */
function reshape(cells: Cells, depth: number, stamp: number): void {
  for (let level = 0; level <= depth; level++) {
    if (TILE_DEPTHS[level]! >= depth) cells.records[cells.path[level]! + RESHAPED] = stamp;
  }
}

/** After a removal: makes the highest cell on the path that has few enough houses a leaf, or frees the empty leaf. */
function prune(cells: Cells, houses: Houses, depth: number, stamp: number): void {
  const { records, path } = cells;
  let level = 0;
  while (level < depth && records[path[level]! + COUNT]! > LEAF_HOUSES_MAX) level++;
  const cell = path[level]!;
  if (level < depth) {
    merge(cells, houses, cell);
    // It now answers for the tiles below it too, and their marks are gone.
    records[cell + RESHAPED] = stamp;
  } else if (level > 0 && records[cell + COUNT] === 0) {
    detach(cells, path[level - 1]!, cell);
    release(cells, cell);
  }
}

function detach(cells: Cells, parent: number, child: number): void {
  const { records } = cells;
  const after = nextBeside(cells, child);
  if (records[parent + BELOW] === child) {
    records[parent + BELOW] = after;
    return;
  }
  let before = records[parent + BELOW]!;
  while (nextBeside(cells, before) !== child) before = nextBeside(cells, before);
  records[before + BESIDE] = (after << 2) | quarterOf(cells, before);
}

/** Makes room for the most that one house can need, so that `records` stays the same array while it is placed. */
function reserve(cells: Cells): void {
  if (cells.end + CELLS_PER_HOUSE_MAX * RECORD_WORDS <= cells.records.length) return;
  const capacity = Math.ceil((cells.records.length / RECORD_WORDS) * GROWTH) + 2 * CELLS_PER_HOUSE_MAX;
  const { records } = cells;
  (cells.records = new Int32Array(capacity * RECORD_WORDS)).set(records);
}

/** A cell with no house yet, first in the list below its parent: places that follow one another find it at once. */
function createBelow(cells: Cells, parent: number, quarter: number): number {
  const { records } = cells;
  let cell = cells.free;
  if (cell === NO_CELL) {
    cell = cells.end;
    cells.end += RECORD_WORDS;
  } else {
    cells.free = records[cell + BELOW]!;
    records.fill(0, cell, cell + RECORD_WORDS);
  }
  records[cell + BESIDE] = (firstBelow(cells, parent) << 2) | quarter;
  records[cell + ABOVE] = parent;
  records[parent + BELOW] = cell;
  return cell;
}

function release(cells: Cells, cell: number): void {
  cells.records[cell + BELOW] = cells.free;
  cells.free = cell;
}
