// What a shape goes through before it can be cut into tiles.
import { geoArea, geoEquirectangular } from 'd3-geo';
import { geoProject } from 'd3-geo-projection';
import type { Geometry, MultiLineString, MultiPolygon, Polygon, Position } from 'geojson';

// One degree is one unit, and what crosses the antimeridian or holds a pole is cut there.
const plate = geoEquirectangular()
  .scale(180 / Math.PI)
  .translate([0, 0])
  .precision(0);

/**
 * A shape of the globe, laid flat: shapes that cross the antimeridian or enclose a pole would be smeared over the map.
 * Undefined when nothing is left of it.
 */
export function flat(geometry: Geometry): Geometry | undefined {
  const projected = geoProject(withoutSlivers(geometry), plate);
  return projected === null ? undefined : mapLines(projected, northUp);
}

/** Rounding turned a few islets inside out: d3 reads them as the whole globe but that islet, and land floods the sea. */
function withoutSlivers(geometry: Geometry): Geometry {
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return geometry;
  const coordinates = polygonsOf(geometry).filter(
    (rings) => geoArea({ type: 'Polygon', coordinates: rings }) < 2 * Math.PI,
  );
  return { type: 'MultiPolygon', coordinates };
}

/** Projections have y pointing down, latitudes point up. */
function northUp(line: Position[]): Position[] {
  return line.map(([longitude, latitude]) => [longitude!, -latitude!]);
}

/** Lines of the globe, laid flat, without those along the antimeridian: they are where the atlas cut an island in two. */
export function withoutSeam(lines: MultiLineString): MultiLineString {
  const isOnSeam = ([longitude]: Position): boolean => Math.abs(longitude!) > 179.999;
  const coordinates: Position[][] = [];
  for (const line of linesOf(flat(lines)!)) {
    let piece: Position[] = [];
    for (const point of line) {
      const last = piece.at(-1);
      if (last !== undefined && isOnSeam(last) && isOnSeam(point)) {
        if (piece.length > 1) coordinates.push(piece);
        piece = [];
      }
      piece.push(point);
    }
    if (piece.length > 1) coordinates.push(piece);
  }
  return { type: 'MultiLineString', coordinates };
}

/** Two rounds of Chaikin's corner cutting. Lines keep their ends, so that rivers still meet the sea. */
export function curved(geometry: Geometry): Geometry {
  return mapLines(geometry, (line) => cutCorners(cutCorners(line)));
}

function cutCorners(line: Position[]): Position[] {
  const first = line[0]!;
  const last = line.at(-1)!;
  const between = (from: Position, to: Position, share: number): Position => [
    from[0]! + (to[0]! - from[0]!) * share,
    from[1]! + (to[1]! - from[1]!) * share,
  ];
  const cut = line.slice(1).flatMap((to, index) => {
    const from = line[index]!;
    return [between(from, to, 0.25), between(from, to, 0.75)];
  });
  const isRing = first[0] === last[0] && first[1] === last[1];
  return isRing ? [...cut, cut[0]!] : [first, ...cut, last];
}

/** The polygons of a shape, each a list of rings. */
export function polygonsOf(geometry: Polygon | MultiPolygon): Position[][][] {
  return geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
}

/** The lines and rings of a shape. */
export function linesOf(geometry: Geometry): Position[][] {
  const lines: Position[][] = [];
  mapLines(geometry, (line) => {
    lines.push(line);
    return line;
  });
  return lines;
}

/** The same shape with every line and ring of it changed. */
function mapLines(geometry: Geometry, change: (line: Position[]) => Position[]): Geometry {
  switch (geometry.type) {
    case 'LineString':
      return { ...geometry, coordinates: change(geometry.coordinates) };
    case 'MultiLineString':
    case 'Polygon':
      return { ...geometry, coordinates: geometry.coordinates.map(change) };
    case 'MultiPolygon':
      return { ...geometry, coordinates: geometry.coordinates.map((rings) => rings.map(change)) };
    default:
      throw new TypeError(`the atlases were not known to hold a ${geometry.type}`);
  }
}
