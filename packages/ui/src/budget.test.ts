/** What a browser must load; run on the built files, where there are any. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';

const KIB = 1024;
const FIRST_LOAD_BYTES_MAX = 200 * KIB;
const MAP_BYTES_MAX = 300 * KIB;
const TERMINAL_BYTES_MAX = 120 * KIB;
const CHARTS_BYTES_MAX = 40 * KIB;

const dist = join(import.meta.dir, '../dist');
const manifestFile = join(dist, '.vite/manifest.json');
const whenBuilt = test.skipIf(!existsSync(manifestFile));

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

const manifest = (): Record<string, Chunk> => JSON.parse(readFileSync(manifestFile, 'utf8'));

/** The script files that a browser must have before it can run `key`. */
function scriptsOf(key: string, chunks: Record<string, Chunk>, found = new Set<string>()): Set<string> {
  const chunk = chunks[key];
  if (!chunk) throw new Error(`${key} is not in the manifest`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const imported of chunk.imports ?? []) scriptsOf(imported, chunks, found);
  return found;
}

const gzipped = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);

whenBuilt('the first load is at most 200 KiB of gzipped JavaScript', () => {
  expect(gzipped(scriptsOf('index.html', manifest()))).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
});

whenBuilt('no chunk that a page adds to it is over its budget', () => {
  const chunks = manifest();
  const first = scriptsOf('index.html', chunks);
  const largest = (page: string): number =>
    Math.max(...[...scriptsOf(page, chunks)].filter((file) => !first.has(file)).map((file) => gzipped([file])));
  expect(largest('src/terminal/TerminalTab.tsx')).toBeLessThanOrEqual(TERMINAL_BYTES_MAX);
  expect(largest('src/charts/ChartsTab.tsx')).toBeLessThanOrEqual(CHARTS_BYTES_MAX);
  expect(largest('src/map/MapPage.tsx')).toBeLessThanOrEqual(MAP_BYTES_MAX);
});

whenBuilt('the page and its styles name no other origin, and no script stands in the page', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  expect(html).not.toMatch(/https?:\/\//);
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
  const assets = join(dist, 'assets');
  const foreign = readdirSync(assets)
    .filter((name) => name.endsWith('.css'))
    .filter((name) => /url\(["']?https?:/.test(readFileSync(join(assets, name), 'utf8')));
  expect(foreign).toEqual([]);
});
