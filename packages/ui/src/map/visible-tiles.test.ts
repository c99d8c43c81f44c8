import { expect, test } from 'bun:test';
import { boxOf, tileKey, visibleTiles, wrap } from './visible-tiles.ts';

const MANY = 1000;

function keys(...input: Parameters<typeof visibleTiles>): string[] {
  return visibleTiles(...input)
    .map(tileKey)
    .toSorted();
}

test('the whole world is one tile at zoom 0, however often it is seen', () => {
  expect(keys({ west: -180, south: -85, east: 180, north: 85 }, 0.9, 16, MANY)).toEqual(['0/0/0']);
  expect(keys({ west: -500, south: -89, east: 700, north: 89 }, 0, 16, MANY)).toEqual(['0/0/0']);
});

test('a view of a town is the tiles that touch it', () => {
  // Milan: the tile of zoom 9 around 9.19° E, 45.46° N.
  expect(keys({ west: 9.15, south: 45.44, east: 9.25, north: 45.5 }, 9.99, 16, MANY)).toEqual(['9/269/183']);
  expect(keys({ west: -1, south: -1, east: 1, north: 1 }, 1, 16, MANY)).toEqual(['1/0/0', '1/0/1', '1/1/0', '1/1/1']);
});

test('a view across the antimeridian has the tiles of both ends of the world', () => {
  expect(keys({ west: 170, south: 5, east: 190, north: 20 }, 3, 16, MANY)).toEqual(['3/0/3', '3/7/3']);
  expect(keys({ west: -190, south: 5, east: -170, north: 20 }, 3, 16, MANY)).toEqual(['3/0/3', '3/7/3']);
});

test('an edge between two tiles belongs to the one in view', () => {
  expect(keys({ west: 0, south: 0, east: 90, north: 60 }, 2, 16, MANY)).toEqual(['2/2/1']);
});

test('a deeper view than the deepest tiles is of the deepest tiles', () => {
  const [tile] = visibleTiles({ west: 9.1899, south: 45.4599, east: 9.1901, north: 45.4601 }, 19, 16, MANY);
  expect(tile?.z).toBe(16);
});

test('where there are too many tiles, the ones in the middle stay', () => {
  const bounds = { west: -180, south: -85, east: 180, north: 85 };
  const tiles = visibleTiles(bounds, 4, 16, 4);
  expect(tiles.map(tileKey).toSorted()).toEqual(['4/7/7', '4/7/8', '4/8/7', '4/8/8']);
});

test('a box never names a longitude twice', () => {
  expect(boxOf({ west: 170, south: -10, east: 190, north: 10 })).toBe('170.00000,-10.00000,-170.00000,10.00000');
  expect(boxOf({ west: -200, south: -90, east: 200, north: 90 })).toBe('-180.00000,-85.05113,180.00000,85.05113');
});

test('a longitude any number of turns away is the same place', () => {
  expect(wrap(190)).toBe(-170);
  expect(wrap(-190)).toBe(170);
  expect(wrap(9.19 + 720)).toBeCloseTo(9.19);
});
