/**
 * The features of a tile: the spots of one level of cells or, near enough, every house.
 *
 * Feature ids follow from the data alone, so they are the same in every process, at every zoom and after every restart,
 * and a browser's feature-state stays true to its feature. All fit 53 bits.
 *  - a cell: its `cellCode`, 4^level + the interleaved bits of its column and row; below 2^37
 *  - a house, lone in its cell or near: 2^52 + 52 bits of a hash of its id. The chance that any two of 10,000 houses in
 *    view share one is 1 to 10^8; such two would share their live colour until the tile is fetched again
 */
import { type Cells, houseCount, reshapedAt } from './cells.ts';
import type { Health } from './health.ts';
import { type Houses, NO_HOUSE } from './houses.ts';
import { cellLevel, HOUSE_ZOOM_MIN, TILE_HOUSES_MAX } from './levels.ts';
import { cellCode } from './morton.ts';
import { HOUSE_LEVEL, type Spot, visitSpots } from './spots.ts';
import { hashUuid } from './uuid.ts';
import { type Tile, tileBox, walkBox } from './walk.ts';

/** What a feature now is; the same names and meanings as the properties in a tile. */
export interface Feature {
  /** The feature's id. */
  readonly id: number;
  /** How many houses. */
  readonly n: number;
  /** How many of them have a warning. */
  readonly w: number;
  /** How many of them are down: critical or offline. */
  readonly b: number;
  /** The worst health among them: critical, offline, warning, ok, and unknown only where no house ever connected. */
  readonly h: Health;
}

/** The features of a tile of which anything may have changed after `since`; 0 visits them all. */
export function visitFeatures(
  cells: Cells,
  houses: Houses,
  tile: Tile,
  since: number,
  visit: (feature: Feature, spot: Spot) => void,
): void {
  visitSpots(cells, houses, tileBox(tile), featureLevel(cells, houses, tile), since, (spot) => {
    const { houses: n, warning: w, bad: b, worst: h } = spot;
    visit({ id: featureId(houses, spot), n, w, b, h }, spot);
  });
}

/** When the set of features of a tile last changed, or later. */
export function featuresReshapedAt(cells: Cells, houses: Houses, tile: Tile): number {
  return reshapedAt(cells, deepestCell(cells, houses, tile));
}

function featureId(houses: Houses, { slot, level, column, row }: Spot): number {
  if (slot === NO_HOUSE) return cellCode(level, column, row);
  const upper = hashUuid(houses.ids, 4 * slot, 1) & 0xfffff;
  return 2 ** 52 + upper * 2 ** 32 + hashUuid(houses.ids, 4 * slot, 2);
}

function featureLevel(cells: Cells, houses: Houses, tile: Tile): number {
  const few = houseCount(cells, deepestCell(cells, houses, tile)) <= TILE_HOUSES_MAX;
  return tile.z >= HOUSE_ZOOM_MIN && few ? HOUSE_LEVEL : cellLevel(tile.z);
}

/** The tile's own cell, or the smallest above it that there is. */
function deepestCell(cells: Cells, houses: Houses, tile: Tile): number {
  let deepest = 0;
  walkBox(
    cells,
    houses,
    tileBox(tile),
    (cell, level) => {
      deepest = cell;
      return level < tile.z;
    },
    () => {},
  );
  return deepest;
}
