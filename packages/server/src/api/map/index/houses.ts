/** The houses by slot: columns in typed arrays, and a hash from id to slot. Some 40 bytes a house. */
import type { Health } from './health.ts';
import { FLEET_HOUSES_MAX } from './levels.ts';
import { mortonOrder } from './morton.ts';
import { hashUuid } from './uuid.ts';

export const NO_HOUSE = -1;

const CAPACITY_MIN = 64;
/** A table that grows is copied: often enough to waste little memory, seldom enough to cost little time. */
const GROWTH = 1.25;
/** How full the hash may get before it doubles. */
const LOAD_MAX = 0.75;

export interface Houses {
  count: number;
  /** Slots from here on were never used. */
  end: number;
  /** The first slot to use again; the others follow in `next`. */
  free: number;
  /** Four words a house. */
  ids: Uint32Array;
  columns: Int32Array;
  rows: Int32Array;
  health: Uint8Array;
  /** The leaf that lists the house, and its neighbours in that list; `cells.ts` keeps them. */
  leaves: Int32Array;
  next: Int32Array;
  previous: Int32Array;
  /** Open addressing with linear probing: slot + 1, or 0 where empty. */
  buckets: Uint32Array;
}

export function createHouses(): Houses {
  return {
    count: 0,
    end: 0,
    free: NO_HOUSE,
    ids: new Uint32Array(4 * CAPACITY_MIN),
    columns: new Int32Array(CAPACITY_MIN),
    rows: new Int32Array(CAPACITY_MIN),
    health: new Uint8Array(CAPACITY_MIN),
    leaves: new Int32Array(CAPACITY_MIN),
    next: new Int32Array(CAPACITY_MIN),
    previous: new Int32Array(CAPACITY_MIN),
    buckets: new Uint32Array(2 * CAPACITY_MIN),
  };
}

export function findHouse(houses: Houses, id: Uint32Array): number {
  return houses.buckets[bucketOf(houses, id)]! - 1;
}

export function healthOf(houses: Houses, slot: number): Health {
  return houses.health[slot] as Health;
}

/** The slot of a house, a new one if it has none yet. */
export function slotFor(houses: Houses, id: Uint32Array): number {
  if (houses.count + 1 > houses.buckets.length * LOAD_MAX) growBuckets(houses);
  const bucket = bucketOf(houses, id);
  const known = houses.buckets[bucket]! - 1;
  if (known !== NO_HOUSE) return known;
  if (houses.count === FLEET_HOUSES_MAX) throw new RangeError(`an index holds at most ${FLEET_HOUSES_MAX} houses`);
  const slot = takeSlot(houses);
  for (let word = 0; word < 4; word++) houses.ids[4 * slot + word] = id[word]!;
  houses.buckets[bucket] = slot + 1;
  houses.count++;
  return slot;
}

/** Frees the slot of a house that no cell lists any more. */
export function deleteHouse(houses: Houses, slot: number): void {
  emptyBucket(houses, bucketOf(houses, houses.ids.subarray(4 * slot, 4 * slot + 4)));
  houses.next[slot] = houses.free;
  houses.free = slot;
  houses.count--;
}

/** Gives out all slots anew so that houses near each other lie near each other. Only while none is freed or in a cell. */
export function sortHouses(houses: Houses): void {
  const order = mortonOrder(houses.columns, houses.rows, houses.end);
  const ranks = new Uint32Array(order.length);
  for (let rank = 0; rank < order.length; rank++) ranks[order[rank]!] = rank;
  for (let bucket = 0; bucket < houses.buckets.length; bucket++) {
    const slot = houses.buckets[bucket]! - 1;
    if (slot >= 0) houses.buckets[bucket] = ranks[slot]! + 1;
  }
  const { ids, columns, rows, health } = houses;
  houses.ids = new Uint32Array(ids.length);
  houses.columns = new Int32Array(columns.length);
  houses.rows = new Int32Array(rows.length);
  houses.health = new Uint8Array(health.length);
  for (let rank = 0; rank < order.length; rank++) {
    const slot = order[rank]!;
    for (let word = 0; word < 4; word++) houses.ids[4 * rank + word] = ids[4 * slot + word]!;
    houses.columns[rank] = columns[slot]!;
    houses.rows[rank] = rows[slot]!;
    houses.health[rank] = health[slot]!;
  }
}

/** The slots of all houses, by their hash. Nothing may be added or deleted meanwhile. */
export function* listedSlots({ buckets }: Houses): Generator<number> {
  for (const bucket of buckets) if (bucket > 0) yield bucket - 1;
}

export function housesByteLength(houses: Houses): number {
  const { ids, columns, rows, health, leaves, next, previous, buckets } = houses;
  return [ids, columns, rows, health, leaves, next, previous, buckets].reduce(
    (sum, array) => sum + array.byteLength,
    0,
  );
}

function takeSlot(houses: Houses): number {
  const slot = houses.free;
  if (slot !== NO_HOUSE) {
    houses.free = houses.next[slot]!;
    return slot;
  }
  if (houses.end === houses.health.length) growColumns(houses);
  return houses.end++;
}

function growColumns(houses: Houses): void {
  const capacity = Math.min(FLEET_HOUSES_MAX, Math.ceil(houses.health.length * GROWTH) + CAPACITY_MIN);
  const { ids, columns, rows, health, leaves, next, previous } = houses;
  (houses.ids = new Uint32Array(4 * capacity)).set(ids);
  (houses.columns = new Int32Array(capacity)).set(columns);
  (houses.rows = new Int32Array(capacity)).set(rows);
  (houses.health = new Uint8Array(capacity)).set(health);
  (houses.leaves = new Int32Array(capacity)).set(leaves);
  (houses.next = new Int32Array(capacity)).set(next);
  (houses.previous = new Int32Array(capacity)).set(previous);
}

function homeOf(houses: Houses, ids: Uint32Array, first: number): number {
  return hashUuid(ids, first, 0) & (houses.buckets.length - 1);
}

/** Where an id is, or where it would go. */
function bucketOf(houses: Houses, id: Uint32Array): number {
  const { buckets, ids } = houses;
  for (let bucket = homeOf(houses, id, 0); ; bucket = (bucket + 1) & (buckets.length - 1)) {
    const first = 4 * (buckets[bucket]! - 1);
    if (first < 0) return bucket;
    if (ids[first + 3] === id[3] && ids[first + 2] === id[2] && ids[first + 1] === id[1] && ids[first] === id[0]) {
      return bucket;
    }
  }
}

function growBuckets(houses: Houses): void {
  const old = houses.buckets;
  houses.buckets = new Uint32Array(2 * old.length);
  for (let index = 0; index < old.length; index++) {
    const entry = old[index]!;
    if (entry === 0) continue;
    let bucket = homeOf(houses, houses.ids, 4 * (entry - 1));
    while (houses.buckets[bucket] !== 0) bucket = (bucket + 1) & (houses.buckets.length - 1);
    houses.buckets[bucket] = entry;
  }
}

/** Empties a bucket and moves up the entries that only stood further on because of it. */
function emptyBucket(houses: Houses, bucket: number): void {
  const { buckets } = houses;
  const mask = buckets.length - 1;
  let gap = bucket;
  for (let probe = (gap + 1) & mask; buckets[probe] !== 0; probe = (probe + 1) & mask) {
    const distance = (probe - homeOf(houses, houses.ids, 4 * (buckets[probe]! - 1))) & mask;
    if (distance < ((probe - gap) & mask)) continue;
    buckets[gap] = buckets[probe]!;
    gap = probe;
  }
  buckets[gap] = 0;
}
