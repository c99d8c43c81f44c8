import { afterEach, beforeEach, expect, jest, test } from 'bun:test';
import type { MapChange } from '@lovely/protocol';
import { TileSync, type WatchedTile } from './tile-sync.ts';
import { tileKey, type TileId } from './visible-tiles.ts';

const A: TileId = { z: 3, x: 1, y: 2 };
const B: TileId = { z: 3, x: 2, y: 2 };
const NEARER: TileId = { z: 4, x: 2, y: 4 };

/** Notes what the sync asks for; `since` of the last watch by tile. */
function start() {
  const watches: { z: number; tiles: readonly WatchedTile[]; watch: number }[] = [];
  const applied: MapChange[] = [];
  const refetched: string[][] = [];
  let forgotten = 0;
  const sync = new TileSync({
    watch: (z, tiles, watch) => watches.push({ z, tiles, watch }),
    apply: (changes) => applied.push(...changes),
    forget: () => forgotten++,
    refetch: (tiles) => refetched.push(tiles.map(tileKey)),
  });
  return {
    sync,
    applied,
    refetched,
    forgotten: () => forgotten,
    watched(): Record<string, number> {
      jest.advanceTimersByTime(100);
      return Object.fromEntries((watches.at(-1)?.tiles ?? []).map((tile) => [tileKey(tile), tile.since]));
    },
    confirm: () => sync.confirmed(watches.at(-1)?.watch ?? 0),
    watchCount: () => watches.length,
  };
}

function change(id: number): MapChange {
  return { id, n: 1, w: 0, b: 1, h: 2 };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a tile is watched from the number it was fetched with, and not before it is there', () => {
  const { sync, watched } = start();
  sync.look([A, B]);
  expect(watched()).toEqual({});
  sync.fetched(A, 7);
  expect(watched()).toEqual({ '3/1/2': 7 });
  sync.fetched(B, 9);
  expect(watched()).toEqual({ '3/1/2': 7, '3/2/2': 9 });
});

test('tiles that come together are watched with one message', () => {
  const { sync, watched, watchCount } = start();
  sync.look([A, B]);
  sync.fetched(A, 7);
  sync.fetched(B, 7);
  watched();
  expect(watchCount()).toBe(1);
});

test('after changes a tile is watched from theirs on', () => {
  const { sync, watched, confirm, applied } = start();
  sync.look([A]);
  sync.fetched(A, 7);
  watched();
  confirm();
  sync.received({ z: 3, seq: 12, stale: 0, changes: [change(1)] });
  expect(applied).toHaveLength(1);
  sync.look([A, B]);
  expect(watched()).toEqual({ '3/1/2': 12 });
});

test('a message that was under way before the server knew of a tile does not count for it', () => {
  const { sync, watched, confirm } = start();
  sync.look([A]);
  sync.fetched(A, 7);
  watched();
  confirm();
  sync.look([A, B]);
  sync.fetched(B, 8);
  watched();
  sync.received({ z: 3, seq: 12, stale: 0, changes: [change(1)] });
  sync.look([B]);
  expect(watched()).toEqual({ '3/2/2': 8 });
});

test('a tile that comes back into view goes on where it was left, even when it was fetched again meanwhile', () => {
  const { sync, watched, confirm } = start();
  sync.look([A]);
  sync.fetched(A, 7);
  watched();
  confirm();
  sync.received({ z: 3, seq: 12, stale: 0, changes: [change(1)] });
  sync.look([B]);
  sync.fetched(B, 20);
  watched();
  sync.look([A]);
  sync.fetched(A, 30);
  expect(watched()).toEqual({ '3/1/2': 12 });
});

test('another zoom forgets every state and begins at the numbers of the tiles', () => {
  const { sync, watched, confirm, forgotten } = start();
  sync.look([A]);
  sync.fetched(A, 7);
  watched();
  confirm();
  sync.received({ z: 3, seq: 12, stale: 0, changes: [change(1)] });
  const before = forgotten();
  sync.look([NEARER]);
  sync.fetched(NEARER, 15);
  watched();
  expect(forgotten()).toBe(before + 1);
  sync.look([A]);
  expect(watched()).toEqual({ '3/1/2': 7 });
});

test('changes of another zoom are not applied', () => {
  const { sync, applied } = start();
  sync.look([A]);
  sync.received({ z: 4, seq: 12, stale: 0, changes: [change(1)] });
  expect(applied).toEqual([]);
});

test('stale tiles are fetched again once, and states are forgotten when all have come', () => {
  const { sync, watched, confirm, refetched, forgotten } = start();
  sync.look([A, B]);
  sync.fetched(A, 7);
  sync.fetched(B, 7);
  watched();
  confirm();
  sync.received({ z: 3, seq: 12, stale: 1, changes: [] });
  sync.received({ z: 3, seq: 13, stale: 1, changes: [] });
  jest.advanceTimersByTime(10);
  expect(refetched).toEqual([['3/1/2', '3/2/2']]);
  const before = forgotten();
  sync.fetched(A, 14);
  expect(forgotten()).toBe(before);
  sync.fetched(B, 15);
  expect(forgotten()).toBe(before + 1);
  expect(watched()).toEqual({ '3/1/2': 14, '3/2/2': 15 });
});

test('tiles that are stale all the time are fetched again at most once a second', () => {
  const { sync, refetched } = start();
  sync.look([A]);
  sync.fetched(A, 1);
  for (let tick = 0; tick < 40; tick++) {
    sync.received({ z: 3, seq: tick, stale: 1, changes: [] });
    jest.advanceTimersByTime(250);
    sync.fetched(A, tick);
  }
  expect(refetched.length).toBeGreaterThan(5);
  expect(refetched.length).toBeLessThan(12);
});

test('a tile that the map does not fetch after all holds nothing up', () => {
  const { sync, refetched } = start();
  sync.look([A]);
  sync.fetched(A, 1);
  sync.received({ z: 3, seq: 2, stale: 1, changes: [] });
  jest.advanceTimersByTime(6_000);
  sync.received({ z: 3, seq: 3, stale: 1, changes: [] });
  jest.advanceTimersByTime(10);
  expect(refetched).toHaveLength(2);
});

test('after a lost connection everything is fetched anew, because the server may count otherwise now', () => {
  const { sync, watched, confirm, refetched } = start();
  sync.look([A]);
  sync.fetched(A, 700);
  watched();
  confirm();
  sync.reconnected();
  jest.advanceTimersByTime(10);
  expect(refetched).toEqual([['3/1/2']]);
  sync.fetched(A, 3);
  expect(watched()).toEqual({ '3/1/2': 3 });
});
