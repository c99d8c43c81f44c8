/** The world with one pin that can be moved. */
import type { Place } from '@lovely/api';
import { MapLibre, Marker } from './map-library.ts';
import type { Palette } from './palette.ts';
import styles from './PlacePicker.module.css';
import { worldStyle } from './style.ts';
import { wrap } from './visible-tiles.ts';

/** Without a place the whole world is shown; a place is shown with its surroundings. */
const WORLD_ZOOM = 0.3;
const PLACE_ZOOM = 7.5;
const ZOOM_MAX = 19;
/** What the API takes. */
const LATITUDE_MAX = 85;
const ARROW_PIXELS = 4;

const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class PinMap {
  readonly #map: MapLibre;
  readonly #pin: Marker;
  readonly #onMove: (place: Place) => void;
  #palette: Palette;
  #shown: Place | null;

  constructor(container: HTMLElement, palette: Palette, place: Place | null, onMove: (place: Place) => void) {
    this.#palette = palette;
    this.#onMove = onMove;
    this.#shown = place;
    this.#map = new MapLibre({
      container,
      style: worldStyle(palette, location.origin),
      center: place ? [place.longitude, place.latitude] : [12, 25],
      zoom: place ? PLACE_ZOOM : WORLD_ZOOM,
      maxZoom: ZOOM_MAX,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 120,
    });
    this.#map.touchZoomRotate.disableRotation();
    const shape = document.createElement('div');
    shape.className = styles.pin ?? '';
    const element = document.createElement('div');
    element.append(shape);
    element.tabIndex = 0;
    element.setAttribute('role', 'application');
    element.setAttribute('aria-label', 'Pin, move it with the arrow keys');
    element.addEventListener('keydown', (event) => this.#pressed(event));
    this.#pin = new Marker({ element, draggable: true });
    this.#pin.on('dragend', () => this.#moved());
    this.#map.on('click', (event) => {
      this.#pin.setLngLat(event.lngLat).addTo(this.#map);
      this.#moved();
    });
    if (place) this.#pin.setLngLat([place.longitude, place.latitude]).addTo(this.#map);
  }

  close(): void {
    this.#map.remove();
  }

  setPalette(palette: Palette): void {
    if (palette === this.#palette) return;
    this.#palette = palette;
    this.#map.setStyle(worldStyle(palette, location.origin));
  }

  /** Puts the pin at a place that was chosen elsewhere, and looks there. */
  show(place: Place | null): void {
    const isShown = place?.longitude === this.#shown?.longitude && place?.latitude === this.#shown?.latitude;
    if (isShown) return;
    this.#shown = place;
    if (!place) return void this.#pin.remove();
    const at: [number, number] = [place.longitude, place.latitude];
    this.#pin.setLngLat(at).addTo(this.#map);
    this.#map.flyTo({ center: at, zoom: Math.max(PLACE_ZOOM, this.#map.getZoom()), maxDuration: 2_000 });
  }

  #moved(): void {
    const { lng, lat } = this.#pin.getLngLat();
    this.#shown = { longitude: wrap(lng), latitude: Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, lat)) };
    this.#onMove(this.#shown);
  }

  #pressed(event: KeyboardEvent): void {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y } = this.#map.project(this.#pin.getLngLat());
    this.#pin.setLngLat(this.#map.unproject([x + step[0] * ARROW_PIXELS, y + step[1] * ARROW_PIXELS]));
    this.#moved();
  }
}
