import { expect, test } from 'bun:test';
import { geoContains } from 'd3-geo';
import type { Point } from 'geojson';
import { feature } from 'topojson-client';
import world from 'world-atlas/countries-50m.json' with { type: 'json' };
import { countryLabels } from './labels.ts';

const labels = countryLabels().map(({ geometry, properties }) => ({
  at: (geometry as Point).coordinates as [number, number],
  name: String(properties?.name),
  zoom: Number(properties?.zoom),
  area: Number(properties?.area),
}));
const countries = feature(world, world.objects.countries).features.filter(
  (country) => !['Antarctica', 'Siachen Glacier'].includes(country.properties.name),
);

test('no label is abbreviated', () => {
  expect(labels.map((label) => label.name).filter((name) => /\.|\band\b.*\bIs\b/.test(name))).toEqual([]);
  expect(labels.some((label) => label.name === 'Central African Republic')).toBeTrue();
});

test('every country large enough to be seen has its label on its own land', () => {
  const strays = labels.filter(({ at, area }, index) => area >= 10 && !geoContains(countries[index]!, at));
  expect(strays).toEqual([]);
});

test('larger countries are labelled first, and Antarctica never', () => {
  const zoomOf = (name: string): number | undefined => labels.find((label) => label.name === name)?.zoom;
  expect(zoomOf('Russia')!).toBeLessThan(zoomOf('France')!);
  expect(zoomOf('France')!).toBeLessThan(zoomOf('Luxembourg')!);
  expect(zoomOf('Antarctica')).toBeUndefined();
});
