/** Where the map looks: as numbers, and as the short text that stands in the address. */
export interface MapView {
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}

const LATITUDE_MAX = 85;
const ZOOM_MAX = 22;
/** An address names a place to about a pixel of its zoom, and no better. */
const DECIMALS_MIN = 2;
const ZOOM_STEPS_A_DECIMAL = 3.32;

/** "12.49,41.89,9.5" for longitude, latitude and zoom. */
export function formatView({ longitude, latitude, zoom }: MapView): string {
  const decimals = Math.max(DECIMALS_MIN, Math.ceil(zoom / ZOOM_STEPS_A_DECIMAL));
  return `${longitude.toFixed(decimals)},${latitude.toFixed(decimals)},${Number(zoom.toFixed(2))}`;
}

/** Undefined for what is no view: somebody may have edited the address. */
export function parseView(text: string | undefined): MapView | undefined {
  const [longitude, latitude, zoom, ...rest] = (text ?? '')
    .split(',')
    .map((part) => (part === '' ? NaN : Number(part)));
  if (longitude === undefined || latitude === undefined || zoom === undefined || rest.length > 0) return undefined;
  const isPlace = Math.abs(longitude) <= 180 && Math.abs(latitude) <= LATITUDE_MAX && zoom >= 0 && zoom <= ZOOM_MAX;
  return isPlace ? { longitude, latitude, zoom } : undefined;
}

/** Whether two views show the same, as far as an address tells. */
export function isSameView(one: MapView, other: MapView): boolean {
  return formatView(one) === formatView(other);
}
