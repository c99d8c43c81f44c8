/** The world map on a page: draws the fleet, follows its changes, and tells what was clicked. */
import { PATHS } from '@lovely/api';
import { controlPing, controlPong, mapChanges, mapWatch, WATCHED_TILES_MAX, type MapChange } from '@lovely/protocol';
import type { Feature } from 'geojson';
import type { GeoJSONSource, MapGeoJSONFeature, MapMouseEvent, PointLike } from 'maplibre-gl';
import type { LiveChannel } from '../live/channel.ts';
import { BASEMAP_SOURCE, farLabelLayers } from './basemap-layers.ts';
import type { Donut } from './donuts.ts';
import {
  DONUT_LAYER,
  DONUT_SOURCE,
  fleetLayers,
  FLEET_SOURCE,
  FLEET_SOURCE_LAYER,
  hasLargeMarks,
  HOUSE_LAYER,
  SELECTION_SOURCE,
  type FleetLook,
} from './fleet-layers.ts';
import { fleetTiles } from './fleet-tiles.ts';
import { drawImage, IMAGE_PIXEL_RATIO } from './map-images.ts';
import { MapLibre } from './map-library.ts';
import { showRipples } from './ripples.ts';
import { FLEET_ZOOM_MAX, fleetStyle, layerAboveFarLabels } from './style.ts';
import { TileSync } from './tile-sync.ts';
import type { MapView } from './view.ts';
import { visibleTiles, wrap, type Bounds } from './visible-tiles.ts';

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** What is under the pointer. */
export type Pick =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'house'; readonly id: string; readonly at: Place }
  /** Several houses that no zoom will part, or a ring that stands for one house: `bounds` holds them. */
  | { readonly kind: 'spot'; readonly at: Place; readonly bounds: Bounds; readonly x: number; readonly y: number };

export interface FleetMapHooks {
  /** The map has come to rest here. */
  onView(view: MapView, bounds: Bounds): void;
  onPick(pick: Pick): void;
  /** Everything in view is drawn. */
  onReady(): void;
}

export interface FleetMapOptions {
  readonly container: HTMLElement;
  readonly channel: LiveChannel;
  readonly view: MapView;
  readonly look: FleetLook;
  readonly hooks: FleetMapHooks;
}

const ZOOM_MIN = 0.2;
const ZOOM_MAX = 19;
/** A click on a place with several houses goes this much nearer … */
const ZOOM_STEP = 2.5;
/** … until here, where houses that are still together stand at one spot. */
const SPOT_ZOOM = 15;
/** How far beside a mark a click or a finger may be. */
const CLICK_TOLERANCE_PIXELS = 5;
/** Tiles out of view that the map keeps. */
const CACHED_TILES_MAX = 200;
const PING_PREFIX = 'map-';
const EASE_MS = 500;

export class FleetMap {
  readonly #map: MapLibre;
  readonly #hooks: FleetMapHooks;
  readonly #tiles: ReturnType<typeof fleetTiles>;
  readonly #sync: TileSync;
  readonly #stops: (() => void)[];
  #look: FleetLook;
  /** What the style shows; undefined until there is one. */
  #drawn: FleetLook | undefined;
  #donuts: readonly Donut[] = [];
  #selected: Place | null = null;

  constructor({ container, channel, view, look, hooks }: FleetMapOptions) {
    this.#hooks = hooks;
    this.#look = look;
    this.#sync = new TileSync({
      watch: (z, tiles, watch) => {
        const body = { z, tiles: tiles.map(({ x, y, since }) => ({ x, y, since })) };
        // The answer to the ping comes after everything that was sent before the server knew the watch.
        if (channel.send(mapWatch.frame({}, body))) channel.send(controlPing.frame({}, undefined, PING_PREFIX + watch));
      },
      apply: (changes) => this.#apply(changes),
      forget: () => this.#map.removeFeatureState({ source: FLEET_SOURCE, sourceLayer: FLEET_SOURCE_LAYER }),
      refetch: (tiles) => this.#map.refreshTiles(FLEET_SOURCE, [...tiles]),
    });
    this.#tiles = fleetTiles(PATHS.fleetTiles, (tile, seq) => this.#sync.fetched(tile, seq));
    this.#map = new MapLibre({
      container,
      style: fleetStyle(look, this.#tiles.url, location.origin),
      center: [view.longitude, view.latitude],
      zoom: view.zoom,
      minZoom: ZOOM_MIN,
      maxZoom: ZOOM_MAX,
      attributionControl: false,
      fadeDuration: 120,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxTileCacheSize: CACHED_TILES_MAX,
      // The canvas is no stop for the keyboard: the list of houses in view is its twin.
      keyboard: false,
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.getCanvas().tabIndex = -1;
    this.#map.setMissingStyleImageResolver(async (name) => {
      const image = drawImage(name);
      if (image && !this.#map.hasImage(name)) this.#map.addImage(name, image, { pixelRatio: IMAGE_PIXEL_RATIO });
    });
    this.#map.on('style.load', () => {
      // It also comes after a change of the style. The look may have changed while there was no style to change.
      this.#draw(this.#drawn ?? look);
      this.#fill();
    });
    this.#map.on('load', () => this.#looked());
    this.#map.on('moveend', () => this.#looked());
    this.#map.on('resize', () => this.#looked());
    this.#map.on('render', this.#rendered);
    this.#map.on('click', (event) => this.#clicked(event));
    for (const layer of [HOUSE_LAYER, DONUT_LAYER]) {
      this.#map.on('mousemove', layer, () => (this.#map.getCanvas().style.cursor = 'pointer'));
      this.#map.on('mouseleave', layer, () => (this.#map.getCanvas().style.cursor = ''));
    }
    let wasOpen = channel.state.kind === 'open';
    this.#stops = [
      channel.subscribe(mapChanges, ({ body }) => this.#sync.received(body)),
      channel.subscribe(controlPong, ({ sid }) => {
        if (sid.startsWith(PING_PREFIX)) this.#sync.confirmed(Number(sid.slice(PING_PREFIX.length)));
      }),
      channel.onState(() => {
        if (channel.state.kind !== 'open') return;
        if (wasOpen) this.#sync.reconnected();
        else this.#sync.connected();
        wasOpen = true;
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#sync.close();
    this.#map.remove();
    this.#tiles.close();
  }

  get view(): MapView {
    const { lng, lat } = this.#map.getCenter();
    return { longitude: wrap(lng), latitude: lat, zoom: this.#map.getZoom() };
  }

  get isMoving(): boolean {
    return this.#map.isMoving();
  }

  /** Changes colours or the size of marks; what is shown stays. */
  setLook(look: FleetLook): void {
    this.#look = look;
    if (this.#drawn) this.#draw(this.#drawn);
  }

  showDonuts(donuts: readonly Donut[]): void {
    this.#donuts = donuts;
    this.#fill();
  }

  select(place: Place | null): void {
    this.#selected = place;
    this.#fill();
  }

  jumpTo(view: MapView): void {
    this.#map.jumpTo({ center: [view.longitude, view.latitude], zoom: view.zoom });
  }

  /** Goes there in an arc; `zoomMin` leaves a nearer view as it is. */
  flyTo(place: Place, zoomMin: number): void {
    const zoom = Math.max(zoomMin, this.#map.getZoom());
    this.#map.flyTo({ center: [place.longitude, place.latitude], zoom, speed: 1.6, maxDuration: 2_500 });
  }

  /** Moves just so far that a place is not under the cards; `padding` is what they cover. */
  reveal(place: Place, padding: { right: number; bottom: number }): void {
    const { x, y } = this.#map.project([place.longitude, place.latitude]);
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const margin = 40;
    const right = Math.min(0, clientWidth - padding.right - margin - x);
    const bottom = Math.min(0, clientHeight - padding.bottom - margin - y);
    if (right < 0 || bottom < 0) this.#map.panBy([-right, -bottom], { duration: EASE_MS });
  }

  fit(bounds: Bounds, zoomMax: number): void {
    const { west, south, east, north } = bounds;
    this.#map.fitBounds([west, south, east < west ? east + 360 : east, north], { padding: 90, maxZoom: zoomMax });
  }

  zoomBy(levels: number): void {
    this.#map.easeTo({ zoom: this.#map.getZoom() + levels, duration: 250 });
  }

  /** `idle` would never come where something changes all the time. */
  readonly #rendered = (): void => {
    if (![BASEMAP_SOURCE, FLEET_SOURCE].every((source) => this.#map.isSourceLoaded(source))) return;
    this.#map.off('render', this.#rendered);
    this.#hooks.onReady();
  };

  #looked(): void {
    const bounds = this.#bounds();
    const zoom = this.#map.getZoom();
    this.#sync.look(visibleTiles(bounds, zoom, FLEET_ZOOM_MAX, WATCHED_TILES_MAX));
    this.#hooks.onView(this.view, bounds);
  }

  #bounds(): Bounds {
    const bounds = this.#map.getBounds();
    return { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
  }

  #apply(changes: readonly MapChange[]): void {
    showRipples(this.#map, changes, this.#look.palette);
    for (const { id, ...state } of changes) {
      this.#map.setFeatureState({ source: FLEET_SOURCE, sourceLayer: FLEET_SOURCE_LAYER, id }, state);
    }
  }

  #clicked(event: MapMouseEvent): void {
    const { x, y } = event.point;
    const around: [PointLike, PointLike] = [
      [x - CLICK_TOLERANCE_PIXELS, y - CLICK_TOLERANCE_PIXELS],
      [x + CLICK_TOLERANCE_PIXELS, y + CLICK_TOLERANCE_PIXELS],
    ];
    const donut = this.#map.queryRenderedFeatures(around, { layers: [DONUT_LAYER] })[0];
    const marks = this.#map.queryRenderedFeatures(around, { layers: [HOUSE_LAYER] });
    const places = donut ? [donut] : distinct(marks);
    const [first] = places;
    if (!first) return this.#hooks.onPick({ kind: 'nothing' });
    const at = placeOf(first);
    const isOne = places.length === 1 && countOf(first) === 1;
    const id: unknown = first.properties['id'];
    if (isOne && typeof id === 'string') return this.#hooks.onPick({ kind: 'house', id, at });
    const zoom = this.#map.getZoom();
    const isTogether = zoom >= SPOT_ZOOM || isOne;
    if (isTogether) {
      const bounds = this.#boundsOf(around);
      return this.#hooks.onPick({ kind: 'spot', at, bounds, x, y });
    }
    this.#map.easeTo({
      center: [at.longitude, at.latitude],
      zoom: Math.min(SPOT_ZOOM, zoom + ZOOM_STEP),
      duration: EASE_MS,
    });
  }

  #boundsOf([topLeft, bottomRight]: [PointLike, PointLike]): Bounds {
    const northWest = this.#map.unproject(topLeft);
    const southEast = this.#map.unproject(bottomRight);
    return { west: northWest.lng, north: northWest.lat, east: southEast.lng, south: southEast.lat };
  }

  #draw(before: FleetLook): void {
    const look = this.#look;
    this.#drawn = look;
    // Not left to the comparison of styles below, which would take the layers out and in again.
    if (hasLargeMarks(before) !== hasLargeMarks(look)) {
      const above = layerAboveFarLabels(look);
      for (const { id } of farLabelLayers(look.palette)) this.#map.moveLayer(id, above);
    }
    if (before.palette !== look.palette) {
      this.#map.setStyle(fleetStyle(look, this.#tiles.url, location.origin));
    } else if (before.mode !== look.mode || before.radiusMin !== look.radiusMin) {
      for (const layer of fleetLayers(look)) {
        for (const [name, value] of Object.entries(layer.paint ?? {})) {
          this.#map.setPaintProperty(layer.id, name as 'circle-color', value);
        }
      }
    }
  }

  /** Puts what only the page knows into the style; before the style is loaded there is nothing to put it in. */
  #fill(): void {
    const donuts = this.#donuts.map(({ longitude, latitude, ...properties }) =>
      point({ longitude, latitude }, properties),
    );
    const selection = this.#selected ? [point(this.#selected, {})] : [];
    for (const [id, features] of Object.entries({ [DONUT_SOURCE]: donuts, [SELECTION_SOURCE]: selection })) {
      void this.#map.getSource<GeoJSONSource>(id)?.setData({ type: 'FeatureCollection', features });
    }
  }
}

function point(place: Place, properties: Record<string, unknown>): Feature {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [place.longitude, place.latitude] },
    properties,
  };
}

/** A mark at the edge of tiles may be found twice. */
function distinct(features: readonly MapGeoJSONFeature[]): MapGeoJSONFeature[] {
  return [...new Map(features.map((feature) => [feature.id, feature])).values()];
}

function countOf(feature: MapGeoJSONFeature): number {
  return Number(feature.properties['n'] ?? feature.properties['houses'] ?? 0);
}

function placeOf(feature: MapGeoJSONFeature): Place {
  if (feature.geometry.type !== 'Point') throw new TypeError('a mark on the map is a point');
  const [longitude = 0, latitude = 0] = feature.geometry.coordinates;
  return { longitude: wrap(longitude), latitude };
}
