import { expect, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import { readCities } from './cities.ts';
import { encodePlaces, type PlacesFile } from './places.ts';

const cities = readCities();

test('every column has a value for every town, and the same towns give the same bytes', () => {
  const bytes = encodePlaces(cities, 'somebody');
  const file = JSON.parse(gunzipSync(bytes).toString()) as PlacesFile;
  const { names, countries, regions, latitudes, longitudes, populations } = file;
  const counts = [names.split('\n'), latitudes, longitudes, populations].map((column) => column.length);
  expect([...counts, countries.length / 2, regions.length / 3]).toEqual(Array.from({ length: 6 }, () => cities.length));
  expect(file.attribution).toBe('somebody');
  expect(populations.findIndex((population, row) => population > (populations[row - 1] ?? Infinity))).toBe(-1);
  const row = names.split('\n').indexOf('Munich');
  expect(file.otherNames[row]).toContain('München');
  expect([latitudes[row]! / 1e5, longitudes[row]! / 1e5]).toEqual([cities[row]!.latitude, cities[row]!.longitude]);
  expect(Buffer.from(encodePlaces(readCities(), 'somebody')).equals(bytes)).toBeTrue();
});

test('another name for a town that is not in the list stops the build', () => {
  expect(() => encodePlaces(cities.slice(0, 100), 'somebody')).toThrow('DE Nürnberg');
});
