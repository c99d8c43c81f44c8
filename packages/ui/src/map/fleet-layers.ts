/**
 * The houses. Far out a mark stands for a cell with several houses, near by for one house. Green is quiet, red is loud,
 * and a state is never told by colour alone: a critical house has a second ring, an offline one is hollow, and from
 * GLYPH_ZOOM on each state has its own glyph.
 *
 * What can change while it is shown reads feature-state before the tile's property, so the live channel only sets state.
 * Feature-state works in paint properties, not in layout ones: that is why every glyph has a layer of its own.
 */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { Health } from '@lovely/api';
import { byZoom, FONT_SEMIBOLD } from './basemap-layers.ts';
import { HEALTH_CODE, SHARE_COLOURS, WARNING_WEIGHT } from './health-code.ts';
import { glyphImage } from './map-images.ts';
import type { MapMode } from './map-search.ts';
import type { Palette } from './palette.ts';

export const FLEET_SOURCE = 'fleet';
export const FLEET_SOURCE_LAYER = 'house';
export const DONUT_SOURCE = 'donuts';
export const SELECTION_SOURCE = 'selection';
/** The layers to look in for what is under the pointer. */
export const HOUSE_LAYER = 'houses';
export const DONUT_LAYER = 'donuts';

/** From here on marks are large enough for a glyph. */
export const GLYPH_ZOOM = 13;
const GLYPHS_HIDDEN_BELOW = GLYPH_ZOOM - 0.3;

const houses = live('n', 1);
const warnings = live('w', 0);
const down = live('b', 0);
const health = live('h', HEALTH_CODE.ok);
const isOneHouse: ExpressionSpecification = ['==', houses, 1];
const isCriticalHouse = isHouseWith('critical');
const isOfflineHouse = isHouseWith('offline');
const isDown: ExpressionSpecification = ['>', down, 0];
const isDownHouse: ExpressionSpecification = ['any', isCriticalHouse, isOfflineHouse];
const logarithm: ExpressionSpecification = ['log10', ['+', 1, houses]];

export interface FleetLook {
  readonly palette: Palette;
  readonly mode: MapMode;
  /** The radius below which no mark goes: see `markRadiusMin`. */
  readonly radiusMin: number;
}

/** Marks of this radius are seen one by one even on a map of the world. */
const LARGE_MARK = 2;

export function hasLargeMarks({ radiusMin }: Pick<FleetLook, 'radiusMin'>): boolean {
  return radiusMin >= LARGE_MARK;
}

/** A fleet of few houses has large marks, so that one house is seen on a map of the world; a large one has dust. */
export function markRadiusMin(fleetSize: number): number {
  const radius = 7 - 1.35 * Math.log10(Math.max(1, fleetSize));
  // In steps, so that a growing fleet doesn't restyle the map with every house.
  return Math.max(0, Math.round(radius * 2) / 2);
}

export function fleetLayers({ palette, mode, radiusMin }: FleetLook): LayerSpecification[] {
  const source = FLEET_SOURCE;
  const sourceLayer = FLEET_SOURCE_LAYER;
  const colour = markColour(palette);
  const isLarge = hasLargeMarks({ radiusMin });
  const faded = mode === 'clusters';
  return [
    {
      id: 'glow',
      type: 'circle',
      source,
      'source-layer': sourceLayer,
      maxzoom: 11,
      filter: ['>', ['get', 'n'], 3],
      paint: {
        'circle-color': colour,
        'circle-radius': byZoom([0, grown(1.4, 1.5, 7)], [6, grown(2.5, 2.1, 11)]),
        'circle-blur': 1,
        'circle-opacity': faded ? 0.08 : palette.glowOpacity,
      },
    },
    {
      id: 'alarm',
      type: 'circle',
      source,
      'source-layer': sourceLayer,
      paint: {
        'circle-color': palette.bad,
        'circle-radius': radius(radiusMin, { factor: 3.2, only: isDownHouse }),
        'circle-blur': 0.85,
        'circle-opacity': ['case', isDownHouse, faded ? 0.15 : isLarge ? 0.5 : 0.3, 0],
      },
    },
    {
      id: HOUSE_LAYER,
      type: 'circle',
      source,
      'source-layer': sourceLayer,
      layout: { 'circle-sort-key': ['+', ['get', 'b'], ['*', WARNING_WEIGHT, ['get', 'w']]] },
      paint: housePaint(palette, colour, radiusMin, faded ? fadedOpacity : palette.dotOpacity),
    },
    {
      // Again, on top of the green ones: what went red after its tile was drawn must not hide under a neighbour.
      id: 'down',
      type: 'circle',
      source,
      'source-layer': sourceLayer,
      paint: {
        ...housePaint(palette, colour, radiusMin, ['case', isDown, faded ? 0.35 : palette.dotOpacity, 0]),
        'circle-radius': radius(radiusMin, { only: isDown }),
        'circle-stroke-opacity': ['case', isDown, 1, 0],
      },
    },
    {
      id: 'critical-ring',
      type: 'circle',
      source,
      'source-layer': sourceLayer,
      paint: {
        'circle-radius': radius(radiusMin, { more: Math.max(1.5, radiusMin * 0.6), only: isCriticalHouse }),
        'circle-opacity': 0,
        'circle-stroke-color': palette.bad,
        'circle-stroke-width': byZoom([0, isLarge ? 1.4 : 0.5], [9, isLarge ? 1.4 : 0.8], [12, 1.6], [16, 2.2]),
        // Among dust a second ring is only dirt.
        'circle-stroke-opacity': isLarge
          ? ['case', isCriticalHouse, faded ? 0.35 : 0.8, 0]
          : byZoom([8, 0], [9.5, ['case', isCriticalHouse, 0.8, 0]]),
      },
    },
    ...(['ok', 'warning', 'critical', 'offline', 'unknown'] as const).map((state): LayerSpecification => ({
      id: `glyph-${state}`,
      type: 'symbol',
      source,
      'source-layer': sourceLayer,
      minzoom: GLYPHS_HIDDEN_BELOW,
      filter: ['==', ['get', 'n'], 1],
      layout: {
        'icon-image': glyphImage(palette.name, state),
        'icon-size': byZoom([GLYPH_ZOOM, 0.45], [16, 0.75]),
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
      paint: { 'icon-opacity': ['case', ['==', health, HEALTH_CODE[state]], 1, 0] },
    })),
    {
      id: 'selection',
      type: 'circle',
      source: SELECTION_SOURCE,
      paint: {
        'circle-radius': byZoom([0, radiusMin + 9], [12, 15], [14, 20], [17, 26]),
        'circle-opacity': 0,
        'circle-stroke-width': 3,
        'circle-stroke-color': palette.selection,
      },
    },
  ];
}

/** Rings with a number: of all houses in mode "clusters", else of the houses that are down where trouble gathers. */
export function donutLayer(palette: Palette): LayerSpecification {
  return {
    id: DONUT_LAYER,
    type: 'symbol',
    source: DONUT_SOURCE,
    layout: {
      'icon-image': ['get', 'image'],
      'icon-padding': 1,
      'text-field': ['get', 'text'],
      'text-font': FONT_SEMIBOLD,
      'text-size': ['get', 'textSize'],
      'symbol-sort-key': ['get', 'order'],
    },
    paint: { 'text-color': palette.donutText },
  };
}

const fadedOpacity: ExpressionSpecification = [
  'interpolate',
  ['linear'],
  ['zoom'],
  11,
  ['case', isOneHouse, 0.55, 0.35],
  GLYPH_ZOOM,
  0.95,
];

function housePaint(
  palette: Palette,
  colour: ExpressionSpecification,
  radiusMin: number,
  opacity: number | ExpressionSpecification,
) {
  const isLarge = hasLargeMarks({ radiusMin });
  const ring = (width: number, otherWidth: number): ExpressionSpecification => [
    'case',
    isOfflineHouse,
    width,
    otherWidth,
  ];
  return {
    'circle-color': ['case', isOfflineHouse, palette.edge, colour] satisfies ExpressionSpecification,
    'circle-radius': radius(radiusMin, {}),
    'circle-opacity': opacity,
    'circle-stroke-color': ['case', isOfflineHouse, palette.bad, palette.edge] satisfies ExpressionSpecification,
    'circle-stroke-width': byZoom(
      [0, ring(Math.max(0.6, radiusMin * 0.4), isLarge ? 1 : 0)],
      [8.5, ring(Math.max(1.1, radiusMin * 0.4), isLarge ? 1 : 0)],
      [10, ring(Math.max(1.5, radiusMin * 0.4), 0.8)],
      [12, ring(2, 1.4)],
      [14, ring(2.6, 2)],
      [17, ring(3.2, 2.4)],
    ),
  };
}

/**
 * Grows with the logarithm of the houses and with the zoom, until every mark is a disc that holds a glyph. `only` leaves
 * out the others: what is transparent but large still costs its pixels.
 */
function radius(
  radiusMin: number,
  { factor = 1, more = 0, only }: { factor?: number; more?: number; only?: ExpressionSpecification },
): ExpressionSpecification {
  const least: number | ExpressionSpecification = radiusMin > 0 ? ['+', radiusMin - 0.3, ['min', 4, logarithm]] : 0;
  const chosen = (size: number | ExpressionSpecification): number | ExpressionSpecification =>
    only ? ['case', only, size, 0] : size;
  const at = (start: number, growth: number, max: number): number | ExpressionSpecification =>
    chosen(['+', more, ['*', factor, ['max', least, grown(start, growth, max)]]]);
  const disc = (size: number): number | ExpressionSpecification => chosen(more + Math.min(factor, 2) * size);
  return byZoom(
    [0, at(0.45, 0.42, 2)],
    [2, at(0.6, 0.5, 2.6)],
    [4, at(0.8, 0.6, 3.2)],
    [6, at(1, 0.75, 4)],
    [8, at(1.5, 0.8, 4.6)],
    [10, at(2.8, 0.8, 5.2)],
    [12, disc(Math.max(5, radiusMin))],
    [14, disc(9)],
    [17, disc(13)],
  );
}

function grown(start: number, growth: number, max: number): ExpressionSpecification {
  return ['min', max, ['+', start, ['*', growth, logarithm]]];
}

function markColour(palette: Palette): ExpressionSpecification {
  const trouble: ExpressionSpecification = ['/', ['+', down, ['*', WARNING_WEIGHT, warnings]], ['max', 1, houses]];
  const blend = [
    'interpolate',
    ['linear'],
    trouble,
    ...SHARE_COLOURS.flatMap(({ share, tone }) => [share, palette[tone]]),
  ] as unknown as ExpressionSpecification;
  return [
    'case',
    ['==', health, HEALTH_CODE.unknown],
    palette.unknown,
    isOneHouse,
    [
      'match',
      health,
      HEALTH_CODE.warning,
      palette.warning,
      [HEALTH_CODE.critical, HEALTH_CODE.offline],
      palette.bad,
      palette.ok,
    ],
    blend,
  ];
}

function live(property: 'n' | 'w' | 'b' | 'h', missing: number): ExpressionSpecification {
  return ['coalesce', ['feature-state', property], ['get', property], missing];
}

function isHouseWith(state: Health): ExpressionSpecification {
  return ['all', isOneHouse, ['==', health, HEALTH_CODE[state]]];
}
