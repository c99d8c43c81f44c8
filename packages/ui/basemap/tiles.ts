// Cuts layers of features into gzipped vector tiles.
import { gzipSync } from 'node:zlib';
import { GeoJSONVT, type GeoJSONVTTile } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import type { Feature } from 'geojson';

/** One source of one tile layer, for a range of zoom levels. Sources that share a name must not share a zoom level. */
export type Layer = {
  name: string;
  zoomMin: number;
  zoomMax: number;
  features: Feature[];
  /** How far, in 1/4096 of a tile, a simplified line may be from the true one. */
  tolerance: number;
  /** How far around itself, in 1/4096 of a tile, a tile repeats its neighbours: labels need more than lines. */
  buffer: number;
};

/** A tile as it is stored and sent: gzipped Mapbox Vector Tile, version 2. */
export type Tile = { zoom: number; x: number; y: number; data: Uint8Array };

const tileExtent = 4096;
const gzipLevel = 9;

/** Every tile of the zoom levels 0 to `zoomMax` with something in it, in the order of zoom, x, y. */
export function cutTiles(layers: readonly Layer[], zoomMax: number): Tile[] {
  const sources = layers
    .filter((layer) => layer.zoomMin <= zoomMax)
    .map((layer) => ({ layer, index: indexOf(layer, zoomMax) }));
  const tiles: Tile[] = [];
  for (let zoom = 0; zoom <= zoomMax; zoom++) {
    const active = sources.filter(({ layer }) => layer.zoomMin <= zoom && zoom <= layer.zoomMax);
    for (let x = 0; x < 2 ** zoom; x++) {
      for (let y = 0; y < 2 ** zoom; y++) {
        const content: Record<string, GeoJSONVTTile> = {};
        for (const { layer, index } of active) {
          const part = index.getTile(zoom, x, y);
          if (part !== null && part.features.length > 0) content[layer.name] = part;
        }
        if (Object.keys(content).length === 0) continue;
        const encoded = fromGeojsonVt(content, { version: 2, extent: tileExtent });
        tiles.push({ zoom, x, y, data: gzipSync(encoded, { level: gzipLevel }) });
      }
    }
  }
  return tiles;
}

function indexOf(layer: Layer, zoomMax: number): GeoJSONVT {
  return new GeoJSONVT(
    { type: 'FeatureCollection', features: layer.features },
    {
      maxZoom: zoomMax,
      indexMaxZoom: Math.min(zoomMax, layer.zoomMax),
      indexMaxPoints: 0,
      extent: tileExtent,
      tolerance: layer.tolerance,
      buffer: layer.buffer,
    },
  );
}
