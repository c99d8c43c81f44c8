// Reads the towns that `node scripts/prepare.mjs` built; npm runs it before the tests.
import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { loadPlaces } from './places.ts';

const file = join(import.meta.dir, '../../ui/dist-basemap/places.json.gz');
const places = loadPlaces(file);

test('a town is found without accents, by any case and by its name in its own language', () => {
  expect(first('munchen')).toBe('Munich DE');
  expect(first('MÜNCHEN')).toBe('Munich DE');
  expect(first('Zurich')).toBe('Zürich CH');
  expect(first('lodz')).toBe('Łódź PL');
  expect(first('são pau')).toBe('São Paulo BR');
  expect(first('kobenhavn')).toBe('Copenhagen DK');
  expect(first('Mu\u0308nchen')).toBe('Munich DE');
});

test('the beginning of any word is enough, and punctuation does not count', () => {
  expect(first('new yo')).toBe('New York City US');
  expect(first('york')).toBe('New York City US');
  expect(first('  saint   den ')).toBe('Saint-Denis RE');
  expect(first('xi an')).toBe('Xi’an CN');
  expect(places.search('ork', 10_000).map((place) => place.name)).not.toContain('New York City');
});

test('the most populous town comes first, and no more come than asked for', () => {
  const found = places.search('springfield', 5);
  expect(found).toHaveLength(5);
  expect(found[0]).toMatchObject({ name: 'Springfield', country: 'US', region: 'MO' });
  const populations = places.search('san', 500).map((place) => place.population);
  expect(populations).toHaveLength(500);
  expect(populations).toEqual(populations.toSorted((left, right) => right - left));
});

test('each town is found once, with its own values', () => {
  const found = places.search('munchen', 100);
  expect(new Set(found.map((place) => `${place.latitude},${place.longitude}`)).size).toBe(found.length);
  expect(found[0]!.latitude).toBeCloseTo(48.137, 2);
  expect(found[0]!.longitude).toBeCloseTo(11.575, 2);
  expect(found[0]).not.toHaveProperty('region');
  expect(places.search('a', places.count).length).toBeLessThan(places.count);
});

test('the last and the least populous town is found, too', () => {
  const file107k = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { names: string; populations: number[] };
  const name = file107k.names.split('\n').at(-1)!;
  expect(places.count).toBe(file107k.populations.length);
  expect(places.search(name, places.count).at(-1)).toMatchObject({ name, population: file107k.populations.at(-1)! });
});

test('what has no letter, or is the name of no town, finds nothing', () => {
  for (const query of ['', '  ', '...', '\n', 'zzzzzz', 'x'.repeat(10_000), 'paris\nlondon'])
    expect(places.search(query, 10)).toEqual([]);
  expect(places.search('paris', 0)).toEqual([]);
});

test('a search costs less than five milliseconds of processor time', () => {
  // The whole list has to be read for a name that is nowhere in it.
  const rounds = 50;
  places.search('warm up', 8);
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) places.search(`qxz${round}`, 8);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000 / rounds).toBeLessThan(5);
});

test('a file that is no list of places is refused with its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'places-'));
  try {
    const path = join(folder, 'towns.json.gz');
    const columns = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { populations: number[] };
    for (const content of [
      Buffer.from('no gzip'),
      gzipSync('{"names":'),
      gzipSync(JSON.stringify({ ...columns, names: 5 })),
      gzipSync(JSON.stringify({ ...columns, populations: columns.populations.slice(1) })),
    ]) {
      writeFileSync(path, content);
      expect(() => loadPlaces(path)).toThrow(`${path} is not a list of places`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function first(query: string): string {
  const [place] = places.search(query, 1);
  return `${place?.name} ${place?.country}`;
}
