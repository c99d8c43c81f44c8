/** The map's index: where every house is and how it fares, ready to be drawn, patched and counted. */
import { addHouse, type Cells, cellCount, cellsByteLength, createCells, recolourHouse, removeHouse } from './cells.ts';
import { type Cluster, clustersIn, placeOf, type Summary, summaryOf, worstIn } from './clusters.ts';
import { type Feature, featuresReshapedAt, visitFeatures } from './features.ts';
import { type Health, isHealth } from './health.ts';
import {
  createHouses,
  deleteHouse,
  findHouse,
  healthOf,
  type Houses,
  housesByteLength,
  listedSlots,
  NO_HOUSE,
  slotFor,
  sortHouses,
} from './houses.ts';
import { LEVEL_MAX, TILE_ZOOM_MAX } from './levels.ts';
import { gridColumn, gridRow } from './morton.ts';
import { encodeTile } from './tile.ts';
import { formatUuid, parseUuid } from './uuid.ts';
import { type Bounds, gridBoxes, type Tile } from './walk.ts';

export interface House {
  /** A UUID. */
  readonly id: string;
  /** Degrees; any number of turns. */
  readonly longitude: number;
  /** Degrees; beyond ±85.05 the house stands on the edge of the map. */
  readonly latitude: number;
  readonly health: Health;
}

export type TileChanges =
  /** Features were added or taken away: fetch the tile again. */
  | { readonly kind: 'reload'; readonly seq: number }
  /** The tile has the features it had; these are now so. Some may be as before. */
  | { readonly kind: 'patch'; readonly seq: number; readonly changes: readonly Feature[] };

/**
 * Every method sees at once what the ones before it did. Sequence numbers tell a browser's copy of a tile from the
 * present: whoever has a tile of `seq`, or fetched it after having heard of `seq`, asks for the changes since. They are
 * of this one index, in one process. A number counts the times that somebody looked and something changed after, not
 * the changes, so 31 bits last for years.
 */
export class FleetIndex {
  readonly #houses: Houses;
  readonly #cells: Cells = createCells();
  readonly #id = new Uint32Array(4);
  readonly #firstStamp: number;
  #stamp: number;
  #seen = false;

  /**
   * @param firstStamp where sequence numbers begin: a place that no other index of the process is at keeps a browser that
   * goes from one to the other from taking its copy for the present
   */
  constructor(houses: Iterable<House> = [], firstStamp = 1) {
    this.#houses = createHouses();
    this.#firstStamp = firstStamp;
    this.#stamp = firstStamp;
    for (const house of houses) this.#append(house);
    this.#settle();
  }

  /** An index of houses that come in pages, as from a database: no more than a page of them is held as objects. */
  static async load(pages: AsyncIterable<Iterable<House>>): Promise<FleetIndex> {
    const index = new FleetIndex();
    for await (const page of pages) for (const house of page) index.#append(house);
    index.#settle();
    return index;
  }

  get size(): number {
    return this.#houses.count;
  }

  /** The sequence number of the present. */
  get seq(): number {
    this.#seen = true;
    return this.#stamp;
  }

  /** The memory of the arrays, in bytes; there is next to nothing else. */
  get byteLength(): number {
    return housesByteLength(this.#houses) + cellsByteLength(this.#cells);
  }

  /** How many cells the pyramid has, on all levels. Takes a while when many were freed. */
  get cellCount(): number {
    return cellCount(this.#cells);
  }

  /** The ids of all houses, in no order. */
  *ids(): Generator<string> {
    for (const slot of listedSlots(this.#houses)) yield formatUuid(this.#houses.ids, 4 * slot);
  }

  find(id: string): House | undefined {
    const slot = this.#slotOf(id);
    return slot === NO_HOUSE ? undefined : this.#houseAt(slot);
  }

  /** Adds a house, or moves it and sets its health. False when it already was so. Throws RangeError for bad values. */
  place(id: string, longitude: number, latitude: number, health: Health): boolean {
    const houses = this.#houses;
    const { column, row } = this.#check({ id, longitude, latitude, health });
    let slot = findHouse(houses, this.#id);
    if (slot !== NO_HOUSE) {
      if (houses.columns[slot] === column && houses.rows[slot] === row) return this.#recolour(slot, health);
      removeHouse(this.#cells, houses, slot, this.#touch());
    } else {
      slot = slotFor(houses, this.#id);
    }
    houses.columns[slot] = column;
    houses.rows[slot] = row;
    houses.health[slot] = health;
    addHouse(this.#cells, houses, slot, this.#touch());
    return true;
  }

  /** False when there is no such house. */
  remove(id: string): boolean {
    const slot = this.#slotOf(id);
    if (slot === NO_HOUSE) return false;
    removeHouse(this.#cells, this.#houses, slot, this.#touch());
    deleteHouse(this.#houses, slot);
    return true;
  }

  /** False when there is no such house or it already was so. */
  setHealth(id: string, health: Health): boolean {
    if (!isHealth(health)) throw new RangeError(`no such health: ${String(health)}`);
    const slot = this.#slotOf(id);
    return slot !== NO_HOUSE && this.#recolour(slot, health);
  }

  /** The vector tile, not compressed, and the sequence number it is of. No bytes when it has no house. */
  tile(tile: Tile): { seq: number; bytes: Uint8Array } {
    requireTile(tile);
    return { seq: this.seq, bytes: encodeTile(this.#cells, this.#houses, tile) };
  }

  /** What became of a tile that was up to date at `since`. Costs as much as there is to tell. */
  changes(tile: Tile, since: number): TileChanges {
    requireTile(tile);
    const { seq } = this;
    const reshaped = featuresReshapedAt(this.#cells, this.#houses, tile);
    if (reshaped > since || since > seq || since < this.#firstStamp) return { kind: 'reload', seq };
    const changes: Feature[] = [];
    visitFeatures(this.#cells, this.#houses, tile, since, (feature) => changes.push(feature));
    return { kind: 'patch', seq, changes };
  }

  /** The cells of a level (0 to 18) that touch the bounds, or of a coarser one where that would be too many. */
  clusters(bounds: Bounds, level: number): Cluster[] {
    if (!Number.isInteger(level) || level < 0 || level > LEVEL_MAX) throw new RangeError(`no such level: ${level}`);
    return clustersIn(this.#cells, this.#houses, gridBoxes(bounds), level);
  }

  /** How many houses fare how, in the world or within bounds. */
  summary(bounds: Bounds = WORLD): Summary {
    return summaryOf(this.#cells, this.#houses, gridBoxes(bounds));
  }

  /** The houses within bounds, worst health first; no more than `limit` nor BOX_HOUSES_MAX. */
  inBox(bounds: Bounds, limit: number): House[] {
    return worstIn(this.#cells, this.#houses, gridBoxes(bounds), limit).map((slot) => this.#houseAt(slot));
  }

  #append(house: House): void {
    const { column, row } = this.#check(house);
    const slot = slotFor(this.#houses, this.#id);
    this.#houses.columns[slot] = column;
    this.#houses.rows[slot] = row;
    this.#houses.health[slot] = house.health;
  }

  /** Builds the cells over the appended houses. */
  #settle(): void {
    sortHouses(this.#houses);
    for (let slot = 0; slot < this.#houses.end; slot++) addHouse(this.#cells, this.#houses, slot, this.#stamp);
  }

  /** Reads the id into `#id` and gives the place on the grid. */
  #check({ id, longitude, latitude, health }: House): { column: number; row: number } {
    if (!parseUuid(id, this.#id)) throw new RangeError(`not a UUID: ${id}`);
    if (!Number.isFinite(longitude) || !Number.isFinite(latitude)) throw new RangeError(`no place on earth: ${id}`);
    if (!isHealth(health)) throw new RangeError(`no such health: ${String(health)}`);
    return { column: gridColumn(longitude), row: gridRow(latitude) };
  }

  #slotOf(id: string): number {
    return parseUuid(id, this.#id) ? findHouse(this.#houses, this.#id) : NO_HOUSE;
  }

  #houseAt(slot: number): House {
    const id = formatUuid(this.#houses.ids, 4 * slot);
    return { id, ...placeOf(this.#houses, slot), health: healthOf(this.#houses, slot) };
  }

  #recolour(slot: number, health: Health): boolean {
    if (this.#houses.health[slot] === health) return false;
    recolourHouse(this.#cells, this.#houses, slot, health, this.#touch());
    return true;
  }

  /** The number to stamp a change with: greater than every one that was given out. */
  #touch(): number {
    if (this.#seen) this.#stamp++;
    this.#seen = false;
    return this.#stamp;
  }
}

const WORLD: Bounds = { west: -180, south: -90, east: 180, north: 90 };

/** Whether there is such a tile: check what a request asks for before it gets here. */
export function isTile({ z, x, y }: Tile): boolean {
  return [z, x, y].every(Number.isInteger) && z >= 0 && z <= TILE_ZOOM_MAX && isWithin(x, z) && isWithin(y, z);
}

function requireTile(tile: Tile): void {
  if (!isTile(tile)) throw new RangeError(`no such tile: ${tile.z}/${tile.x}/${tile.y}`);
}

function isWithin(coordinate: number, zoom: number): boolean {
  return coordinate >= 0 && coordinate < 2 ** zoom;
}
