/**
 * The vector tiles of the map: one layer `house`, whose points are cells (at the centre of their houses) and houses.
 * Properties are those of a `Feature`, `n`, `w`, `b` and `h`, and for a single house its `id`.
 */
import type { Cells } from './cells.ts';
import { visitFeatures } from './features.ts';
import { type Houses, NO_HOUSE } from './houses.ts';
import { addPoint, createPointLayer, finishTile, TILE_EXTENT } from './point-layer.ts';
import type { Tile } from './walk.ts';

export function encodeTile(cells: Cells, houses: Houses, tile: Tile): Uint8Array {
  const layer = createPointLayer('house', ['n', 'w', 'b', 'h', 'id']);
  const tiles = 2 ** tile.z;
  visitFeatures(cells, houses, tile, 0, ({ id, n, w, b, h }, { slot, east, south }) => {
    const x = Math.floor((east * tiles - tile.x) * TILE_EXTENT);
    const y = Math.floor((south * tiles - tile.y) * TILE_EXTENT);
    if (slot === NO_HOUSE) addPoint(layer, id, x, y, [n, w, b, h]);
    else addPoint(layer, id, x, y, [n, w, b, h], houses.ids, 4 * slot);
  });
  return finishTile(layer);
}
