/** What the map draws: the houses of a cell as one spot, or a house that is alone in its cell. */
import { type Cells, changedAt, eastSum, firstHouse, healthCount, houseCount, offsetAt, southSum } from './cells.ts';
import { type Health, HEALTH } from './health.ts';
import { healthOf, type Houses, NO_HOUSE } from './houses.ts';
import { OFFSET_BITS } from './levels.ts';
import { GRID_BITS } from './morton.ts';
import { type GridBox, isInBox, walkBox } from './walk.ts';

export interface Spot {
  /** Its cell; for a lone house that is its step of the grid. */
  readonly level: number;
  readonly column: number;
  readonly row: number;
  /** The lone house, or NO_HOUSE. */
  readonly slot: number;
  /** The centre of its houses: how far from the world's west and north edge, in widths of the world. */
  readonly east: number;
  readonly south: number;
  readonly houses: number;
  readonly warning: number;
  /** Critical or offline. */
  readonly bad: number;
  /** The health of the house that is worst off. */
  readonly worst: Health;
}

/** The level that keeps all houses apart. */
export const HOUSE_LEVEL = GRID_BITS;

/**
 * Visits the spots of a level that may have changed after `since` (0: all of them): the cells of several houses that
 * touch the box, whole, and the lone houses in the box.
 */
export function visitSpots(
  cells: Cells,
  houses: Houses,
  box: GridBox,
  level: number,
  since: number,
  visit: (spot: Spot) => void,
): void {
  const shift = GRID_BITS - level;
  const pending: number[] = [];
  walkBox(cells, houses, box, enter, (slot) => visit(houseSpot(houses, slot)));

  function enter(cell: number, at: number, column: number, row: number): boolean {
    if (changedAt(cells, cell) <= since) return false;
    if (level === HOUSE_LEVEL) return true;
    if (at === level && houseCount(cells, cell) > 1) {
      visit(cellSpot(level, column, row, tallyOfCell(cells, cell)));
      return false;
    }
    const first = firstHouse(cells, cell);
    if (first === NO_HOUSE || at === level) return true;
    visitLeaf(first);
    return false;
  }

  /** A leaf above the level: its few houses by their cells of the level. */
  function visitLeaf(first: number): void {
    pending.length = 0;
    for (let slot = first; slot !== NO_HOUSE; slot = houses.next[slot]!) pending.push(slot);
    while (pending.length > 0) {
      const leader = pending[0]!;
      const column = houses.columns[leader]! >>> shift;
      const row = houses.rows[leader]! >>> shift;
      const tally = emptyTally();
      let kept = 0;
      for (const slot of pending) {
        const together = houses.columns[slot]! >>> shift === column && houses.rows[slot]! >>> shift === row;
        if (together) count(tally, houses, slot, level);
        else pending[kept++] = slot;
      }
      pending.length = kept;
      if (tally.houses > 1) {
        if (touches(column, row)) visit(cellSpot(level, column, row, tally));
      } else if (isInBox(houses, leader, box)) {
        visit(houseSpot(houses, leader));
      }
    }
  }

  function touches(column: number, row: number): boolean {
    return (
      column >= box.left >>> shift &&
      column <= box.right >>> shift &&
      row >= box.top >>> shift &&
      row <= box.bottom >>> shift
    );
  }
}

interface Tally {
  houses: number;
  warning: number;
  critical: number;
  offline: number;
  unknown: number;
  eastSum: number;
  southSum: number;
}

function emptyTally(): Tally {
  return { houses: 0, warning: 0, critical: 0, offline: 0, unknown: 0, eastSum: 0, southSum: 0 };
}

function tallyOfCell(cells: Cells, cell: number): Tally {
  return {
    houses: houseCount(cells, cell),
    warning: healthCount(cells, cell, HEALTH.warning),
    critical: healthCount(cells, cell, HEALTH.critical),
    offline: healthCount(cells, cell, HEALTH.offline),
    unknown: healthCount(cells, cell, HEALTH.unknown),
    eastSum: eastSum(cells, cell),
    southSum: southSum(cells, cell),
  };
}

function count(tally: Tally, houses: Houses, slot: number, level: number): void {
  const health = healthOf(houses, slot);
  tally.houses++;
  if (health === HEALTH.warning) tally.warning++;
  else if (health === HEALTH.critical) tally.critical++;
  else if (health === HEALTH.offline) tally.offline++;
  else if (health === HEALTH.unknown) tally.unknown++;
  tally.eastSum += offsetAt(houses.columns[slot]!, level);
  tally.southSum += offsetAt(houses.rows[slot]!, level);
}

function cellSpot(level: number, column: number, row: number, tally: Tally): Spot {
  const { houses, warning, critical, offline } = tally;
  return {
    level,
    column,
    row,
    slot: NO_HOUSE,
    east: (column + mean(tally.eastSum, houses)) / 2 ** level,
    south: (row + mean(tally.southSum, houses)) / 2 ** level,
    houses,
    warning,
    bad: critical + offline,
    worst: worstOf(tally),
  };
}

function houseSpot(houses: Houses, slot: number): Spot {
  const column = houses.columns[slot]!;
  const row = houses.rows[slot]!;
  const worst = healthOf(houses, slot);
  return {
    level: HOUSE_LEVEL,
    column,
    row,
    slot,
    east: (column + 0.5) / 2 ** HOUSE_LEVEL,
    south: (row + 0.5) / 2 ** HOUSE_LEVEL,
    houses: 1,
    warning: worst === HEALTH.warning ? 1 : 0,
    bad: worst === HEALTH.critical || worst === HEALTH.offline ? 1 : 0,
    worst,
  };
}

/** The middle of the houses in a cell, 0 to 1. */
function mean(sum: number, houses: number): number {
  return (sum / houses + 0.5) / 2 ** OFFSET_BITS;
}

function worstOf({ houses, warning, critical, offline, unknown }: Tally): Health {
  if (critical > 0) return HEALTH.critical;
  if (offline > 0) return HEALTH.offline;
  if (warning > 0) return HEALTH.warning;
  return unknown < houses ? HEALTH.ok : HEALTH.unknown;
}
