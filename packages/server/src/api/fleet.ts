/** The fleet in numbers and on the map. */
import { CLUSTERS_MAX, getFleet, listClusters, listHousesInView, searchTowns } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { listDevices } from '../store/devices.ts';
import { countFleet, listAlertGroups } from '../store/fleet.ts';
import type { ApiContext } from './context.ts';
import type { FleetMaps } from './map/fleet-maps.ts';
import type { Bounds } from './map/index/walk.ts';
import type { Places } from '../places.ts';
import { route, type Http } from './route.ts';

export function routeFleet(http: Http, context: ApiContext, maps: FleetMaps, places: () => Promise<Places>): void {
  route(http, context, getFleet, async ({ person, database }) => {
    const scope = person.scope('fleet.read');
    const { alerts: _, ...counts } = await countFleet(database, person.tenantId, scope);
    return { ...counts, groups: await listAlertGroups(database, person.tenantId, scope) };
  });

  route(http, context, listClusters, async ({ person, query }) => {
    const { index } = await maps.of(person.tenantId, person.scope('fleet.read'));
    return { clusters: index.clusters(readBox(query.box), query.level).slice(0, CLUSTERS_MAX) };
  });

  route(http, context, listHousesInView, async ({ person, query }) => {
    const { index } = await maps.of(person.tenantId, person.scope('fleet.read'));
    const bounds = readBox(query.box);
    const ids = index.inBox(bounds, query.limit).map((house) => house.id);
    const { items } = await listDevices(person.database, person.tenantId, person.scope('fleet.read'), {
      ids,
      limit: query.limit,
    });
    const order = new Map(ids.map((id, at) => [id, at]));
    return { items: items.sort((a, b) => order.get(a.id)! - order.get(b.id)!), total: index.summary(bounds).houses };
  });

  route(http, context, searchTowns, async ({ query }) => ({
    items: (await places()).search(query.search, query.limit),
  }));
}

function readBox(text: string): Bounds {
  const [west, south, east, north] = text.split(',').map(Number);
  if (![west, south, east, north].every((degree) => Number.isFinite(degree)))
    throw new LovelyError('bad-input', 'box: four numbers, west,south,east,north', { pointer: '/query/box' });
  return { west: west!, south: south!, east: east!, north: north! };
}
