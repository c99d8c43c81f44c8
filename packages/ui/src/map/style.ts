/** The style of the map: sources, and layers from the ground up. */
import { PATHS } from '@lovely/api';
import type { FeatureCollection } from 'geojson';
import type { StyleSpecification } from 'maplibre-gl';
import { BASEMAP_SOURCE, farLabelLayers, groundLayers, nearLabelLayers } from './basemap-layers.ts';
import {
  DONUT_SOURCE,
  donutLayer,
  fleetLayers,
  FLEET_SOURCE,
  hasLargeMarks,
  SELECTION_SOURCE,
  type FleetLook,
} from './fleet-layers.ts';
import type { Palette } from './palette.ts';

/** The deepest tiles that the server has; deeper views enlarge them. */
export const FLEET_ZOOM_MAX = 16;
const BASEMAP_ZOOM_MAX = 6;

const nothing: FeatureCollection = { type: 'FeatureCollection', features: [] };

export function fleetStyle(look: FleetLook, fleetTilesUrl: string, origin: string): StyleSpecification {
  const { palette } = look;
  return {
    version: 8,
    sources: {
      [BASEMAP_SOURCE]: basemapSource(origin),
      [FLEET_SOURCE]: { type: 'vector', tiles: [fleetTilesUrl], minzoom: 0, maxzoom: FLEET_ZOOM_MAX },
      [DONUT_SOURCE]: { type: 'geojson', data: nothing },
      [SELECTION_SOURCE]: { type: 'geojson', data: nothing },
    },
    layers: [
      ...groundLayers(palette),
      ...nearLabelLayers(palette),
      ...(hasLargeMarks(look) ? [...farLabelLayers(palette), ...fleetLayers(look)] : []),
      // Names stay readable in dust, but may not hide a mark that stands for itself.
      ...(hasLargeMarks(look) ? [] : [...fleetLayers(look), ...farLabelLayers(palette)]),
      donutLayer(palette),
    ],
  };
}

/** The id of the layer under which the names of countries and cities are. */
export function layerAboveFarLabels(look: FleetLook): string | undefined {
  const above = hasLargeMarks(look) ? fleetLayers(look)[0] : donutLayer(look.palette);
  return above?.id;
}

/** The world alone. */
export function worldStyle(palette: Palette, origin: string): StyleSpecification {
  return {
    version: 8,
    sources: { [BASEMAP_SOURCE]: basemapSource(origin) },
    layers: [...groundLayers(palette), ...nearLabelLayers(palette), ...farLabelLayers(palette)],
  };
}

function basemapSource(origin: string): StyleSpecification['sources'][string] {
  return { type: 'vector', tiles: [origin + PATHS.basemapTiles], minzoom: 0, maxzoom: BASEMAP_ZOOM_MAX };
}
