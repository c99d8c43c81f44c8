import { expect, test } from 'bun:test';
import type { Feature, Position } from 'geojson';
import { neighbors } from 'topojson-client';
import world from 'world-atlas/countries-10m.json' with { type: 'json' };
import { landLayers, landTones } from './land.ts';
import { linesOf } from './shapes.ts';

const layers = landLayers(6);
const scales = layers
  .filter((layer) => layer.name === 'land')
  .map((layer) => ({ ...layer, title: `from zoom ${layer.zoomMin}` }));

const places = {
  land: {
    Paris: [2.35, 48.85],
    Kansas: [-98, 38.5],
    Nairobi: [36.8, -1.3],
    Chukotka: [-175, 66.5],
    'West Antarctica': [-120, -80],
  },
  sea: {
    'the Pacific': [-150, 0],
    'the Pacific by the antimeridian': [179.9, 5],
    'the Arctic by the pole': [10, 88],
    'the sea around the Maldives': [75, 3],
    'the Atlantic': [-35, 25],
    'the Southern Ocean': [90, -58],
  },
} satisfies Record<string, Record<string, Position>>;

test.each(scales)('$title places on land are in one country', ({ features }) => {
  for (const [name, at] of Object.entries(places.land)) expect([name, countAt(features, at)]).toEqual([name, 1]);
});

test.each(scales)('$title no land floods the sea', ({ features }) => {
  for (const [name, at] of Object.entries(places.sea)) expect([name, countAt(features, at)]).toEqual([name, 0]);
});

test('no line crosses the map from edge to edge', () => {
  for (const { name, zoomMin, features } of layers) {
    const jumps = features
      .flatMap(({ geometry }) => linesOf(geometry))
      .flatMap((line) =>
        line.slice(1).filter((to, index) => {
          const from = line[index]!;
          // Along the pole an edge may be as long as it likes: it is one point on the globe, and beyond the map.
          return Math.abs(to[0]! - from[0]!) > 90 && Math.max(from[1]!, to[1]!) > -89;
        }),
      );
    expect([name, zoomMin, jumps]).toEqual([name, zoomMin, []]);
  }
});

test('the coast has no line along the antimeridian', () => {
  for (const { features } of layers.filter((layer) => layer.name === 'coast')) {
    const along = features
      .flatMap(({ geometry }) => linesOf(geometry))
      .flatMap((line) =>
        line.slice(1).filter((to, index) => [to, line[index]!].every(([x]) => Math.abs(x!) > 179.999)),
      );
    expect(along).toEqual([]);
  }
});

test('countries with a common border differ in tone, in the same way at every scale', () => {
  const tones = landTones();
  const names = world.objects.countries.geometries.map((country) => (country.properties as { name: string }).name);
  neighbors(world.objects.countries.geometries).forEach((others, index) => {
    for (const other of others.filter((value) => value !== index))
      expect([names[index], names[other], tones.get(names[index]!)]).not.toEqual([
        names[index],
        names[other],
        tones.get(names[other]!),
      ]);
  });
  for (const { features } of scales) {
    const france = features.find((feature) => containsAt(feature, places.land.Paris));
    expect(france?.properties?.tone).toBe(tones.get('France'));
  }
});

test('a lake has no corner left and stays where it was', () => {
  const lakes = layers.find((layer) => layer.name === 'lakes')!.features;
  expect(countAt(lakes, [33, -1])).toBe(1);
  expect(countAt(lakes, [30, -1])).toBe(0);
  for (const ring of lakes.flatMap(({ geometry }) => linesOf(geometry))) expect(ring.at(-1)).toEqual(ring[0]);
});

function countAt(features: readonly Feature[], at: Position): number {
  return features.filter((feature) => containsAt(feature, at)).length;
}

/** On the flat map, as a renderer fills it: an odd number of edges to the east. */
function containsAt(feature: Feature, [x, y]: Position): boolean {
  const crossings = linesOf(feature.geometry).flatMap((ring) =>
    ring.slice(1).filter((to, index) => {
      const from = ring[index]!;
      if (from[1]! > y! === to[1]! > y!) return false;
      return from[0]! + ((y! - from[1]!) / (to[1]! - from[1]!)) * (to[0]! - from[0]!) > x!;
    }),
  );
  return crossings.length % 2 === 1;
}
