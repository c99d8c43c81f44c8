/** The world with a red dot for each of some houses, and a circle around where most of them are. */
import type { Place } from '@lovely/api';
import type { Feature, FeatureCollection } from 'geojson';
import type { GeoJSONSource, StyleSpecification } from 'maplibre-gl';
import { MapLibre } from './map-library.ts';
import type { Palette } from './palette.ts';
import { worldStyle } from './style.ts';

export interface Area {
  readonly center: Place;
  readonly radiusKm: number;
}

const DOTS = 'dots';
const AREA = 'area';
const ZOOM_MAX = 9;
const PADDING_PIXELS = 36;
/** Corners of the shape that stands for a circle. */
const CORNERS = 64;
const KM_PER_DEGREE = 111.32;

export class DotMap {
  readonly #map: MapLibre;
  #palette: Palette;
  #places: readonly Place[];
  #area: Area | null;

  constructor(container: HTMLElement, palette: Palette, places: readonly Place[], area: Area | null) {
    this.#palette = palette;
    this.#places = places;
    this.#area = area;
    this.#map = new MapLibre({
      container,
      style: this.#style(),
      bounds: boundsOf(places, area),
      fitBoundsOptions: { padding: PADDING_PIXELS, maxZoom: ZOOM_MAX },
      attributionControl: false,
      // The page scrolls; a map in the middle of it must not catch the wheel.
      scrollZoom: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      cooperativeGestures: false,
      fadeDuration: 120,
    });
    this.#map.touchZoomRotate.disableRotation();
    // The page says the same in words.
    this.#map.getCanvas().tabIndex = -1;
  }

  close(): void {
    this.#map.remove();
  }

  setPalette(palette: Palette): void {
    if (palette === this.#palette) return;
    this.#palette = palette;
    this.#map.setStyle(this.#style());
  }

  show(places: readonly Place[], area: Area | null): void {
    this.#places = places;
    this.#area = area;
    void this.#map.getSource<GeoJSONSource>(DOTS)?.setData(dotsOf(places));
    void this.#map.getSource<GeoJSONSource>(AREA)?.setData(circleOf(area));
  }

  #style(): StyleSpecification {
    const { bad, edge } = this.#palette;
    const world = worldStyle(this.#palette, location.origin);
    return {
      ...world,
      sources: {
        ...world.sources,
        [AREA]: { type: 'geojson', data: circleOf(this.#area) },
        [DOTS]: { type: 'geojson', data: dotsOf(this.#places) },
      },
      layers: [
        ...world.layers,
        { id: 'area-fill', type: 'fill', source: AREA, paint: { 'fill-color': bad, 'fill-opacity': 0.12 } },
        { id: 'area-line', type: 'line', source: AREA, paint: { 'line-color': bad, 'line-opacity': 0.55 } },
        {
          id: 'dots',
          type: 'circle',
          source: DOTS,
          paint: {
            'circle-color': bad,
            'circle-radius': ['interpolate', ['linear'], ['zoom'], 1, 3, 8, 6],
            'circle-stroke-color': edge,
            'circle-stroke-width': 1,
          },
        },
      ],
    };
  }
}

function dotsOf(places: readonly Place[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: places.map(({ longitude, latitude }) => ({
      type: 'Feature',
      properties: {},
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
    })),
  };
}

function circleOf(area: Area | null): FeatureCollection {
  return { type: 'FeatureCollection', features: area ? [ring(area)] : [] };
}

function ring({ center, radiusKm }: Area): Feature {
  const [east, north] = degrees(center, radiusKm);
  const corners = Array.from({ length: CORNERS + 1 }, (_, index) => {
    const angle = (index / CORNERS) * 2 * Math.PI;
    return [center.longitude + Math.cos(angle) * east, center.latitude + Math.sin(angle) * north];
  });
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [corners] } };
}

/** How many degrees to the east and to the north so many kilometres are. */
function degrees({ latitude }: Place, km: number): [east: number, north: number] {
  const north = km / KM_PER_DEGREE;
  return [north / Math.max(0.05, Math.cos((latitude * Math.PI) / 180)), north];
}

function boundsOf(places: readonly Place[], area: Area | null): [number, number, number, number] {
  const corners = places.map(({ longitude, latitude }): [number, number] => [longitude, latitude]);
  if (area) {
    const [east, north] = degrees(area.center, area.radiusKm);
    const { longitude, latitude } = area.center;
    corners.push([longitude - east, latitude - north], [longitude + east, latitude + north]);
  }
  const longitudes = corners.map(([longitude]) => longitude);
  const latitudes = corners.map(([, latitude]) => latitude);
  return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}
