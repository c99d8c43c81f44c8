/** Counts the houses in view by cell, and puts the rings that follow from it on the map. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { DONUT_ZOOM_MAX, donutLevel, donutOf, problemClusters } from './donuts.ts';
import type { FleetCounts } from './fleet.ts';
import type { FleetMap } from './fleet-map.ts';
import { clustersQuery } from './map-queries.ts';
import type { MapMode } from './map-search.ts';
import type { ThemeName } from './palette.ts';
import type { MapView } from './view.ts';
import { boxOf, type Bounds } from './visible-tiles.ts';

/** How many houses are in the cells in view; undefined until they are counted. */
export function useDonuts(
  map: FleetMap | null,
  seen: { readonly view: MapView; readonly bounds: Bounds } | undefined,
  mode: MapMode,
  theme: ThemeName,
  fleet: FleetCounts | undefined,
): number | undefined {
  const zoom = seen?.view.zoom ?? 0;
  const { data } = useQuery({
    ...clustersQuery(seen ? boxOf(seen.bounds) : '', seen ? donutLevel(mode, zoom, seen.bounds) : 0),
    enabled: seen !== undefined,
  });
  const clusters = data?.clusters;
  const devices = fleet?.devices ?? 0;
  const bad = (fleet?.critical ?? 0) + (fleet?.offline ?? 0);
  useEffect(() => {
    if (!map || !clusters) return;
    const shown =
      zoom >= DONUT_ZOOM_MAX
        ? []
        : mode === 'clusters'
          ? clusters
          : problemClusters(clusters, { houses: devices, bad }, zoom);
    map.showDonuts(shown.map((cluster) => donutOf(cluster, mode, theme)));
  }, [map, clusters, mode, theme, devices, bad, zoom]);
  return clusters?.reduce((sum, cluster) => sum + cluster.houses, 0);
}
