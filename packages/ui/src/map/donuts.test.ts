import { expect, test } from 'bun:test';
import { CLUSTERS_MAX } from '@lovely/api';
import { donutLevel, donutOf, problemClusters, PROBLEMS_MAX, type Cluster } from './donuts.ts';
import { visibleTileCount } from './visible-tiles.ts';

function cluster(part: Partial<Cluster>): Cluster {
  return { longitude: 0, latitude: 0, houses: 1_000, warning: 0, bad: 0, ...part };
}

const fleet = { houses: 1_000_000, bad: 20_000 };

test('a place is a problem when its share of houses that are down is far above that of the fleet', () => {
  const usual = cluster({ bad: 25 });
  const outage = cluster({ longitude: 40, bad: 300 });
  expect(problemClusters([usual, outage], fleet, 2)).toEqual([outage]);
});

test('inside an outage that fills the view it stays a problem', () => {
  const view = [0, 40, 80].map((longitude) => cluster({ longitude, bad: 600 }));
  expect(problemClusters(view, fleet, 2)).toHaveLength(3);
});

test('a few houses are no problem of the world, but of a town', () => {
  const few = cluster({ houses: 20, bad: 10 });
  expect(problemClusters([few], fleet, 2)).toEqual([]);
  expect(problemClusters([few], fleet, 11)).toEqual([few]);
});

test('a small fleet shows its smaller problems', () => {
  const three = cluster({ houses: 4, bad: 3 });
  expect(problemClusters([three], { houses: 50, bad: 3 }, 2)).toEqual([three]);
});

test('where the whole fleet is down, the places are still shown', () => {
  const place = cluster({ houses: 100, bad: 100 });
  expect(problemClusters([place], { houses: 1_000, bad: 1_000 }, 2)).toEqual([place]);
});

test('at most nine problems are shown, the worst', () => {
  const places = Array.from({ length: 20 }, (_, index) => cluster({ longitude: index * 18 - 180, bad: 200 + index }));
  const shown = problemClusters(places, fleet, 2);
  expect(shown).toHaveLength(PROBLEMS_MAX);
  expect(shown[0]?.bad).toBe(219);
  expect(shown.at(-1)?.bad).toBe(211);
});

test('of two problems in each other’s way the worse is shown, and both from nearer', () => {
  const worse = cluster({ longitude: 179.5, bad: 400 });
  const other = cluster({ longitude: -179.5, bad: 300 });
  expect(problemClusters([other, worse], fleet, 2)).toEqual([worse]);
  expect(problemClusters([other, worse], fleet, 8)).toEqual([worse, other]);
});

test('a ring shows all houses among clusters, and the ones that are down among lights', () => {
  const place = cluster({ houses: 12_400, warning: 40, bad: 310 });
  expect(donutOf(place, 'clusters', 'dark')).toMatchObject({ text: '12K', image: 'donut/dark/2/1/1' });
  expect(donutOf(place, 'lights', 'light')).toMatchObject({ text: '310', image: 'donut/light/1/1/0' });
});

test('a ring is whole only where all houses are down', () => {
  expect(donutOf(cluster({ bad: 999 }), 'clusters', 'dark').image).toBe('donut/dark/1/23/0');
  expect(donutOf(cluster({ bad: 1_000 }), 'clusters', 'dark').image).toBe('donut/dark/1/24/0');
  expect(donutOf(cluster({ bad: 0 }), 'clusters', 'dark').image).toBe('donut/dark/1/0/0');
});

test('no more cells are asked for than the server tells of', () => {
  const world = { west: -180, south: -85, east: 180, north: 85 };
  for (const zoom of [0, 1.4, 2.7, 5.9]) {
    const level = donutLevel('lights', zoom, world);
    expect(visibleTileCount(world, level)).toBeLessThanOrEqual(CLUSTERS_MAX);
  }
  expect(donutLevel('clusters', 9.5, { west: 9, south: 45, east: 10, north: 46 })).toBe(12);
});
