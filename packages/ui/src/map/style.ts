/** The style of the map: sources, and layers from the ground up. */
import { PATHS } from '@lovely/api';
import type { FeatureCollection } from 'geojson';
import type { StyleSpecification } from 'maplibre-gl';
import { BASEMAP_SOURCE, groundLayers, labelLayers } from './basemap-layers.ts';
import {
  DONUT_SOURCE,
  donutLayer,
  fleetLayers,
  FLEET_SOURCE,
  SELECTION_SOURCE,
  type FleetLook,
} from './fleet-layers.ts';
import type { Palette } from './palette.ts';

/** The deepest tiles that the server has; deeper views enlarge them. */
export const FLEET_ZOOM_MAX = 16;
const BASEMAP_ZOOM_MAX = 6;

const nothing: FeatureCollection = { type: 'FeatureCollection', features: [] };

export function fleetStyle(look: FleetLook, fleetTilesUrl: string, origin: string): StyleSpecification {
  return {
    version: 8,
    sources: {
      [BASEMAP_SOURCE]: basemapSource(origin),
      [FLEET_SOURCE]: { type: 'vector', tiles: [fleetTilesUrl], minzoom: 0, maxzoom: FLEET_ZOOM_MAX },
      [DONUT_SOURCE]: { type: 'geojson', data: nothing },
      [SELECTION_SOURCE]: { type: 'geojson', data: nothing },
    },
    layers: [
      ...groundLayers(look.palette),
      ...fleetLayers(look),
      ...labelLayers(look.palette),
      donutLayer(look.palette),
    ],
  };
}

/** The world alone. */
export function worldStyle(palette: Palette, origin: string): StyleSpecification {
  return {
    version: 8,
    sources: { [BASEMAP_SOURCE]: basemapSource(origin) },
    layers: [...groundLayers(palette), ...labelLayers(palette)],
  };
}

function basemapSource(origin: string): StyleSpecification['sources'][string] {
  return { type: 'vector', tiles: [origin + PATHS.basemapTiles], minzoom: 0, maxzoom: BASEMAP_ZOOM_MAX };
}
