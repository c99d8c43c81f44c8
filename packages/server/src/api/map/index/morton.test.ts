import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { cellCode, GRID_BITS, gridColumn, gridRow, latitudeAt, longitudeAt, mortonOrder } from './morton.ts';

const GRID_SIZE = 2 ** GRID_BITS;

describe('the grid', () => {
  test('a place comes back within one step', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -85, max: 85, noNaN: true }),
        (longitude, latitude) => {
          const stepDegrees = 360 / GRID_SIZE;
          const east = (gridColumn(longitude) + 0.5) / GRID_SIZE;
          const south = (gridRow(latitude) + 0.5) / GRID_SIZE;
          const turned = Math.abs(longitudeAt(east) - longitude) % 360;
          expect(Math.min(turned, 360 - turned)).toBeLessThan(stepDegrees);
          expect(Math.abs(latitudeAt(south) - latitude)).toBeLessThan(stepDegrees);
        },
      ),
    );
  });

  test('the antimeridian is one column, from either side and after any number of turns', () => {
    for (const longitude of [-180, 180, 540, -540]) expect(gridColumn(longitude)).toBe(0);
    expect(gridColumn(179.9999999)).toBe(GRID_SIZE - 1);
    expect(gridColumn(-1e-20)).toBe(GRID_SIZE / 2);
    expect(gridColumn(190)).toBe(gridColumn(-170));
  });

  test('the poles are the first and the last row', () => {
    expect([gridRow(90), gridRow(86), gridRow(-86), gridRow(-90)]).toEqual([0, 0, GRID_SIZE - 1, GRID_SIZE - 1]);
    expect(gridRow(0)).toBe(GRID_SIZE / 2);
  });
});

test('every cell of every level has a code of its own', () => {
  const cell = fc.integer({ min: 0, max: GRID_BITS }).chain((level) =>
    fc.record({
      level: fc.constant(level),
      column: fc.integer({ min: 0, max: 2 ** level - 1 }),
      row: fc.integer({ min: 0, max: 2 ** level - 1 }),
    }),
  );
  fc.assert(
    fc.property(cell, ({ level, column, row }) => {
      // Reads the bits of column and row back out of the code.
      let rest = cellCode(level, column, row);
      let [readLevel, readColumn, readRow] = [0, 0, 0];
      for (; rest > 1; rest = Math.floor(rest / 4), readLevel++) {
        readColumn += (rest % 2) * 2 ** readLevel;
        readRow += (Math.floor(rest / 2) % 2) * 2 ** readLevel;
      }
      expect([readLevel, readColumn, readRow]).toEqual([level, column, row]);
    }),
  );
});

test('the order of the houses is that of the codes of their cells of level 16', () => {
  const coordinates = fc.array(
    fc.tuple(fc.integer({ min: 0, max: GRID_SIZE - 1 }), fc.integer({ min: 0, max: GRID_SIZE - 1 })),
  );
  fc.assert(
    fc.property(coordinates, (places) => {
      const columns = Int32Array.from(places, ([column]) => column);
      const rows = Int32Array.from(places, ([, row]) => row);
      const order = mortonOrder(columns, rows, places.length);
      const codes = [...order].map((slot) => cellCode(16, columns[slot]! >>> 10, rows[slot]! >>> 10));
      expect(codes).toEqual(codes.toSorted((one, other) => one - other));
      expect([...order].toSorted((one, other) => one - other)).toEqual(places.map((_, slot) => slot));
    }),
  );
});
