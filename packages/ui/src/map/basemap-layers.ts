/** The world under the houses: two near-equal land tones, a blurred coast, thin borders, quiet names. */
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl';
import type { Palette } from './palette.ts';

/** CSS font families of map-fonts.css: without a `glyphs` address MapLibre draws letters with the page's own fonts. */
export const FONT_MEDIUM = ['Inter Medium'];
export const FONT_SEMIBOLD = ['Inter SemiBold'];
const FONT_ITALIC = ['Inter Italic'];

/** From here on a town has a name of its own under the marks of its houses. */
const TOWN_ZOOM = 8;

/** The id of the layer source that `style.ts` binds to the basemap tiles. */
export const BASEMAP_SOURCE = 'basemap';
const source = BASEMAP_SOURCE;

export function groundLayers(palette: Palette): LayerSpecification[] {
  return [
    { id: 'water', type: 'background', paint: { 'background-color': palette.water } },
    {
      id: 'land',
      type: 'fill',
      source,
      'source-layer': 'land',
      paint: {
        'fill-color': ['case', ['==', ['%', ['get', 'tone'], 2], 0], palette.land[0], palette.land[1]],
        'fill-antialias': false,
      },
    },
    {
      id: 'rivers',
      type: 'line',
      source,
      'source-layer': 'rivers',
      minzoom: 3,
      paint: { 'line-color': palette.river, 'line-width': byZoom([3, 0.5], [8, 2.2]) },
    },
    { id: 'lakes', type: 'fill', source, 'source-layer': 'lakes', paint: { 'fill-color': palette.lake } },
    {
      id: 'state',
      type: 'line',
      source,
      'source-layer': 'state',
      minzoom: 3,
      paint: { 'line-color': palette.state, 'line-width': byZoom([3, 0.5], [8, 1.2]), 'line-dasharray': [3, 2] },
    },
    {
      id: 'border',
      type: 'line',
      source,
      'source-layer': 'border',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.border, 'line-width': byZoom([0, 0.4], [4, 0.9], [9, 1.8]) },
    },
    {
      id: 'coast-glow',
      type: 'line',
      source,
      'source-layer': 'coast',
      paint: {
        'line-color': palette.coastGlow,
        'line-width': byZoom([0, 3], [6, 9]),
        'line-blur': byZoom([0, 3], [6, 9]),
        'line-opacity': 0.55,
      },
    },
    {
      id: 'coast',
      type: 'line',
      source,
      'source-layer': 'coast',
      paint: { 'line-color': palette.coast, 'line-width': byZoom([0, 0.4], [6, 1]) },
    },
    {
      id: 'sea',
      type: 'symbol',
      source,
      'source-layer': 'sea',
      minzoom: 1.2,
      maxzoom: 5,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': FONT_ITALIC,
        'text-size': byZoom([1, 10], [4, 15]),
        'text-letter-spacing': 0.18,
        'text-max-width': 7,
      },
      paint: { 'text-color': palette.seaLabel, 'text-opacity': 0.9 },
    },
  ];
}

/** Names of countries and, until TOWN_ZOOM, of cities. */
export function farLabelLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: 'country',
      type: 'symbol',
      source,
      'source-layer': 'country',
      minzoom: 1.2,
      maxzoom: 7,
      filter: hasRoom(0.4),
      layout: {
        'text-field': ['upcase', ['get', 'name']],
        'text-font': FONT_SEMIBOLD,
        'text-size': [
          'interpolate',
          ['linear'],
          ['zoom'],
          1,
          ['interpolate', ['linear'], ['get', 'area'], 200, 8, 8000, 10.5],
          5,
          ['interpolate', ['linear'], ['get', 'area'], 20, 10, 500, 13, 8000, 19],
        ],
        'text-letter-spacing': 0.12,
        'text-max-width': 7,
        'symbol-sort-key': ['-', 0, ['get', 'area']],
        'text-padding': 8,
      },
      paint: {
        'text-color': palette.label,
        'text-halo-color': palette.labelHalo,
        'text-halo-width': 1.5,
        'text-opacity': byZoom([1.2, 0.75], [5.5, 0.8], [6.8, 0]),
      },
    },
    { ...townLayer('city', palette), minzoom: 2.5, maxzoom: TOWN_ZOOM },
  ];
}

/** Names of towns from TOWN_ZOOM on. */
export function nearLabelLayers(palette: Palette): LayerSpecification[] {
  return [{ ...townLayer('town', palette), minzoom: TOWN_ZOOM }];
}

function townLayer(id: string, palette: Palette): SymbolLayerSpecification {
  return {
    id,
    type: 'symbol',
    source,
    'source-layer': 'city',
    filter: hasRoom(0.3),
    layout: {
      'text-field': ['get', 'name'],
      'text-font': FONT_MEDIUM,
      'text-size': [
        'interpolate',
        ['linear'],
        ['zoom'],
        3,
        ['interpolate', ['linear'], ['get', 'magnitude'], 5, 9.5, 7, 12],
        8,
        ['interpolate', ['linear'], ['get', 'magnitude'], 3.5, 10.5, 7, 16],
        13,
        ['interpolate', ['linear'], ['get', 'magnitude'], 3, 12, 7, 20],
      ],
      'text-anchor': 'bottom',
      'text-offset': [0, -0.35],
      'text-padding': 6,
      'text-max-width': 8,
      'symbol-sort-key': ['-', ['get', 'zoom'], ['/', ['get', 'magnitude'], 10]],
    },
    paint: {
      'text-color': ['case', ['==', ['get', 'capital'], 1], palette.labelStrong, palette.label],
      'text-halo-color': palette.labelHalo,
      'text-halo-width': 1.4,
      'text-opacity': byZoom([2.5, 0], [3.2, 0.9]),
    },
  };
}

/** A name is shown from its own zoom on, or a little before. */
function hasRoom(early: number): FilterSpecification {
  return ['<=', ['get', 'zoom'], ['+', ['zoom'], early]];
}

/** A value that grows evenly between the zooms given. */
export function byZoom(
  ...stops: (readonly [zoom: number, value: number | ExpressionSpecification])[]
): ExpressionSpecification {
  return ['interpolate', ['linear'], ['zoom'], ...stops.flat()] as ExpressionSpecification;
}
