/** Fetches the fleet's tiles for MapLibre, because its own fetching doesn't tell the header with the sequence number. */
import { addProtocol, removeProtocol } from './map-library.ts';
import type { TileId } from './visible-tiles.ts';

const SEQUENCE_HEADER = 'x-map-seq';
let instances = 0;

/**
 * `url` is for the style, until `close`. `onFetched` hears of every tile with its sequence number, undefined when the
 * server didn't give the tile.
 */
export function fleetTiles(
  path: string,
  onFetched: (tile: TileId, seq: number | undefined) => void,
): { readonly url: string; close(): void } {
  const protocol = `fleet-${++instances}`;
  addProtocol(protocol, async ({ url }, abort) => {
    const tile = tileOf(url);
    const response = await fetch(fill(path, tile), { signal: abort.signal }).catch((error: unknown) => {
      if (!abort.signal.aborted) onFetched(tile, undefined);
      throw error;
    });
    if (!response.ok) {
      onFetched(tile, undefined);
      throw new Error(`tile ${url}: ${response.status}`);
    }
    const data = await response.arrayBuffer();
    onFetched(tile, Number(response.headers.get(SEQUENCE_HEADER)));
    return { data };
  });
  return { url: `${protocol}://{z}/{x}/{y}`, close: () => removeProtocol(protocol) };
}

function tileOf(url: string): TileId {
  const [z = 0, x = 0, y = 0] = url
    .slice(url.indexOf('://') + 3)
    .split('/')
    .map(Number);
  return { z, x, y };
}

function fill(path: string, { z, x, y }: TileId): string {
  return path.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y));
}
