// Names of countries and seas, and where to write them.
import { geoArea, geoCentroid } from 'd3-geo';
import type { Feature, Position } from 'geojson';
import { feature } from 'topojson-client';
import world50m from 'world-atlas/countries-50m.json' with { type: 'json' };
import { polygonsOf } from './shapes.ts';
import type { Layer } from './tiles.ts';

// The atlas abbreviates to save ink.
const fullNames: Record<string, string> = {
  'Antigua and Barb.': 'Antigua and Barbuda',
  'Ashmore and Cartier Is.': 'Ashmore and Cartier Islands',
  'Bosnia and Herz.': 'Bosnia and Herzegovina',
  'Br. Indian Ocean Ter.': 'British Indian Ocean Territory',
  'British Virgin Is.': 'British Virgin Islands',
  'Cayman Is.': 'Cayman Islands',
  'Central African Rep.': 'Central African Republic',
  'Cook Is.': 'Cook Islands',
  'Dem. Rep. Congo': 'DR Congo',
  'Dominican Rep.': 'Dominican Republic',
  'Eq. Guinea': 'Equatorial Guinea',
  'Faeroe Is.': 'Faroe Islands',
  'Falkland Is.': 'Falkland Islands',
  'Fr. Polynesia': 'French Polynesia',
  'Fr. S. Antarctic Lands': 'French Southern Lands',
  'Heard I. and McDonald Is.': 'Heard and McDonald Islands',
  'Indian Ocean Ter.': 'Indian Ocean Territories',
  Macedonia: 'North Macedonia',
  'Marshall Is.': 'Marshall Islands',
  'N. Cyprus': 'Northern Cyprus',
  'N. Mariana Is.': 'Northern Mariana Islands',
  'Pitcairn Is.': 'Pitcairn Islands',
  'S. Geo. and the Is.': 'South Georgia',
  'S. Sudan': 'South Sudan',
  'Solomon Is.': 'Solomon Islands',
  'St. Kitts and Nevis': 'Saint Kitts and Nevis',
  'St. Pierre and Miquelon': 'Saint Pierre and Miquelon',
  'St. Vin. and Gren.': 'Saint Vincent',
  'St-Barthélemy': 'Saint-Barthélemy',
  'St-Martin': 'Saint-Martin',
  Turkey: 'Türkiye',
  'Turks and Caicos Is.': 'Turks and Caicos Islands',
  'U.S. Virgin Is.': 'US Virgin Islands',
  'United States of America': 'United States',
  'W. Sahara': 'Western Sahara',
  'Wallis and Futuna Is.': 'Wallis and Futuna',
  eSwatini: 'Eswatini',
};

// Where the middle of the largest part is outside the country, in a corner of it, or at another country's label.
const betterPlaces: Record<string, Position> = {
  Canada: [-106, 58],
  Chile: [-71, -31],
  Croatia: [16.2, 45.4],
  Indonesia: [114, -1],
  Israel: [34.85, 30.9],
  Malaysia: [102.3, 4.2],
  Norway: [9, 61.2],
  Vietnam: [108.2, 14],
};

// No label: the pole is off the map, and a glacier is no country.
const unnamed = new Set(['Antarctica', 'Siachen Glacier']);

// From which zoom level on a country of at least so many square kilometres has room for its name.
const countryZooms = [
  { areaMin: 2_200_000, zoom: 1.4 },
  { areaMin: 900_000, zoom: 2.2 },
  { areaMin: 250_000, zoom: 3 },
  { areaMin: 60_000, zoom: 3.6 },
  { areaMin: 10_000, zoom: 4.6 },
  { areaMin: 0, zoom: 5.6 },
];

const oceans: readonly { name: string; at: Position }[] = [
  { name: 'North Atlantic Ocean', at: [-40, 33] },
  { name: 'South Atlantic Ocean', at: [-16, -26] },
  { name: 'North Pacific Ocean', at: [-150, 30] },
  { name: 'South Pacific Ocean', at: [-125, -28] },
  { name: 'Indian Ocean', at: [78, -22] },
  { name: 'Southern Ocean', at: [20, -60] },
  { name: 'Arctic Ocean', at: [-5, 81] },
];

const earthRadiusKilometres = 6371;
const countryBuffer = 128;
const oceanBuffer = 256;

/** Labels of countries (`name`, `zoom` from which it is to be shown, `area` in 1,000 km²) and of oceans (`name`). */
export function labelLayers(zoomMax: number): Layer[] {
  return [
    { name: 'country', zoomMin: 0, zoomMax, features: countryLabels(), tolerance: 0, buffer: countryBuffer },
    { name: 'sea', zoomMin: 0, zoomMax, features: oceanLabels(), tolerance: 0, buffer: oceanBuffer },
  ];
}

/** A country's label stands in the middle of its largest part. */
export function countryLabels(): Feature[] {
  return feature(world50m, world50m.objects.countries)
    .features.filter((country) => !unnamed.has(country.properties.name))
    .map((country) => {
      if (country.geometry.type !== 'Polygon' && country.geometry.type !== 'MultiPolygon')
        throw new TypeError(`${country.properties.name} has no area`);
      const parts = polygonsOf(country.geometry)
        .map((coordinates) => ({ type: 'Polygon' as const, coordinates }))
        .map((polygon) => ({ polygon, area: geoArea(polygon) * earthRadiusKilometres ** 2 }))
        .sort((left, right) => right.area - left.area);
      const { name } = country.properties;
      const area = parts.reduce((sum, part) => sum + part.area, 0);
      return point(betterPlaces[name] ?? geoCentroid(parts[0]!.polygon), {
        name: fullNames[name] ?? name,
        zoom: countryZooms.find(({ areaMin }) => area >= areaMin)!.zoom,
        area: Math.round(area / 1000),
      });
    });
}

function oceanLabels(): Feature[] {
  return oceans.map(({ name, at }) => point(at, { name }));
}

function point(coordinates: Position, properties: Record<string, string | number>): Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates }, properties };
}
