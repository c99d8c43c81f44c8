/** MapLibre, made ready: its worker as a file of this origin, and the fonts that it draws letters with. */
import 'maplibre-gl/dist/maplibre-gl.css';
import './map-fonts.css';
import { setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';

export { addProtocol, Map as MapLibre, Marker, removeProtocol } from 'maplibre-gl';

setWorkerUrl(workerUrl);

/** Families of map-fonts.css, with letters of every file they are made of. */
const SAMPLES = ['Inter Medium', 'Inter SemiBold', 'Inter Italic'].map((family) => `16px "${family}"`);
const LETTERS = 'aéł';

/** Glyphs are drawn once and kept: a map must not start before its fonts are there. */
export async function loadMapFonts(): Promise<void> {
  await Promise.allSettled(SAMPLES.map((font) => document.fonts.load(font, LETTERS)));
}

export function canDrawMap(): boolean {
  try {
    const context = document.createElement('canvas').getContext('webgl2');
    context?.getExtension('WEBGL_lose_context')?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}
