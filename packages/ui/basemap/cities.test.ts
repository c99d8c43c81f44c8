import { expect, test } from 'bun:test';
import { cityLayers, labelZooms, readCities, type City } from './cities.ts';

const cities = readCities();
const zooms = labelZooms(cities);

test('towns come by population, each once, with plausible coordinates', () => {
  expect(cities.length).toBeGreaterThan(100_000);
  const strange = cities.filter(
    (city, index) =>
      city.population > (cities[index - 1]?.population ?? Infinity) ||
      !/^[A-Z]{2}$/.test(city.country) ||
      Math.abs(city.latitude) > 85 ||
      Math.abs(city.longitude) > 180,
  );
  expect(strange).toEqual([]);
  expect(cities.filter((city) => city.name === 'New York City').map((city) => city.region)).toEqual(['NY']);
});

test('great cities are labelled from afar, their suburbs from near', () => {
  const zoomOf = (name: string): number => zooms[cities.findIndex((city) => city.name === name)]!;
  for (const name of ['Beijing', 'Moscow', 'Mexico City', 'Buenos Aires']) expect(zoomOf(name)).toBeLessThanOrEqual(3);
  expect(zoomOf('Milan')).toBeLessThan(zoomOf('Monza'));
  expect(zoomOf('Monza')).toBeLessThan(zoomOf('Lissone'));
});

test('of two towns in each other’s way the more important has its label first', () => {
  const town = (name: string, population: number, longitude: number, capital = false): City => ({
    name,
    country: 'XX',
    region: '',
    capital,
    population,
    longitude,
    latitude: 0,
  });
  const [large, small, far] = labelZooms([town('large', 5e6, 0), town('small', 4e6, 0.5), town('far', 3.5e6, 90)]);
  expect(large).toBe(2);
  expect(far).toBe(2);
  expect(small).toBeGreaterThan(5);
  const [port, capital] = labelZooms([town('port', 5e6, 0), town('capital', 4e6, 0.5, true)]);
  expect(capital).toBe(2);
  expect(port).toBeGreaterThan(5);
});

test('each level holds the labels of the next, and the deepest holds every town', () => {
  const layers = cityLayers(cities, 6);
  expect(layers.map((layer) => layer.zoomMin)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const { zoomMin, features } of layers.slice(0, -1))
    expect(features.length).toBe(zooms.filter((zoom) => zoom <= zoomMin + 1).length);
  expect(layers.at(-1)!.features.length).toBe(cities.length);
});
