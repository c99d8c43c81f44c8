import { expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  addHouse,
  type Cells,
  cellCount,
  changedAt,
  createCells,
  eastSum,
  firstHouse,
  healthCount,
  houseCount,
  offsetAt,
  recolourHouse,
  removeHouse,
  southSum,
} from './cells.ts';
import { HEALTH, type Health } from './health.ts';
import { createHouses, deleteHouse, type Houses, NO_HOUSE, slotFor } from './houses.ts';
import { LEAF_HOUSES_MAX, LEVEL_MAX } from './levels.ts';
import { GRID_BITS } from './morton.ts';
import { walkBox } from './walk.ts';

interface Place {
  readonly column: number;
  readonly row: number;
  readonly health: Health;
}

type Step =
  | ({ readonly kind: 'put'; readonly name: number } & Place)
  | { readonly kind: 'take'; readonly name: number }
  | { readonly kind: 'recolour'; readonly name: number; readonly health: Health };

const LAST = 2 ** GRID_BITS - 1;
const name = fc.integer({ min: 0, max: 59 });
const health = fc.constantFrom(...Object.values(HEALTH));
/** Crowded corners and one point, so that leaves of all levels split, merge and overflow. */
const coordinate = fc.oneof(
  fc.constantFrom(0, 1, LAST, 12_345_678),
  fc.integer({ min: 12_345_600, max: 12_345_800 }),
  fc.integer({ min: 0, max: LAST }),
);
const put = fc.record({ kind: fc.constant('put' as const), name, column: coordinate, row: coordinate, health });
const take = fc.record({ kind: fc.constant('take' as const), name });
const recolour = fc.record({ kind: fc.constant('recolour' as const), name, health });
const history: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: put }, { weight: 2, arbitrary: take }, { weight: 1, arbitrary: recolour }),
  { maxLength: 250, size: 'max' },
);

test('every cell of every level counts the houses in it, and only needed cells exist', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { cells, houses, places } = replay(steps);
      let visited = 0;
      walkBox(
        cells,
        houses,
        { left: 0, top: 0, right: LAST, bottom: LAST },
        (cell, level, column, row) => {
          visited++;
          const shift = GRID_BITS - level;
          const within = [...places.values()].filter(
            (place) => place.column >>> shift === column && place.row >>> shift === row,
          );
          const seen = {
            houses: houseCount(cells, cell),
            health: Object.values(HEALTH).map((value) => healthCount(cells, cell, value)),
            east: eastSum(cells, cell),
            south: southSum(cells, cell),
            isLeaf: level === LEVEL_MAX || firstHouse(cells, cell) !== NO_HOUSE || within.length === 0,
          };
          expect(seen).toEqual({
            houses: within.length,
            health: Object.values(HEALTH).map((value) => within.filter((place) => place.health === value).length),
            east: within.reduce((sum, place) => sum + offsetAt(place.column, level), 0),
            south: within.reduce((sum, place) => sum + offsetAt(place.row, level), 0),
            isLeaf: level === LEVEL_MAX || within.length <= LEAF_HOUSES_MAX,
          });
          if (level > 0) expect(within.length).toBeGreaterThan(0);
          return true;
        },
        () => {},
      );
      expect(cellCount(cells)).toBe(visited);
    }),
    { numRuns: 60 },
  );
});

test('every house is listed in exactly one leaf', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { cells, houses, places } = replay(steps);
      const listed: Place[] = [];
      walkBox(
        cells,
        houses,
        { left: 0, top: 0, right: LAST, bottom: LAST },
        () => true,
        (slot) =>
          listed.push({
            column: houses.columns[slot]!,
            row: houses.rows[slot]!,
            health: houses.health[slot] as Health,
          }),
      );
      const sorted = (list: Iterable<Place>) => [...list].map((place) => JSON.stringify(place)).toSorted();
      expect(sorted(listed)).toEqual(sorted(places.values()));
    }),
    { numRuns: 60 },
  );
});

test('a cell knows of a change as late as the cells below it do', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { cells, houses } = replay(steps);
      const above: number[] = [];
      walkBox(
        cells,
        houses,
        { left: 0, top: 0, right: LAST, bottom: LAST },
        (cell, level) => {
          above[level] = changedAt(cells, cell);
          if (level > 0) expect(above[level]).toBeLessThanOrEqual(above[level - 1]!);
          return true;
        },
        () => {},
      );
    }),
    { numRuns: 60 },
  );
});

function replay(steps: readonly Step[]): { cells: Cells; houses: Houses; places: Map<number, Place> } {
  const cells = createCells();
  const houses = createHouses();
  const places = new Map<number, Place>();
  let stamp = 0;
  for (const step of steps) {
    stamp++;
    const known = places.get(step.name);
    const slot = known ? slotFor(houses, idOf(step.name)) : NO_HOUSE;
    if (step.kind === 'put') {
      if (known) removeHouse(cells, houses, slot, stamp);
      const place = slotFor(houses, idOf(step.name));
      houses.columns[place] = step.column;
      houses.rows[place] = step.row;
      houses.health[place] = step.health;
      addHouse(cells, houses, place, stamp);
      places.set(step.name, { column: step.column, row: step.row, health: step.health });
    } else if (known && step.kind === 'take') {
      removeHouse(cells, houses, slot, stamp);
      deleteHouse(houses, slot);
      places.delete(step.name);
    } else if (known && step.kind === 'recolour') {
      recolourHouse(cells, houses, slot, step.health, stamp);
      places.set(step.name, { ...known, health: step.health });
    }
  }
  return { cells, houses, places };
}

function idOf(number: number): Uint32Array {
  return Uint32Array.of(0, 0, 0, number);
}
