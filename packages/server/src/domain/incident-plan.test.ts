import { expect, test } from 'bun:test';
import { planIncidents, type Loose, type Square } from './incident-plan.ts';

/** A square this many rows north and columns east of one near Milan. */
const cell = (north: number, east: number): number => (1354 + north) * 3600 + 1891 + east;
const square = (north: number, east: number, houses: number, housesInFleet = houses): Square => ({
  cell: cell(north, east),
  houses,
  housesInFleet,
});
const loose = (given: Partial<Loose>): Loose => ({
  houses: (given.squares ?? []).reduce((sum, { houses }) => sum + houses, 0),
  squares: [],
  traits: [],
  housesInFleet: 100_000,
  housesInPlaces: 0,
  housesInLargestPlace: 0,
  places: 0,
  ...given,
});

test('a few houses are no incident', () => {
  expect(planIncidents(loose({ squares: [square(0, 0, 4)] }))).toEqual([]);
});

test('squares that touch are one place, those apart are another', () => {
  const squares = [square(0, 0, 3), square(1, 1, 900), square(2, 1, 40), square(30, 0, 10), square(60, 0, 1)];
  const [large, small, ...others] = planIncidents(loose({ squares }));
  expect(large).toEqual({ kind: 'place', cells: [cell(0, 0), cell(1, 1), cell(2, 1)] });
  expect(small).toEqual({ kind: 'place', cells: [cell(30, 0)] });
  expect(others).toEqual([]);
});

test('squares on both sides of the antimeridian touch', () => {
  const [west, east] = [100 * 3600, 100 * 3600 + 3599];
  const squares = [west, east].map((at) => ({ cell: at, houses: 3, housesInFleet: 3 }));
  expect(planIncidents(loose({ squares }))).toEqual([{ kind: 'place', cells: [west, east] }]);
});

test('what a few of very many houses have is no incident of their town', () => {
  expect(planIncidents(loose({ squares: [square(0, 0, 10, 50_000)] }))).toEqual([]);
});

test('what is as common anywhere else is no incident of one place', () => {
  const squares = [square(0, 0, 20, 1000), ...Array.from({ length: 10 }, (_, at) => square(10 + at * 5, 0, 4, 100))];
  expect(planIncidents(loose({ squares, housesInFleet: 2000 }))).toEqual([]);
  expect(planIncidents(loose({ squares, housesInFleet: 20_000 })).map(({ kind }) => kind)).toEqual(['place']);
});

test('houses far apart with something rare in common are one incident, named by what is rarest', () => {
  const squares = Array.from({ length: 40 }, (_, at) => square(at * 5, 0, 20, 1000));
  const traits = [
    { attribute: 'client', value: 'one', houses: 800, fleetShare: 1 },
    { attribute: 'firmware', value: '2.1', houses: 795, fleetShare: 0.03 },
    { attribute: 'model', value: 'box', houses: 800, fleetShare: 0.3 },
  ] as const;
  expect(planIncidents(loose({ squares, traits }))).toEqual([
    { kind: 'trait', trait: { attribute: 'firmware', value: '2.1' } },
  ]);
});

test('where most houses are in one place, that is what they are told by', () => {
  const squares = [square(0, 0, 500), square(40, 0, 20)];
  const traits = [{ attribute: 'firmware', value: '2.1', houses: 520, fleetShare: 0.03 }] as const;
  expect(planIncidents(loose({ squares, traits })).map(({ kind }) => kind)).toEqual(['place', 'place']);
});

test('a good part of the whole fleet is one incident of the fleet, with or without places on the map', () => {
  const squares = Array.from({ length: 40 }, (_, at) => square(at * 5, 0, 200, 1000));
  expect(planIncidents(loose({ squares }))).toEqual([{ kind: 'fleet' }]);
  expect(planIncidents(loose({ houses: 6000 }))).toEqual([{ kind: 'fleet' }]);
  expect(planIncidents(loose({ houses: 4000 }))).toEqual([]);
  const places = { housesInPlaces: 2500, housesInLargestPlace: 500, places: 5 };
  expect(planIncidents(loose({ houses: 4000, ...places }))).toEqual([{ kind: 'fleet' }]);
});

test('a large town that is struck makes nothing of the few that are missed elsewhere', () => {
  const squares = Array.from({ length: 100 }, (_, at) => square(at * 5, 0, 1, 1000));
  const milan = { housesInPlaces: 20_000, housesInLargestPlace: 20_000, places: 1 };
  expect(planIncidents(loose({ squares, ...milan }))).toEqual([]);
});
