import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { PMTiles } from 'pmtiles';
import { cityLayers, readCities } from './cities.ts';
import { labelLayers } from './labels.ts';
import { landLayers } from './land.ts';
import { encodeArchive } from './pmtiles-writer.ts';
import { cutTiles, type Tile } from './tiles.ts';

test('the reader finds every tile of zoom 0 to 4 as it was cut, and no other', async () => {
  // Without the finest coasts, which begin at zoom 4 and take seconds to cut.
  const tiles = cutTiles([...landLayers(3), ...labelLayers(4), ...cityLayers(readCities(), 6)], 4);
  const metadata = { attribution: 'nobody' };
  const archive = open(encodeArchive(tiles, { zoomMin: 0, zoomMax: 4, metadata }));
  expect(await readTiles(archive, 4)).toEqual(digests(tiles, gunzipSync));
  expect(await archive.getMetadata()).toEqual(metadata);
  expect(await archive.getHeader()).toMatchObject({
    minZoom: 0,
    maxZoom: 4,
    clustered: true,
    minLon: -180,
    maxLon: 180,
  });

  expect(layersOf(tiles, '0/0/0')).toEqual(['border', 'coast', 'country', 'land', 'sea']);
  expect(layersOf(tiles, '3/4/2')).toEqual(['border', 'city', 'coast', 'country', 'lakes', 'land', 'rivers']);
});

test('an archive with more entries than fit in the root has leaves', async () => {
  const zoomMax = 7;
  const tiles: Tile[] = [];
  for (let x = 0; x < 2 ** zoomMax; x++) {
    for (let y = 0; y < 2 ** zoomMax; y++) {
      // Some tiles are missing, some are the same, most differ in content and length.
      const data = new Uint8Array(y % 8 === 0 ? 2 : 1 + ((x * 31 + y * 17) % 977)).fill(y % 8 === 0 ? 0 : x);
      if (x % 8 !== 0) tiles.push({ zoom: zoomMax, x, y, data });
    }
  }
  const archive = open(encodeArchive(tiles, { zoomMin: 0, zoomMax, metadata: {} }), async (data) => data);
  expect(await readTiles(archive, zoomMax)).toEqual(digests(tiles, (data) => data));
  const header = await archive.getHeader();
  expect(header.leafDirectoryLength).toBeGreaterThan(0);
  expect(header.rootDirectoryOffset + header.rootDirectoryLength).toBeLessThanOrEqual(16_384);
  expect(header.numAddressedTiles).toBe(tiles.length);
  expect(header.numTileContents).toBe(new Set(tiles.map((tile) => digest(tile.data))).size);
});

test('the same inputs give the same bytes', () => {
  const build = (): Uint8Array => {
    const tiles = cutTiles([...landLayers(2), ...labelLayers(2), ...cityLayers(readCities(), 6)], 2);
    return encodeArchive(tiles, { zoomMin: 0, zoomMax: 2, metadata: { name: 'world' } });
  };
  expect(digest(build())).toBe(digest(build()));
});

function open(bytes: Uint8Array, decompress?: (data: ArrayBuffer) => Promise<ArrayBuffer>): PMTiles {
  const source = {
    getKey: () => 'memory',
    getBytes: async (offset: number, length: number) => ({
      data: Uint8Array.from(bytes.subarray(offset, offset + length)).buffer,
    }),
  };
  return new PMTiles(source, undefined, decompress);
}

async function readTiles(archive: PMTiles, zoomMax: number): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (let zoom = 0; zoom <= zoomMax; zoom++) {
    for (let x = 0; x < 2 ** zoom; x++) {
      for (let y = 0; y < 2 ** zoom; y++) {
        const tile = await archive.getZxy(zoom, x, y);
        if (tile !== undefined) found[`${zoom}/${x}/${y}`] = digest(new Uint8Array(tile.data));
      }
    }
  }
  return found;
}

function digests(tiles: readonly Tile[], decompress: (data: Uint8Array) => Uint8Array): Record<string, string> {
  return Object.fromEntries(tiles.map((tile) => [nameOf(tile), digest(decompress(tile.data))]));
}

function layersOf(tiles: readonly Tile[], name: string): string[] {
  const { data } = tiles.find((tile) => nameOf(tile) === name)!;
  return Object.keys(new VectorTile(new PbfReader(gunzipSync(data))).layers).sort();
}

function nameOf({ zoom, x, y }: Tile): string {
  return `${zoom}/${x}/${y}`;
}

function digest(content: Uint8Array): string {
  return createHash('sha1').update(content).digest('hex');
}
