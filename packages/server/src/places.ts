// Search for a town by the beginning of any word of its name, without internet.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

export type Place = {
  name: string;
  /** ISO 3166-1, two letters. */
  country: string;
  /** The code of its state or canton, where people use letters for it. */
  region?: string;
  /** In degrees, as is the longitude. */
  latitude: number;
  longitude: number;
  population: number;
};

/** What the basemap's build writes: one row for each town in every column, the most populous first. */
const placesFile = z.object({
  attribution: z.string(),
  names: z.string(),
  otherNames: z.record(z.string(), z.string()),
  countries: z.string(),
  regions: z.string(),
  latitudes: z.array(z.int32()),
  longitudes: z.array(z.int32()),
  populations: z.array(z.uint32()),
});

const countryLetters = 2;
const regionLetters = 3;
const unitsPerDegree = 1e5;
const kmPerDegree = 111.2;
/** A town that is further away than this tells nobody where something is. */
const nearestTownKmMax = 80;

const PLACES_FILE = 'places.json.gz';
const read = new Map<string, Places>();

/** The list in a directory of the basemap; undefined where none was built. */
export function findPlaces(directory: string): Places | undefined {
  return existsSync(join(directory, PLACES_FILE)) ? placesIn(directory) : undefined;
}

/** The list in a directory of the basemap, read once by a process. Throws when there is none. */
export function placesIn(directory: string): Places {
  const file = join(directory, PLACES_FILE);
  const places = read.get(file) ?? loadPlaces(file);
  read.set(file, places);
  return places;
}

/** Reads places.json.gz of the basemap's build, in a fraction of a second. Throws when it is not such a file. */
export function loadPlaces(file: string): Places {
  try {
    return new Places(placesFile.parse(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'))));
  } catch (cause) {
    throw new Error(`${file} is not a list of places`, { cause });
  }
}

/** All towns in a few strings and typed arrays: about 8 MB for 107,000. */
export class Places {
  /** Whom to name where results are shown. */
  readonly attribution: string;
  /** How many towns there are. */
  readonly count: number;
  readonly #names: string;
  readonly #nameStarts: Uint32Array;
  /** The names as they are compared: a line for each town, a space before every word. */
  readonly #words: string;
  readonly #wordStarts: Uint32Array;
  readonly #countries: string;
  readonly #regions: string;
  readonly #latitudes: Int32Array;
  readonly #longitudes: Int32Array;
  readonly #populations: Uint32Array;

  constructor(columns: z.infer<typeof placesFile>) {
    const names = columns.names.split('\n');
    this.attribution = columns.attribution;
    this.count = names.length;
    this.#names = columns.names;
    this.#nameStarts = lineStarts(columns.names);
    this.#words = ` ${fold(withOtherNames(names, columns.otherNames)).replaceAll('\n', '\n ')}`;
    this.#wordStarts = lineStarts(this.#words);
    this.#countries = columns.countries;
    this.#regions = columns.regions;
    this.#latitudes = Int32Array.from(columns.latitudes);
    this.#longitudes = Int32Array.from(columns.longitudes);
    this.#populations = Uint32Array.from(columns.populations);
    const counts = [
      this.#wordStarts.length - 1,
      this.#countries.length / countryLetters,
      this.#regions.length / regionLetters,
      this.#latitudes.length,
      this.#longitudes.length,
      this.#populations.length,
    ];
    if (counts.some((count) => count !== this.count)) throw new Error(`columns differ in length: ${counts.join(', ')}`);
  }

  /**
   * At most `limit` towns with a word that begins like the query, the most populous first. Case, accents and
   * punctuation do not count; a query of several words must be found as it is, only its last word may be unfinished.
   */
  search(query: string, limit: number): Place[] {
    const wanted = fold(query).trim();
    const found: Place[] = [];
    if (wanted === '') return found;
    const needle = ` ${wanted}`;
    let at = this.#words.indexOf(needle);
    while (at >= 0 && found.length < limit) {
      const row = rowAt(this.#wordStarts, at);
      found.push(this.#place(row));
      at = this.#words.indexOf(needle, this.#wordStarts[row + 1]);
    }
    return found;
  }

  /**
   * What people would call a place: the most populous town within `withinKm`, or the nearest one that is not too far for a
   * name. Undefined in the middle of nowhere.
   */
  near(latitude: number, longitude: number, withinKm: number): Place | undefined {
    const kmPerUnit = kmPerDegree / unitsPerDegree;
    const [wantedLatitude, wantedLongitude] = [latitude * unitsPerDegree, longitude * unitsPerDegree];
    const narrowing = Math.cos((latitude * Math.PI) / 180);
    let nearest = -1;
    let nearestKm = nearestTownKmMax;
    for (let row = 0; row < this.count; row++) {
      const northKm = Math.abs(this.#latitudes[row]! - wantedLatitude) * kmPerUnit;
      if (northKm > nearestTownKmMax) continue;
      const km = Math.hypot(northKm, (this.#longitudes[row]! - wantedLongitude) * kmPerUnit * narrowing);
      // The most populous come first.
      if (km <= withinKm) return this.#place(row);
      if (km < nearestKm) [nearest, nearestKm] = [row, km];
    }
    return nearest < 0 ? undefined : this.#place(nearest);
  }

  #place(row: number): Place {
    const region = this.#regions.slice(row * regionLetters, (row + 1) * regionLetters).trimEnd();
    return {
      name: this.#names.slice(this.#nameStarts[row], this.#nameStarts[row + 1]! - 1),
      country: this.#countries.slice(row * countryLetters, (row + 1) * countryLetters),
      ...(region !== '' && { region }),
      latitude: this.#latitudes[row]! / unitsPerDegree,
      longitude: this.#longitudes[row]! / unitsPerDegree,
      population: this.#populations[row]!,
    };
  }
}

function withOtherNames(names: readonly string[], otherNames: Readonly<Record<string, string>>): string {
  return names.map((name, row) => (otherNames[row] === undefined ? name : `${name} ${otherNames[row]}`)).join('\n');
}

// Letters that Unicode does not take apart into a plain one and an accent.
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ə: 'e',
};
const plainLetter = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'g');

/** Small plain letters and digits, one space for anything else; lines stay lines. */
function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(plainLetter, (letter) => plainLetters[letter]!)
    .replace(/[^\p{L}\p{N}\n]+/gu, ' ');
}

/** Where each line begins, and where one more would. */
function lineStarts(text: string): Uint32Array {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  starts.push(text.length + 1);
  return Uint32Array.from(starts);
}

/** The line that a position is in. */
function rowAt(starts: Uint32Array, position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= position) low = middle;
    else high = middle;
  }
  return low;
}
