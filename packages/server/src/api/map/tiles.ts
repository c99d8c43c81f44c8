/** Vector tiles over HTTP: the houses of a tenant, and the world under them. */
import { gzipSync } from 'node:zlib';
import { PATHS } from '@lovely/api';
import { LovelyError } from '../../errors.ts';
import { TILE_CACHE_ENTRIES, TILE_CACHE_MS } from '../../limits.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import type { Basemap } from './basemap.ts';
import { mapKey, type FleetMaps } from './fleet-maps.ts';
import { isTile } from './index/fleet-index.ts';
import type { Tile } from './index/walk.ts';

const MIME = 'application/vnd.mapbox-vector-tile';
const BASEMAP_AGE_SECONDS = 24 * 3600;
const FAST = 1;

export function routeTiles(http: Http, context: ApiContext, maps: FleetMaps, basemap: () => Promise<Basemap>): void {
  const recent = createTileCache();

  http.get(toRoute(PATHS.fleetTiles), async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const tile = readTile(c.req.param());
    const scope = person.scope('fleet.read');
    const { index } = await maps.of(person.tenantId, scope);
    const key = `${mapKey(person.tenantId, scope)}/${tile.z}/${tile.x}/${tile.y}`;
    const { seq, bytes } = recent(key, () => {
      const made = index.tile(tile);
      return { seq: made.seq, bytes: made.bytes.length > 0 ? gzipSync(made.bytes, { level: FAST }) : undefined };
    });
    const headers = { 'cache-control': 'no-store', 'x-map-seq': String(seq) };
    if (!bytes) return new Response(null, { status: 204, headers });
    return new Response(bytes, { headers: { ...headers, 'content-type': MIME, 'content-encoding': 'gzip' } });
  });

  http.get(toRoute(PATHS.basemapTiles), async (c) => {
    await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const { z, x, y } = readTile(c.req.param());
    const bytes = await (await basemap()).tile(z, x, y);
    const headers = { 'cache-control': `private, max-age=${BASEMAP_AGE_SECONDS}` };
    if (!bytes) return new Response(null, { status: 204, headers });
    return new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { ...headers, 'content-type': MIME, 'content-encoding': 'gzip' },
    });
  });
}

function toRoute(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function readTile({ z, x, y }: Record<string, string>): Tile {
  const tile = { z: Number(z), x: Number(x), y: Number(y) };
  if (!isTile(tile)) throw new LovelyError('not-found', 'There is no such tile.');
  return tile;
}

interface CachedTile {
  readonly seq: number;
  readonly bytes: Buffer<ArrayBuffer> | undefined;
}

/** Compressing costs more than building: many browsers that look at one place share one tile for half a second. */
function createTileCache(): (key: string, make: () => CachedTile) => CachedTile {
  const cache = new Map<string, { readonly untilMs: number; readonly tile: CachedTile }>();
  return (key, make) => {
    const nowMs = Date.now();
    const known = cache.get(key);
    if (known && known.untilMs > nowMs) return known.tile;
    cache.delete(key);
    for (const oldest of cache.keys()) {
      if (cache.size < TILE_CACHE_ENTRIES) break;
      cache.delete(oldest);
    }
    const tile = make();
    cache.set(key, { untilMs: nowMs + TILE_CACHE_MS, tile });
    return tile;
  };
}
