/** Counts of what is in a box: by cell for the donuts of the map, by health for its heading, by house for its list. */
import { type Cells, healthCount } from './cells.ts';
import { type Health, HEALTH, WORST_FIRST } from './health.ts';
import { healthOf, type Houses } from './houses.ts';
import { BOX_HOUSES_MAX, CLUSTER_CELLS_MAX } from './levels.ts';
import { cellCode, GRID_BITS, latitudeAt, longitudeAt } from './morton.ts';
import { visitSpots } from './spots.ts';
import { type GridBox, walkBox } from './walk.ts';

export interface Cluster {
  /** The code of its cell, for a lone house that of its step of the grid: the same one means the same place. */
  readonly cell: number;
  /** The centre of its houses, in degrees. */
  readonly longitude: number;
  readonly latitude: number;
  readonly houses: number;
  readonly warning: number;
  /** Critical or offline. */
  readonly bad: number;
}

export interface Summary {
  houses: number;
  ok: number;
  warning: number;
  critical: number;
  offline: number;
  unknown: number;
}

/**
 * The cells of a level that touch the boxes, with whole counts, and the lone houses in them. A coarser level answers
 * where the boxes cover more than CLUSTER_CELLS_MAX cells.
 */
export function clustersIn(cells: Cells, houses: Houses, boxes: readonly GridBox[], level: number): Cluster[] {
  let finest = level;
  while (cellsCovered(boxes, finest) > CLUSTER_CELLS_MAX) finest--;
  // By cell, because both boxes of bounds across the antimeridian may touch the same one.
  const clusters = new Map<number, Cluster>();
  for (const box of boxes) {
    visitSpots(cells, houses, box, finest, 0, (spot) => {
      const cell = cellCode(spot.level, spot.column, spot.row);
      const { houses: count, warning, bad } = spot;
      const longitude = longitudeAt(spot.east);
      const latitude = latitudeAt(spot.south);
      clusters.set(cell, { cell, longitude, latitude, houses: count, warning, bad });
    });
  }
  return [...clusters.values()];
}

export function summaryOf(cells: Cells, houses: Houses, boxes: readonly GridBox[]): Summary {
  const counts: Record<Health, number> = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
  for (const box of boxes) {
    walkBox(
      cells,
      houses,
      box,
      (cell, _level, _column, _row, inside) => {
        if (inside) for (const health of WORST_FIRST) counts[health] += healthCount(cells, cell, health);
        return !inside;
      },
      (slot) => counts[healthOf(houses, slot)]++,
    );
  }
  return {
    houses: counts[0] + counts[1] + counts[2] + counts[3] + counts[4],
    ok: counts[HEALTH.ok],
    warning: counts[HEALTH.warning],
    critical: counts[HEALTH.critical],
    offline: counts[HEALTH.offline],
    unknown: counts[HEALTH.unknown],
  };
}

/** Up to `limit` slots of houses in the boxes, worst health first: one walk a health, past the cells that have none. */
export function worstIn(cells: Cells, houses: Houses, boxes: readonly GridBox[], limit: number): number[] {
  const slots: number[] = [];
  const most = Math.min(limit, BOX_HOUSES_MAX);
  for (const health of WORST_FIRST) {
    for (const box of boxes) {
      walkBox(
        cells,
        houses,
        box,
        (cell) => slots.length < most && healthCount(cells, cell, health) > 0,
        (slot) => {
          if (slots.length < most && healthOf(houses, slot) === health) slots.push(slot);
        },
      );
    }
  }
  return slots;
}

/** Where a house stands: the middle of its step of the grid, in degrees. */
export function placeOf(houses: Houses, slot: number): { longitude: number; latitude: number } {
  return {
    longitude: longitudeAt((houses.columns[slot]! + 0.5) / 2 ** GRID_BITS),
    latitude: latitudeAt((houses.rows[slot]! + 0.5) / 2 ** GRID_BITS),
  };
}

function cellsCovered(boxes: readonly GridBox[], level: number): number {
  const shift = GRID_BITS - level;
  return boxes.reduce((sum, { left, top, right, bottom }) => {
    const columns = (right >>> shift) - (left >>> shift) + 1;
    const rows = (bottom >>> shift) - (top >>> shift) + 1;
    return sum + columns * rows;
  }, 0);
}
