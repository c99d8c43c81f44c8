/** Which tiles and which part of the world a view shows. Bounds of a map that repeats the world may pass ±180°. */
export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface TileId {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** Where the mercator square ends. */
const LATITUDE_MAX = 85.0511287798066;
const DECIMALS = 5;

export function tileKey({ z, x, y }: TileId): string {
  return `${z}/${x}/${y}`;
}

/** The tiles that touch the bounds, the ones near the middle first, each once even where the world is seen twice. */
export function visibleTiles(bounds: Bounds, zoom: number, zoomMax: number, tilesMax: number): TileId[] {
  const z = Math.max(0, Math.min(zoomMax, Math.floor(zoom)));
  const size = 2 ** z;
  const { left, right, top, bottom } = tileRange(bounds, z);
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
  const tiles: { readonly tile: TileId; readonly distance: number }[] = [];
  for (let x = left; x <= right; x++) {
    for (let y = top; y <= bottom; y++) {
      const tile = { z, x: ((x % size) + size) % size, y };
      tiles.push({ tile, distance: Math.hypot(x - middle.x, y - middle.y) });
    }
  }
  tiles.sort((one, other) => one.distance - other.distance);
  return tiles.slice(0, tilesMax).map(({ tile }) => tile);
}

/** How many tiles of a whole zoom level touch the bounds. */
export function visibleTileCount(bounds: Bounds, z: number): number {
  const { left, right, top, bottom } = tileRange(bounds, z);
  return (right - left + 1) * (bottom - top + 1);
}

/** The bounds as the API's `box`: west,south,east,north with west greater than east across the antimeridian. */
export function boxOf(bounds: Bounds): string {
  const isWholeTurn = bounds.east - bounds.west >= 360;
  const west = isWholeTurn ? -180 : wrap(bounds.west);
  const east = isWholeTurn ? 180 : wrap(bounds.east);
  const clamp = (latitude: number): number => Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, latitude));
  return [west, clamp(bounds.south), east, clamp(bounds.north)].map((degrees) => degrees.toFixed(DECIMALS)).join(',');
}

/** A longitude in −180…180. */
export function wrap(longitude: number): number {
  return longitude - 360 * Math.floor((longitude + 180) / 360);
}

/** Columns may be beyond the world's, but are never more than one turn. */
function tileRange(bounds: Bounds, z: number): { left: number; right: number; top: number; bottom: number } {
  const size = 2 ** z;
  const left = Math.floor(column(bounds.west, size));
  return {
    left,
    right: Math.min(lastTouched(column(bounds.east, size)), left + size - 1),
    top: clampRow(Math.floor(row(bounds.north, size)), size),
    bottom: clampRow(lastTouched(row(bounds.south, size)), size),
  };
}

function column(longitude: number, size: number): number {
  return (longitude / 360 + 0.5) * size;
}

function row(latitude: number, size: number): number {
  const clamped = Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, latitude));
  return (0.5 - Math.atanh(Math.sin((clamped * Math.PI) / 180)) / (2 * Math.PI)) * size;
}

/** An edge that lies exactly between two tiles touches only the one before it. */
function lastTouched(edge: number): number {
  return Math.ceil(edge) - 1;
}

function clampRow(y: number, size: number): number {
  return Math.max(0, Math.min(size - 1, y));
}
