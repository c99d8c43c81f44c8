/** Boxes on the grid, and the one walk through the cells that touch a box. */
import { type Cells, firstBelow, firstHouse, NO_CELL, nextBeside, quarterOf, ROOT } from './cells.ts';
import { type Houses, NO_HOUSE } from './houses.ts';
import { GRID_BITS, gridColumn, gridRow } from './morton.ts';

/** A box in degrees. `west` may be greater than `east`: it then crosses the antimeridian. */
export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** A box in steps of the grid, all four edges included. */
export interface GridBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Tile {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

const GRID_LAST = 2 ** GRID_BITS - 1;

/** The one or two boxes on the grid that cover the bounds. */
export function gridBoxes({ west, south, east, north }: Bounds): GridBox[] {
  if (![west, south, east, north].every(Number.isFinite)) throw new RangeError('bounds must be finite numbers');
  const top = gridRow(north);
  const bottom = gridRow(south);
  if (Math.abs(east - west) >= 360) return [{ left: 0, top, right: GRID_LAST, bottom }];
  const left = gridColumn(west);
  const right = gridColumn(east);
  if (left <= right) return [{ left, top, right, bottom }];
  return [
    { left, top, right: GRID_LAST, bottom },
    { left: 0, top, right, bottom },
  ];
}

export function tileBox({ z, x, y }: Tile): GridBox {
  const size = 2 ** (GRID_BITS - z);
  return { left: x * size, top: y * size, right: (x + 1) * size - 1, bottom: (y + 1) * size - 1 };
}

export function isInBox(houses: Houses, slot: number, box: GridBox): boolean {
  const column = houses.columns[slot]!;
  const row = houses.rows[slot]!;
  return column >= box.left && column <= box.right && row >= box.top && row <= box.bottom;
}

/**
 * Whether to go on to the cells below, or to the houses of a leaf. `column` and `row` number the cells of the level;
 * `inside` says that the whole cell is in the box.
 */
export type Enter = (cell: number, level: number, column: number, row: number, inside: boolean) => boolean;

/** Enters every cell that touches the box, a cell before the ones below it, and visits the houses in the box. */
export function walkBox(cells: Cells, houses: Houses, box: GridBox, enter: Enter, visit: (slot: number) => void): void {
  const { left, top, right, bottom } = box;
  step(ROOT, 0, 0, 0, false);

  function step(cell: number, level: number, column: number, row: number, parentInside: boolean): void {
    let inside = parentInside;
    if (!inside) {
      const shift = GRID_BITS - level;
      const west = column << shift;
      const north = row << shift;
      const east = west + (1 << shift) - 1;
      const south = north + (1 << shift) - 1;
      if (west > right || east < left || north > bottom || south < top) return;
      inside = west >= left && east <= right && north >= top && south <= bottom;
    }
    if (!enter(cell, level, column, row, inside)) return;
    for (let house = firstHouse(cells, cell); house !== NO_HOUSE; house = houses.next[house]!) {
      if (inside || isInBox(houses, house, box)) visit(house);
    }
    for (let child = firstBelow(cells, cell); child !== NO_CELL; child = nextBeside(cells, child)) {
      const quarter = quarterOf(cells, child);
      step(child, level + 1, 2 * column + (quarter & 1), 2 * row + (quarter >>> 1), inside);
    }
  }
}
