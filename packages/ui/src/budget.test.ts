/** What a browser must load; run on the built files, where there are any. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';

const KIB = 1024;
const FIRST_LOAD_BYTES_MAX = 200 * KIB;
const MAP_BYTES_MAX = 300 * KIB;
const TERMINAL_BYTES_MAX = 120 * KIB;

const dist = join(import.meta.dir, '../dist');
const assets = join(dist, 'assets');
const whenBuilt = test.skipIf(!existsSync(join(dist, 'index.html')));

const sizeOf = (path: string): number => gzipSync(readFileSync(path)).length;
const chunk = (name: string): string =>
  join(assets, readdirSync(assets).find((file) => file.startsWith(name) && file.endsWith('.js')) ?? '');

whenBuilt('the first load is at most 200 KiB of gzipped JavaScript', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map(([, path = '']) => join(dist, path));
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.reduce((sum, path) => sum + sizeOf(path), 0)).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
});

whenBuilt('the chunks of map and terminal hold their budgets', () => {
  expect(sizeOf(chunk('TerminalTab'))).toBeLessThanOrEqual(TERMINAL_BYTES_MAX);
  expect(sizeOf(chunk('MapPage'))).toBeLessThanOrEqual(MAP_BYTES_MAX);
});

whenBuilt('the page names no other origin, and nothing the content security policy refuses', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  expect(html).not.toMatch(/https?:\/\//);
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
  for (const file of readdirSync(assets).filter((name) => name.endsWith('.css'))) {
    expect(readFileSync(join(assets, file), 'utf8')).not.toMatch(/url\(["']?(?:https?:|data:)/);
  }
});
