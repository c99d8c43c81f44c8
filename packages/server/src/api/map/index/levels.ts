/**
 * Which cells a zoom level shows. A cell of level L is one of the 2^L × 2^L squares of the world; a tile of zoom z is a
 * cell of level z. A tile shows the cells of one level inside it, so the number of its features is bounded.
 */
import { GRID_BITS } from './morton.ts';

/** How finely a cell knows where its houses are: 8 bits an axis. */
export const OFFSET_BITS = 8;

/** The smallest cells, 150 m at the equator: a house's offset inside one is exact. */
export const LEVEL_MAX = GRID_BITS - OFFSET_BITS;

/** How many houses a cell may have before it gets cells below it. */
export const LEAF_HOUSES_MAX = 8;

/** The deepest tiles. A browser enlarges them further: a tile's steps are then 0.15 m. */
export const TILE_ZOOM_MAX = 16;

/** From this zoom on a tile shows its houses one by one, as long as they are no more than TILE_HOUSES_MAX. */
export const HOUSE_ZOOM_MIN = 11;

/** Half as many as a tile of cells may have: a house in a tile costs some 70 bytes. More are shown as cells. */
export const TILE_HOUSES_MAX = 2048;

/** How many houses one index may hold: the sum of their offsets in one cell must fit 32 bits. */
export const FLEET_HOUSES_MAX = 2 ** (32 - OFFSET_BITS);

/** How many cells of a level a box may cover before a coarser level answers. */
export const CLUSTER_CELLS_MAX = 4096;

/** How many houses one look-up by box gives. */
export const BOX_HOUSES_MAX = 1000;

/** The level of the cells that tiles of a zoom show: 128 × 128 a tile when far out, 64 × 64 when nearer. */
export function cellLevel(zoom: number): number {
  return zoom <= 5 ? zoom + 7 : Math.min(zoom + 6, LEVEL_MAX);
}
