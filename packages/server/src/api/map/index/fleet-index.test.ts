import { describe, expect, test } from 'bun:test';
import { VectorTile } from '@mapbox/vector-tile';
import fc from 'fast-check';
import { PbfReader } from 'pbf';
import type { Feature } from './features.ts';
import { FleetIndex, isTile } from './fleet-index.ts';
import { HEALTH, type Health } from './health.ts';
import {
  BOX_HOUSES_MAX,
  cellLevel,
  HOUSE_ZOOM_MIN,
  LEAF_HOUSES_MAX,
  LEVEL_MAX,
  TILE_HOUSES_MAX,
  TILE_ZOOM_MAX,
} from './levels.ts';
import { GRID_BITS, gridColumn, gridRow, latitudeAt, longitudeAt } from './morton.ts';
import type { Bounds, Tile } from './walk.ts';

interface Place {
  readonly longitude: number;
  readonly latitude: number;
  readonly health: Health;
}
/** The plain truth that the index is held against: houses by id. */
type Model = Map<string, Place>;

const WORLD = { west: -180, south: -90, east: 180, north: 90 };
const IDS = Array.from({ length: 60 }, (_, number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);

const id = fc.constantFrom(...IDS);
const health = fc.constantFrom(...Object.values(HEALTH));
/** One crowded point, a crowded town, the antimeridian, the poles, and anywhere. */
const longitude = fc.oneof(
  fc.constantFrom(9.19, -180, 180, 179.9999, 0),
  fc.double({ min: 9.1, max: 9.3, noNaN: true }),
  fc.double({ min: -180, max: 180, noNaN: true }),
);
const latitude = fc.oneof(
  fc.constantFrom(45.46, 90, -90, 0),
  fc.double({ min: 45.4, max: 45.5, noNaN: true }),
  fc.double({ min: -90, max: 90, noNaN: true }),
);
const place = fc.record({ longitude, latitude, health });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('place' as const), id, place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('setHealth' as const), id, health }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const history = fc.array(step, { maxLength: 150, size: 'max' });
const start = fc.dictionary(id, place, { maxKeys: 40, size: 'max' }).map((houses) => new Map(Object.entries(houses)));
const tile = fc
  .tuple(fc.integer({ min: 0, max: TILE_ZOOM_MAX }), fc.oneof(fc.constant({ longitude: 9.19, latitude: 45.46 }), place))
  .map(([z, at]) => tileAt(at, z));

describe('tiles', () => {
  test('say what plain counting says, after any history', () => {
    fc.assert(
      fc.property(start, history, fc.array(tile, { minLength: 8, maxLength: 8 }), (initial, steps, tiles) => {
        const { index, model } = replay(initial, steps);
        expect(index.size).toBe(model.size);
        for (const each of tiles) expect(decode(index.tile(each).bytes, each)).toEqual(modelTile(model, each));
      }),
      { numRuns: 60 },
    );
  });

  test('hold every house once on every zoom', () => {
    fc.assert(
      fc.property(start, history, (initial, steps) => {
        const { index, model } = replay(initial, steps);
        for (let z = 0; z <= TILE_ZOOM_MAX; z++) {
          const tiles = new Map(
            [...model.values()].map((house) => [JSON.stringify(tileAt(house, z)), tileAt(house, z)]),
          );
          const counts = [...tiles.values()].flatMap((each) =>
            [...decode(index.tile(each).bytes, each).values()].map(({ n }) => n),
          );
          expect(sum(counts)).toBe(model.size);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('of an index built at once and of one built house by house are the same', () => {
    fc.assert(
      fc.property(start, tile, (initial, each) => {
        const grown = new FleetIndex();
        for (const [name, house] of initial) grown.place(name, house.longitude, house.latitude, house.health);
        const built = new FleetIndex(housesOf(initial));
        expect(decode(grown.tile(each).bytes, each)).toEqual(decode(built.tile(each).bytes, each));
        expect(grown.cellCount).toBe(built.cellCount);
      }),
      { numRuns: 40 },
    );
  });

  test('of houses loaded in pages hold the last word on each', async () => {
    async function* pages() {
      yield [{ id: IDS[0]!, longitude: 1, latitude: 1, health: HEALTH.ok }];
      await Promise.resolve();
      yield [
        { id: IDS[1]!, longitude: 50, latitude: 1, health: HEALTH.ok },
        { id: IDS[0]!, longitude: 9, latitude: 45, health: HEALTH.critical },
      ];
    }
    const index = await FleetIndex.load(pages());
    expect(index.summary()).toEqual({ houses: 2, ok: 1, warning: 0, critical: 1, offline: 0, unknown: 0 });
    expect(index.find(IDS[0]!)?.longitude).toBeCloseTo(9, 4);
  });

  test('of an empty index, and of an empty sea, have no bytes', () => {
    const index = new FleetIndex();
    expect(index.tile({ z: 0, x: 0, y: 0 }).bytes.length).toBe(0);
    index.place(IDS[0]!, 9, 45, HEALTH.ok);
    expect(index.tile({ z: 2, x: 0, y: 3 }).bytes.length).toBe(0);
    index.remove(IDS[0]!);
    expect(index.tile({ z: 0, x: 0, y: 0 }).bytes.length).toBe(0);
    expect(index.cellCount).toBe(1);
  });

  test('show a lone house with its id at every zoom, as the same feature', () => {
    const index = new FleetIndex([{ id: IDS[7]!, longitude: -70.5, latitude: -33.4, health: HEALTH.offline }]);
    const features = Array.from({ length: TILE_ZOOM_MAX + 1 }, (_, z) =>
      tileAt({ longitude: -70.5, latitude: -33.4 }, z),
    )
      .map((each) => [...decode(index.tile(each).bytes, each).entries()])
      .map(([only]) => ({ feature: only![0], ...only![1], at: undefined }));
    const [first] = features;
    expect(first).toMatchObject({ n: 1, w: 0, b: 1, h: HEALTH.offline, id: IDS[7]! });
    for (const feature of features) expect(feature).toEqual(first!);
  });

  test('show a crowd at one point as one cell, and one by one when it is small enough', () => {
    const houses = Array.from({ length: TILE_HOUSES_MAX + 1 }, () => crypto.randomUUID()).map((name) => ({
      id: name,
      longitude: 9.19,
      latitude: 45.46,
      health: HEALTH.ok,
    }));
    const index = new FleetIndex(houses);
    for (const z of [0, 5, 10, HOUSE_ZOOM_MIN, TILE_ZOOM_MAX]) {
      const each = tileAt({ longitude: 9.19, latitude: 45.46 }, z);
      const features = [...decode(index.tile(each).bytes, each).values()];
      expect(features.map(({ n }) => n)).toEqual([TILE_HOUSES_MAX + 1]);
    }
    const near = tileAt({ longitude: 9.19, latitude: 45.46 }, 14);
    const { seq } = index;
    index.remove(houses[0]!.id);
    expect(index.changes(near, seq).kind).toBe('reload');
    const shown = [...decode(index.tile(near).bytes, near).values()].map((feature) => feature.id);
    expect(shown.length).toBe(TILE_HOUSES_MAX);
    expect(new Set<string | undefined>(shown)).toEqual(new Set(houses.slice(1).map((house) => house.id)));
  });

  test('outside the pyramid are refused', () => {
    const index = new FleetIndex();
    const wrong = [
      { z: -1, x: 0, y: 0 },
      { z: TILE_ZOOM_MAX + 1, x: 0, y: 0 },
      { z: 1, x: 2, y: 0 },
      { z: 1, x: 0, y: -1 },
      { z: 1.5, x: 0, y: 0 },
      { z: Number.NaN, x: 0, y: 0 },
    ];
    for (const each of wrong) {
      expect(isTile(each)).toBe(false);
      expect(() => index.tile(each)).toThrow(RangeError);
      expect(() => index.changes(each, 0)).toThrow(RangeError);
    }
  });
});

describe('changes', () => {
  test('replayed on any old copy of a tile give the present tile', () => {
    const look = fc.record({ kind: fc.constant('look' as const), which: fc.integer({ min: 0, max: 5 }) });
    const watched = fc.array(tile, { minLength: 6, maxLength: 6 });
    const steps = fc.array(fc.oneof({ weight: 3, arbitrary: step }, { weight: 1, arbitrary: look }), {
      maxLength: 200,
      size: 'max',
    });
    fc.assert(
      fc.property(start, watched, steps, (initial, tiles, each) => {
        const { index, model } = replay(initial, []);
        const copies = tiles.map((of) => ({ of, ...fetchTile(index, of) }));
        for (const action of [...each, ...tiles.map((_, which) => ({ kind: 'look' as const, which }))]) {
          if (action.kind !== 'look') {
            apply(index, model, action);
            continue;
          }
          const copy = copies[action.which]!;
          const news = index.changes(copy.of, copy.seq);
          if (news.kind === 'reload') {
            Object.assign(copy, fetchTile(index, copy.of));
          } else {
            patch(copy.features, news.changes);
            copy.seq = news.seq;
          }
          expect(states(copy.features)).toEqual(states(modelTile(model, copy.of)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('are a patch of one cell when one house of many turns red', () => {
    const index = new FleetIndex(housesOf(crowd(40)));
    const world = { z: 0, x: 0, y: 0 };
    const { seq } = index.tile(world);
    expect(index.changes(world, seq)).toEqual({ kind: 'patch', seq, changes: [] });
    expect(index.setHealth(IDS[3]!, HEALTH.critical)).toBe(true);
    const news = index.changes(world, seq);
    expect(news.kind).toBe('patch');
    expect(news.kind === 'patch' && news.changes).toMatchObject([{ b: 1, h: HEALTH.critical }]);
  });

  test('far out stay a patch when a house joins many others', () => {
    const index = new FleetIndex(housesOf(crowd(40)));
    const world = { z: 0, x: 0, y: 0 };
    const { seq } = index.tile(world);
    index.place(IDS[50]!, 9.19, 45.46, HEALTH.ok);
    const news = index.changes(world, seq);
    expect(news.kind === 'patch' && news.changes.map(({ n }) => n)).toEqual([41]);
  });

  test('near are a reload when a crowd at one point gets so small that its cells are merged', () => {
    const index = new FleetIndex(housesOf(crowd(LEAF_HOUSES_MAX + 1)));
    const near = tileAt({ longitude: 9.19, latitude: 45.46 }, 14);
    const { seq } = index.tile(near);
    index.remove(IDS[0]!);
    expect(index.cellCount).toBe(1);
    expect(index.changes(near, seq).kind).toBe('reload');
  });

  test('near are a reload whenever a house joins or leaves, however many stand at the point', () => {
    for (const size of [1, LEAF_HOUSES_MAX, 3 * LEAF_HOUSES_MAX]) {
      const index = new FleetIndex(housesOf(crowd(size)));
      for (let z = HOUSE_ZOOM_MIN; z <= TILE_ZOOM_MAX; z++) {
        const near = tileAt({ longitude: 9.19, latitude: 45.46 }, z);
        const before = index.seq;
        index.place(IDS[59]!, 9.19, 45.46, HEALTH.ok);
        const between = index.changes(near, before);
        index.remove(IDS[59]!);
        expect([z, between.kind, index.changes(near, between.seq).kind]).toEqual([z, 'reload', 'reload']);
      }
    }
  });

  test('far out are a reload when a cell of the level shown gets its first or second house, or loses one', () => {
    for (let z = 0; z < HOUSE_ZOOM_MIN; z++) {
      // A crowd in one quarter of a cell, so that the other quarters are leaves of exactly the level shown.
      const level = cellLevel(z);
      const quarter = 2 ** (level - 1);
      const at = (step: number) => ({
        longitude: longitudeAt((quarter + step + 0.5) / 2 ** level),
        latitude: latitudeAt((quarter + step + 0.5) / 2 ** level),
      });
      const members = IDS.slice(0, LEAF_HOUSES_MAX + 1);
      const index = new FleetIndex(members.map((name) => ({ id: name, ...at(0), health: HEALTH.ok })));
      const of = tileAt(at(1), z);
      const kinds = [IDS[58]!, IDS[59]!].flatMap((name) => {
        const { seq } = index;
        index.place(name, at(1).longitude, at(1).latitude, HEALTH.ok);
        return index.changes(of, seq).kind;
      });
      for (const name of [IDS[58]!, IDS[59]!]) {
        const { seq } = index;
        index.remove(name);
        kinds.push(index.changes(of, seq).kind);
      }
      expect([z, ...kinds]).toEqual([z, 'reload', 'reload', 'reload', 'reload']);
    }
  });

  test('since a number that this index never gave are a reload', () => {
    const index = new FleetIndex(housesOf(crowd(3)));
    expect(index.changes({ z: 0, x: 0, y: 0 }, index.seq + 1).kind).toBe('reload');
  });

  test('are none for what already was so', () => {
    const index = new FleetIndex(housesOf(crowd(3)));
    const { seq } = index;
    expect(index.setHealth(IDS[0]!, HEALTH.ok)).toBe(false);
    expect(index.place(IDS[0]!, 9.19, 45.46, HEALTH.ok)).toBe(false);
    expect(index.setHealth(IDS[59]!, HEALTH.ok)).toBe(false);
    expect(index.remove(IDS[59]!)).toBe(false);
    expect(index.seq).toBe(seq);
  });
});

describe('views', () => {
  test('count and list what is within the bounds, across the antimeridian too', () => {
    const bounds = fc
      .record({ west: longitude, east: longitude, one: latitude, other: latitude })
      .map(({ west, east, one, other }) => ({ west, east, south: Math.min(one, other), north: Math.max(one, other) }));
    fc.assert(
      fc.property(start, history, bounds, fc.integer({ min: 0, max: 70 }), (initial, steps, view, limit) => {
        const { index, model } = replay(initial, steps);
        const within = [...model].filter(([, house]) => isWithin(house, view));
        expect(index.summary(view)).toEqual(countByHealth(within.map(([, house]) => house)));
        const listed = index.inBox(view, limit);
        const severities = listed.map((house) => severity(house.health));
        expect(severities).toEqual(severities.toSorted((one, other) => one - other));
        expect(listed.length).toBe(Math.min(limit, within.length));
        const names = new Set(within.map(([name]) => name));
        for (const house of listed) expect(names.delete(house.id)).toBe(true);
        const worstLeftOut = Math.min(...[...names].map((name) => severity(model.get(name)!.health)));
        expect(Math.max(0, ...severities)).toBeLessThanOrEqual(limit === 0 ? 0 : worstLeftOut);
      }),
      { numRuns: 100 },
    );
  });

  test('of the world count every house in one cluster, at every level', () => {
    fc.assert(
      fc.property(start, history, fc.integer({ min: 0, max: LEVEL_MAX }), (initial, steps, level) => {
        const { index, model } = replay(initial, steps);
        const clusters = index.clusters(WORLD, level);
        const bad = [...model.values()].filter(({ health: value }) => isBad(value)).length;
        const warning = [...model.values()].filter(({ health: value }) => value === HEALTH.warning).length;
        expect(sum(clusters.map(({ houses }) => houses))).toBe(model.size);
        expect(sum(clusters.map((cluster) => cluster.bad))).toBe(bad);
        expect(sum(clusters.map((cluster) => cluster.warning))).toBe(warning);
        expect(new Set(clusters.map(({ cell }) => cell)).size).toBe(clusters.length);
      }),
      { numRuns: 60 },
    );
  });

  test('that look at a cell from both sides of the world count it once', () => {
    const index = new FleetIndex(housesOf(crowd(20)));
    const clusters = index.clusters({ west: 9.2, south: 40, east: 9.1, north: 50 }, 2);
    expect(clusters.map(({ houses }) => houses)).toEqual([20]);
  });

  test('show a cluster at the middle of its houses', () => {
    const index = new FleetIndex([
      { id: IDS[0]!, longitude: 10, latitude: 50, health: HEALTH.ok },
      { id: IDS[1]!, longitude: 12, latitude: 50, health: HEALTH.warning },
    ]);
    const [cluster] = index.clusters(WORLD, 4);
    expect(cluster!.longitude).toBeCloseTo(11, 0);
    expect(cluster!.latitude).toBeCloseTo(50, 0);
    expect(cluster).toMatchObject({ houses: 2, warning: 1, bad: 0 });
    const lone = index.clusters({ west: 11.9, south: 49, east: 12.1, north: 51 }, 10);
    expect(lone.map((house) => [house.houses, Math.round(house.longitude * 1e4) / 1e4])).toEqual([[1, 12]]);
  });

  test('never list more than the limit', () => {
    const houses = Array.from({ length: BOX_HOUSES_MAX + 5 }, () => ({
      id: crypto.randomUUID(),
      longitude: 1,
      latitude: 1,
      health: HEALTH.ok,
    }));
    expect(new FleetIndex(houses).inBox(WORLD, 10 * BOX_HOUSES_MAX).length).toBe(BOX_HOUSES_MAX);
  });
});

test('houses come and go by the thousand without a trace', () => {
  const index = new FleetIndex();
  const houses = Array.from({ length: 5000 }, (_, number) => ({
    id: crypto.randomUUID(),
    longitude: ((number * 0.618) % 1) * 360 - 180,
    latitude: ((number * 0.414) % 1) * 160 - 80,
  }));
  for (const house of houses) index.place(house.id, house.longitude, house.latitude, HEALTH.ok);
  const bytes = index.byteLength;
  for (let round = 0; round < 3; round++) {
    for (const house of houses) expect(index.remove(house.id)).toBe(true);
    expect([index.size, index.cellCount]).toEqual([0, 1]);
    for (const house of houses) index.place(house.id, house.longitude, house.latitude, HEALTH.ok);
  }
  expect(index.byteLength).toBe(bytes);
  for (const house of houses) expect(index.find(house.id)?.id).toBe(house.id);
});

test('values that are no house are refused and change nothing', () => {
  const index = new FleetIndex();
  expect(() => index.place('gateway-1', 1, 1, HEALTH.ok)).toThrow(RangeError);
  expect(() => index.place(IDS[0]!, Number.NaN, 1, HEALTH.ok)).toThrow(RangeError);
  expect(() => index.place(IDS[0]!, 1, Infinity, HEALTH.ok)).toThrow(RangeError);
  expect(() => index.place(IDS[0]!, 1, 1, 5 as Health)).toThrow(RangeError);
  expect(() => index.setHealth(IDS[0]!, -1 as Health)).toThrow(RangeError);
  expect(() => index.summary({ ...WORLD, west: Number.NaN })).toThrow(RangeError);
  expect(() => index.clusters(WORLD, LEVEL_MAX + 1)).toThrow(RangeError);
  expect([index.setHealth('gateway-1', HEALTH.ok), index.remove('gateway-1'), index.size]).toEqual([false, false, 0]);
});

interface Shown {
  readonly n: number;
  readonly w: number;
  readonly b: number;
  readonly h: Health;
  readonly id?: string;
  /** Steps from the tile's corner. */
  readonly at: readonly [x: number, y: number];
}
/** A tile as a browser has it: what is shown, by feature id. */
type Shows = Map<number, Shown>;

/** Reads a tile with the library that the browser's map reads it with. */
function decode(bytes: Uint8Array, of: Tile): Shows {
  const layer = new VectorTile(new PbfReader(bytes)).layers['house'];
  if (!layer) return new Map();
  expect([layer.version, layer.extent]).toEqual([2, 4096]);
  const shows: Shows = new Map();
  for (let number = 0; number < layer.length; number++) {
    const feature = layer.feature(number);
    const point = feature.loadGeometry()[0]![0]!;
    expect(feature.type).toBe(1);
    expect(Number.isSafeInteger(feature.id)).toBe(true);
    expect([shows.has(feature.id!), of]).toEqual([false, of]);
    shows.set(feature.id!, { ...(feature.properties as unknown as Omit<Shown, 'at'>), at: [point.x, point.y] });
  }
  return new Map([...shows].toSorted(([one], [other]) => one - other));
}

/** The tile by plain counting: every feature's id is taken from the index's own tile of that house or cell alone. */
function modelTile(model: Model, of: Tile): Shows {
  const grid = [...model].map(([name, house]) => ({
    name,
    health: house.health,
    column: gridColumn(house.longitude),
    row: gridRow(house.latitude),
  }));
  const shift = GRID_BITS - of.z;
  const within = grid.filter(({ column, row }) => column >>> shift === of.x && row >>> shift === of.y);
  const level = of.z >= HOUSE_ZOOM_MIN && within.length <= TILE_HOUSES_MAX ? Infinity : cellLevel(of.z);
  const groups = Map.groupBy(within, ({ name, column, row }) =>
    level === Infinity ? name : `${column >>> (GRID_BITS - level)}/${row >>> (GRID_BITS - level)}`,
  );
  const steps = 4096 / 2 ** shift;
  const shows: Shows = new Map();
  for (const members of groups.values()) {
    const [first] = members;
    const worst = members.map((member) => member.health).toSorted((one, other) => severity(one) - severity(other))[0]!;
    const counts = {
      n: members.length,
      w: members.filter((member) => member.health === HEALTH.warning).length,
      b: members.filter((member) => isBad(member.health)).length,
      h: worst,
    };
    if (members.length === 1) {
      const at = [first!.column, first!.row].map((value) => Math.floor(((value % 2 ** shift) + 0.5) * steps));
      shows.set(loneFeature(first!.name), { ...counts, id: first!.name, at: at as [number, number] });
      continue;
    }
    // A cell knows its houses' places to a 256th of its side.
    const cellShift = GRID_BITS - level;
    const centre = (values: number[]) => {
      const offsets = values.map((value) => Math.floor((value % 2 ** cellShift) / 2 ** (cellShift - 8)));
      const inCell = (sum(offsets) / offsets.length + 0.5) / 256;
      return Math.floor(
        ((Math.floor(values[0]! / 2 ** cellShift) % 2 ** (level - of.z)) + inCell) * 2 ** (12 + of.z - level),
      );
    };
    const at: [number, number] = [centre(members.map(({ column }) => column)), centre(members.map(({ row }) => row))];
    shows.set(codeOf(level, first!.column >>> cellShift, first!.row >>> cellShift), { ...counts, at });
  }
  return new Map([...shows].toSorted(([one], [other]) => one - other));
}

const loneFeatures = new Map<string, number>();

/** The feature id of a house: it depends on its id alone, so any index tells. */
function loneFeature(name: string): number {
  const known = loneFeatures.get(name);
  if (known !== undefined) return known;
  const world = { z: 0, x: 0, y: 0 };
  const index = new FleetIndex([{ id: name, longitude: 0, latitude: 0, health: HEALTH.ok }]);
  const [feature] = decode(index.tile(world).bytes, world).keys();
  loneFeatures.set(name, feature!);
  return feature!;
}

/** A leading one, then a bit of the row and one of the column for every level. */
function codeOf(level: number, column: number, row: number): number {
  let code = 1;
  for (let bit = level - 1; bit >= 0; bit--) code = 4 * code + 2 * ((row >>> bit) & 1) + ((column >>> bit) & 1);
  return code;
}

function fetchTile(index: FleetIndex, of: Tile): { seq: number; features: Shows } {
  const { seq, bytes } = index.tile(of);
  return { seq, features: decode(bytes, of) };
}

/** What a browser does with feature-state: it can change the features that it has, and no others. */
function patch(features: Shows, changes: readonly Feature[]): void {
  for (const { id: feature, ...state } of changes) {
    const known = features.get(feature);
    expect(known).toBeDefined();
    features.set(feature, { ...known!, ...state });
  }
}

/** All but the place: the middle of a cell's houses may wander inside the cell until the tile is fetched again. */
function states(features: Shows): unknown {
  return [...features].map(([feature, shown]) => [feature, { ...shown, at: undefined }]);
}

function replay(initial: Model, steps: readonly Step[]): { index: FleetIndex; model: Model } {
  const model = new Map(initial);
  const index = new FleetIndex(housesOf(initial));
  for (const each of steps) apply(index, model, each);
  return { index, model };
}

function apply(index: FleetIndex, model: Model, action: Step): void {
  const known = model.get(action.id);
  if (action.kind === 'place') {
    index.place(action.id, action.place.longitude, action.place.latitude, action.place.health);
    model.set(action.id, action.place);
  } else if (action.kind === 'remove') {
    expect(index.remove(action.id)).toBe(model.delete(action.id));
  } else {
    expect(index.setHealth(action.id, action.health)).toBe(known !== undefined && known.health !== action.health);
    if (known) model.set(action.id, { ...known, health: action.health });
  }
}

function housesOf(model: Model) {
  return [...model].map(([name, house]) => ({ id: name, ...house }));
}

/** Healthy houses at one place. */
function crowd(size: number): Model {
  return new Map(IDS.slice(0, size).map((name) => [name, { longitude: 9.19, latitude: 45.46, health: HEALTH.ok }]));
}

function tileAt({ longitude: east, latitude: north }: { longitude: number; latitude: number }, z: number): Tile {
  return { z, x: gridColumn(east) >>> (GRID_BITS - z), y: gridRow(north) >>> (GRID_BITS - z) };
}

function isWithin(house: Place, { west, east, south, north }: Bounds): boolean {
  const [column, left, right] = [house.longitude, west, east].map(gridColumn) as [number, number, number];
  const row = gridRow(house.latitude);
  if (row < gridRow(north) || row > gridRow(south)) return false;
  if (Math.abs(east - west) >= 360) return true;
  return left <= right ? column >= left && column <= right : column >= left || column <= right;
}

function countByHealth(places: readonly Place[]) {
  const count = (value: Health) => places.filter((house) => house.health === value).length;
  return {
    houses: places.length,
    ok: count(HEALTH.ok),
    warning: count(HEALTH.warning),
    critical: count(HEALTH.critical),
    offline: count(HEALTH.offline),
    unknown: count(HEALTH.unknown),
  };
}

function severity(value: Health): number {
  const worstFirst: Health[] = [HEALTH.critical, HEALTH.offline, HEALTH.warning, HEALTH.ok, HEALTH.unknown];
  return worstFirst.indexOf(value);
}

function isBad(value: Health): boolean {
  return value === HEALTH.critical || value === HEALTH.offline;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
