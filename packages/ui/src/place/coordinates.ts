/** Coordinates as text. The map reaches from 85° south to 85° north. */
import type { Place } from '@lovely/api';

const LATITUDE_MAX = 85;
const LONGITUDE_MAX = 180;
const DIGITS = 5;

/** "45.46427, 9.18951": five digits are about a metre. */
export function writeCoordinates({ latitude, longitude }: Place): string {
  return `${Number(latitude.toFixed(DIGITS))}, ${Number(longitude.toFixed(DIGITS))}`;
}

/** Reads "45.46, 9.19", "45.46 9.19" or "45.46° N, 9.19° E" (latitude first); undefined when it is none or off the map. */
export function readCoordinates(text: string): Place | undefined {
  const match = /^\s*([-+]?\d+(?:\.\d+)?)\s*°?\s*([NS])?\s*[,;\s]\s*([-+]?\d+(?:\.\d+)?)\s*°?\s*([EW])?\s*$/i.exec(
    text,
  );
  if (!match) return undefined;
  const [, north = '', northSouth = '', east = '', eastWest = ''] = match;
  const latitude = Number(north) * (/s/i.test(northSouth) ? -1 : 1);
  const longitude = Number(east) * (/w/i.test(eastWest) ? -1 : 1);
  const isOnMap = Math.abs(latitude) <= LATITUDE_MAX && Math.abs(longitude) <= LONGITUDE_MAX;
  return isOnMap ? { latitude, longitude } : undefined;
}
