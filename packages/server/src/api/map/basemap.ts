// The world under the houses: tiles out of one PMTiles file, sent as they are stored.
import { open, type FileHandle } from 'node:fs/promises';
import { Compression, PMTiles, SharedPromiseCache, TileType, type RangeResponse, type Source } from 'pmtiles';
import { BASEMAP_DIRECTORIES_MAX } from '../../limits.ts';

/**
 * Opens a PMTiles archive of gzipped vector tiles, ours or one that an operator supplies.
 * Throws when the file is missing, is not such an archive, or holds tiles that a browser could not read as gzip.
 */
export async function openBasemap(file: string): Promise<Basemap> {
  const handle = await open(file, 'r');
  try {
    // Only tiles and metadata go through the decompressor given to PMTiles, directories through the cache's own:
    // so this one leaves tiles as they are stored.
    const archive = new PMTiles(
      new HandleSource(file, handle),
      new SharedPromiseCache(BASEMAP_DIRECTORIES_MAX),
      asStored,
    );
    const header = await archive.getHeader();
    if (header.tileType !== TileType.Mvt) throw new Error('its tiles are not vector tiles (MVT)');
    if (header.tileCompression !== Compression.Gzip) throw new Error('its tiles are not compressed with gzip');
    return new Basemap(handle, archive, header.minZoom, header.maxZoom);
  } catch (cause) {
    await handle.close();
    throw new Error(`${file} cannot serve as the basemap`, { cause });
  }
}

/** An open basemap. The operating system caches the tiles, this only a bounded number of directories. */
export class Basemap {
  readonly zoomMin: number;
  /** The deepest level with tiles: a map enlarges them beyond it. */
  readonly zoomMax: number;
  readonly #handle: FileHandle;
  readonly #archive: PMTiles;

  constructor(handle: FileHandle, archive: PMTiles, zoomMin: number, zoomMax: number) {
    this.#handle = handle;
    this.#archive = archive;
    this.zoomMin = zoomMin;
    this.zoomMax = zoomMax;
  }

  /** The gzipped Mapbox Vector Tile, to be sent with `content-encoding: gzip`; undefined where there is none. */
  async tile(zoom: number, x: number, y: number): Promise<Uint8Array | undefined> {
    if (![zoom, x, y].every(Number.isInteger) || zoom < this.zoomMin || zoom > this.zoomMax) return undefined;
    if (Math.min(x, y) < 0 || Math.max(x, y) >= 2 ** zoom) return undefined;
    const stored = await this.#archive.getZxy(zoom, x, y);
    return stored && new Uint8Array(stored.data);
  }

  /** Closes the file when the reads under way are done; later reads are rejected. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

class HandleSource implements Source {
  readonly #file: string;
  readonly #handle: FileHandle;

  constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  getKey(): string {
    return this.#file;
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    const { buffer, bytesRead } = await this.#handle.read(new Uint8Array(length), 0, length, offset);
    // The first read is for the header and whatever follows it: a small archive has less than it asks for.
    if (bytesRead < length && offset > 0) throw new Error(`${this.#file} ends before byte ${offset + length}`);
    return { data: buffer.buffer.slice(0, bytesRead) };
  }
}

function asStored(data: ArrayBuffer): Promise<ArrayBuffer> {
  return Promise.resolve(data);
}
