// The towns as columns, for a search without internet.
import { gzipSync } from 'node:zlib';
import type { City } from './cities.ts';
import { otherNames } from './other-names.ts';

/**
 * The content of places.json.gz: one row for each town in every column, the most populous first. Names are one text with
 * a line for each row, countries one with two letters for each, regions one with three (padded); degrees are times 100,000.
 */
export type PlacesFile = {
  attribution: string;
  names: string;
  /** Well-known names in other languages, by row. */
  otherNames: Record<string, string>;
  countries: string;
  regions: string;
  latitudes: number[];
  longitudes: number[];
  populations: number[];
};

/** The bytes of places.json.gz. */
export function encodePlaces(cities: readonly City[], attribution: string): Uint8Array {
  const file: PlacesFile = {
    attribution,
    names: cities.map((city) => city.name).join('\n'),
    otherNames: otherNamesByRow(cities),
    countries: cities.map((city) => city.country).join(''),
    regions: cities.map((city) => city.region.padEnd(3)).join(''),
    latitudes: cities.map((city) => Math.round(city.latitude * 1e5)),
    longitudes: cities.map((city) => Math.round(city.longitude * 1e5)),
    populations: cities.map((city) => city.population),
  };
  return gzipSync(JSON.stringify(file), { level: 9 });
}

/** A name stands for the most populous town of that name in its country. */
function otherNamesByRow(cities: readonly City[]): Record<string, string> {
  const missing = new Map(Object.entries(otherNames));
  const byRow: Record<string, string> = {};
  cities.forEach((city, row) => {
    const key = `${city.country} ${city.name}`;
    const names = missing.get(key);
    if (names === undefined) return;
    byRow[row] = names;
    missing.delete(key);
  });
  if (missing.size > 0)
    throw new Error(`other-names.ts names towns that are not there: ${[...missing.keys()].join(', ')}`);
  return byRow;
}
