/**
 * One map index a tenant, kept in step with what happens: built from the database when somebody first looks, fed from
 * the bus from then on, and compared with the database now and then in case the bus lost an event.
 */
import { startTask } from '../../background-task.ts';
import { eventAny, eventTenant } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import type { DeviceScope } from '../../domain/device-scope.ts';
import { LovelyError } from '../../errors.ts';
import { INDEX_REFRESH_MS } from '../../limits.ts';
import { findPlacedHouse, listPlacedHouses, type PlacedHouse } from '../../store/devices.ts';
import type { ApiContext } from '../context.ts';
import { FleetIndex, type House } from './index/fleet-index.ts';
import { HEALTH } from './index/health.ts';

export interface FleetMaps {
  /** The houses of the scope. */
  of(tenantId: string, scope: DeviceScope): Promise<FleetIndex>;
  close(): Promise<void>;
}

export function createFleetMaps(context: ApiContext): FleetMaps {
  const { store, bus, log } = context;
  const maps = new Map<string, Promise<FleetIndex>>();

  /** Applies an event after those before it; one that comes while the index is being built waits for it. */
  function apply(tenantId: string, change: (index: FleetIndex) => void | Promise<void>): void {
    maps
      .get(tenantId)
      ?.then(change)
      .catch((error: unknown) => log.error({ error }, 'the map missed an event'));
  }

  const subscriptions = [
    subscribeTo(bus, eventAny('health'), (changes, subject) =>
      apply(eventTenant(subject), (index) => {
        for (const { device, health } of changes) index.setHealth(device, HEALTH[health]);
      }),
    ),
    subscribeTo(bus, eventAny('device'), (changes, subject) => {
      const tenantId = eventTenant(subject);
      apply(tenantId, async (index) => {
        for (const { device } of changes) {
          const house = await findPlacedHouse(store.of(tenantId), tenantId, device);
          if (house) index.place(house.id, house.longitude, house.latitude, HEALTH[house.health]);
          else index.remove(device);
        }
      });
    }),
  ];

  const refresh = startTask('maps', INDEX_REFRESH_MS, log, async () => {
    for (const [tenantId, map] of maps) {
      const index = await map;
      for (const { id, longitude, latitude, health } of await listPlacedHouses(store.of(tenantId), tenantId))
        index.place(id, longitude, latitude, HEALTH[health]);
    }
  });

  return {
    of(tenantId, scope) {
      if (scope.kind !== 'all') return Promise.reject(new LovelyError('not-allowed'));
      let map = maps.get(tenantId);
      if (!map) {
        map = listPlacedHouses(store.of(tenantId), tenantId).then((houses) => new FleetIndex(houses.map(toHouse)));
        maps.set(tenantId, map);
        map.catch(() => maps.delete(tenantId));
      }
      return map;
    },
    async close() {
      await refresh.close();
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
    },
  };
}

function toHouse({ id, latitude, longitude, health }: PlacedHouse): House {
  return { id, latitude, longitude, health: HEALTH[health] };
}
