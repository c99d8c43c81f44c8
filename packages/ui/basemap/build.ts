// Builds the offline basemap from npm packages: bun packages/ui/basemap/build.ts --out DIR
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cityLayers, readCities } from './cities.ts';
import { labelLayers } from './labels.ts';
import { landLayers } from './land.ts';
import { encodePlaces } from './places.ts';
import { encodeArchive } from './pmtiles-writer.ts';
import { cutTiles } from './tiles.ts';

// Natural Earth is in the public domain, GeoNames asks to be named: https://www.geonames.org/export/
const attribution = 'Natural Earth · GeoNames (CC BY 4.0)';
/** Natural Earth has about one kilometre of detail: a browser enlarges the tiles of this level for the deeper ones. */
const zoomMax = 6;

if (import.meta.main) main();

function main(): void {
  const { out } = parseArgs({ options: { out: { type: 'string' } } }).values;
  if (out === undefined) throw new Error('usage: bun packages/ui/basemap/build.ts --out DIR');
  const started = performance.now();
  const cities = readCities();
  const layers = [...landLayers(zoomMax), ...labelLayers(zoomMax), ...cityLayers(cities, zoomMax)];
  const tiles = cutTiles(layers, zoomMax);
  const metadata = {
    name: 'world',
    format: 'pbf',
    attribution,
    vector_layers: [...new Set(layers.map((layer) => layer.name))].map((id) => ({ id, fields: {} })),
  };
  const world = encodeArchive(tiles, { zoomMin: 0, zoomMax, metadata });
  const places = encodePlaces(cities, 'GeoNames (CC BY 4.0)');
  mkdirSync(out, { recursive: true });
  replaceFile(join(out, 'world.pmtiles'), world);
  replaceFile(join(out, 'places.json.gz'), places);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `basemap: ${tiles.length} tiles in ${world.length} bytes, ${cities.length} places in ${places.length} bytes, ${seconds} s`,
  );
}

/** Whoever reads the file sees the old or the new one, never half of it. */
function replaceFile(path: string, content: Uint8Array): void {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}
