// Reads the world that `node scripts/prepare.mjs` built; npm runs it before the tests.
import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PMTiles } from 'pmtiles';
import { openBasemap } from './basemap.ts';

const file = join(import.meta.dir, '../../../../ui/dist-basemap/world.pmtiles');
const archive = readFileSync(file);

test('a tile comes gzipped, as it is stored, from every level', async () => {
  await using basemap = await openBasemap(file);
  expect([basemap.zoomMin, basemap.zoomMax]).toEqual([0, 6]);
  const decoding = new PMTiles({
    getKey: () => 'decoded',
    getBytes: async (offset, length) => ({ data: Uint8Array.from(archive.subarray(offset, offset + length)).buffer }),
  });
  for (const [zoom, x, y] of [
    [0, 0, 0],
    [1, 1, 0],
    [3, 4, 2],
    [6, 33, 22],
    [6, 0, 15],
    [6, 63, 15],
  ] as const) {
    const tile = await basemap.tile(zoom, x, y);
    const decoded = await decoding.getZxy(zoom, x, y);
    expect(tile!.subarray(0, 2)).toEqual(Uint8Array.of(0x1f, 0x8b));
    expect(gunzipSync(tile!).equals(Buffer.from(decoded!.data))).toBeTrue();
  }
});

test('requests at the same time get their own tiles', async () => {
  await using basemap = await openBasemap(file);
  const wanted = Array.from({ length: 64 }, (_, index) => [6, 16 + (index % 8), 20 + Math.floor(index / 8)] as const);
  const together = await Promise.all(wanted.map((at) => basemap.tile(...at)));
  for (const [index, at] of wanted.entries()) expect(together[index]).toEqual(await basemap.tile(...at));
});

test('there is no tile in the open sea, below the deepest level and off the map', async () => {
  await using basemap = await openBasemap(file);
  for (const [zoom, x, y] of [
    [6, 3, 40],
    [7, 66, 44],
    [99, 0, 0],
    [-1, 0, 0],
    [2, 4, 0],
    [2, 0, -1],
    [1.5, 0, 0],
    [NaN, 0, 0],
  ] as const)
    expect([zoom, x, y, await basemap.tile(zoom, x, y)]).toEqual([zoom, x, y, undefined]);
});

test('a closed basemap rejects', async () => {
  const basemap = await openBasemap(file);
  await basemap.close();
  expect(await failureOf(basemap.tile(0, 0, 0))).toContain('file descriptor');
});

test('a file that cannot serve is refused with its name and the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'basemap-'));
  try {
    const changed = (change: (bytes: Buffer) => Buffer): string => {
      const path = join(folder, 'other.pmtiles');
      writeFileSync(path, change(Buffer.from(archive)));
      return path;
    };
    const reasonOf = (path: string): Promise<string> => failureOf(openBasemap(path));
    expect(await reasonOf(join(folder, 'missing'))).toContain('ENOENT');
    expect(await reasonOf(changed((bytes) => bytes.fill(7)))).toContain('other.pmtiles cannot serve as the basemap');
    expect(await reasonOf(changed((bytes) => bytes.subarray(0, 50)))).toContain('cannot serve');
    expect(await reasonOf(changed((bytes) => bytes.fill(2, 99, 100)))).toContain('not vector tiles');
    expect(await reasonOf(changed((bytes) => bytes.fill(1, 98, 99)))).toContain('not compressed with gzip');

    await using cut = await openBasemap(changed((bytes) => bytes.subarray(0, 100_000)));
    expect(await failureOf(cut.tile(6, 33, 22))).toContain('ends before byte');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The message and the cause's of a promise that must not be kept. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return `${error.message} (${error.cause instanceof Error ? error.cause.message : ''})`;
  }
  return 'no failure';
}
