// Writes a PMTiles archive, version 3: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
import { gzipSync } from 'node:zlib';
import type { Tile } from './tiles.ts';

/** What stands beside the tiles in an archive; `metadata` is what TileJSON calls by the same names. */
export type ArchiveInfo = { zoomMin: number; zoomMax: number; metadata: Record<string, unknown> };

type Entry = { id: number; offset: number; length: number; runLength: number };

const headerBytes = 127;
// Readers fetch the first 16 KiB at once, and the root directory must be in them.
const rootBytesMax = 16_384 - headerBytes;
const leafEntries = 2048;
const codes = { gzip: 2, vectorTile: 1 };
const mercatorLatitudeMax = 85.0511287;

/** The archive's bytes: tiles in Hilbert order, equal ones stored once. */
export function encodeArchive(tiles: readonly Tile[], info: ArchiveInfo): Uint8Array {
  const { entries, contents } = placeTiles(tiles);
  const { root, leaves } = encodeDirectories(entries);
  const metadata = gzipSync(JSON.stringify(info.metadata));
  const data = Buffer.concat(contents);

  const header = Buffer.alloc(headerBytes);
  header.write('PMTiles', 'ascii');
  header[7] = 3;
  let start = headerBytes;
  [root, metadata, leaves, data].forEach((section, index) => {
    header.writeBigUInt64LE(BigInt(start), 8 + index * 16);
    header.writeBigUInt64LE(BigInt(section.length), 16 + index * 16);
    start += section.length;
  });
  [tiles.length, entries.length, contents.length].forEach((count, index) => {
    header.writeBigUInt64LE(BigInt(count), 72 + index * 8);
  });
  header.set([1, codes.gzip, codes.gzip, codes.vectorTile, info.zoomMin, info.zoomMax], 96);
  [-180, -mercatorLatitudeMax, 180, mercatorLatitudeMax].forEach((degrees, index) => {
    header.writeInt32LE(Math.round(degrees * 1e7), 102 + index * 4);
  });
  return Buffer.concat([header, root, metadata, leaves, data]);
}

function placeTiles(tiles: readonly Tile[]): { entries: Entry[]; contents: Uint8Array[] } {
  const sorted = tiles
    .map((tile) => ({ id: tileId(tile.zoom, tile.x, tile.y), data: tile.data }))
    .sort((left, right) => left.id - right.id);
  const offsets = new Map<string, number>();
  const entries: Entry[] = [];
  const contents: Uint8Array[] = [];
  let end = 0;
  for (const { id, data } of sorted) {
    const key = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
    let offset = offsets.get(key);
    if (offset === undefined) {
      offset = end;
      offsets.set(key, offset);
      contents.push(data);
      end += data.length;
    }
    const last = entries.at(-1);
    if (last !== undefined && last.offset === offset && last.id + last.runLength === id) last.runLength++;
    else entries.push({ id, offset, length: data.length, runLength: 1 });
  }
  return { entries, contents };
}

/** One directory when it fits beside the header, else a root that points to leaves. */
function encodeDirectories(entries: readonly Entry[]): { root: Uint8Array; leaves: Uint8Array } {
  const single = encodeDirectory(entries);
  if (single.length <= rootBytesMax) return { root: single, leaves: new Uint8Array() };
  const pointers: Entry[] = [];
  const leaves: Uint8Array[] = [];
  let offset = 0;
  for (let first = 0; first < entries.length; first += leafEntries) {
    const leaf = encodeDirectory(entries.slice(first, first + leafEntries));
    pointers.push({ id: entries[first]!.id, offset, length: leaf.length, runLength: 0 });
    leaves.push(leaf);
    offset += leaf.length;
  }
  return { root: encodeDirectory(pointers), leaves: Buffer.concat(leaves) };
}

/** Column by column: ids as differences, run lengths, lengths, and offsets, where 0 means "right after the one before". */
function encodeDirectory(entries: readonly Entry[]): Uint8Array {
  const followsLast = (entry: Entry, last: Entry | undefined): boolean =>
    last !== undefined && entry.offset === last.offset + last.length;
  const values = [
    entries.length,
    ...entries.map((entry, index) => entry.id - (entries[index - 1]?.id ?? 0)),
    ...entries.map((entry) => entry.runLength),
    ...entries.map((entry) => entry.length),
    ...entries.map((entry, index) => (followsLast(entry, entries[index - 1]) ? 0 : entry.offset + 1)),
  ];
  return gzipSync(Uint8Array.from(values.flatMap(varint)));
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** A tile's number: its place on the Hilbert curve of its zoom level, after all tiles of the levels above. */
function tileId(zoom: number, x: number, y: number): number {
  let id = (4 ** zoom - 1) / 3;
  let column = x;
  let row = y;
  for (let side = 2 ** (zoom - 1); side >= 1; side /= 2) {
    const right = column & side ? 1 : 0;
    const below = row & side ? 1 : 0;
    id += side * side * ((3 * right) ^ below);
    column &= side - 1;
    row &= side - 1;
    if (below === 1) continue;
    // In the upper half the curve runs turned by 90 degrees, on the right also mirrored.
    const turned = right === 1 ? [side - 1 - row, side - 1 - column] : [row, column];
    [column, row] = turned as [number, number];
  }
  return id;
}
