/**
 * The maps that people look at, one for each scope of a tenant, shared by all who have it: built from the database when
 * somebody first looks, kept in step by events, compared with the database now and then, and dropped when nobody looks.
 */
import { startTask } from '../../background-task.ts';
import { eventAny, eventTenant } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import { isOfGroup, scopeKey, type DeviceScope } from '../../domain/device-scope.ts';
import { INDEX_IDLE_MS, INDEX_REFRESH_MS, INDEX_SETTLE_MS } from '../../limits.ts';
import type { ApiContext } from '../context.ts';
import { FleetMap } from './fleet-map.ts';

export interface FleetMaps {
  /** The houses of the scope; where it is some, as of all that was heard until now. */
  of(tenantId: string, scope: DeviceScope): Promise<FleetMap>;
  close(): Promise<void>;
}

/** The same for the same houses, whoever looks at them: what is made of a map can be kept under it. */
export function mapKey(tenantId: string, scope: DeviceScope): string {
  return `${tenantId} ${scopeKey(scope)}`;
}

interface Entry {
  readonly tenantId: string;
  readonly map: Promise<FleetMap>;
  usedMs: number;
}

export function createFleetMaps({ store, bus, log }: Pick<ApiContext, 'store' | 'bus' | 'log'>): FleetMaps {
  const entries = new Map<string, Entry>();

  /** Tells every map of a tenant; one that is being built hears of it as soon as it is there. */
  function tell(subject: string, change: (map: FleetMap) => void): void {
    const tenantId = eventTenant(subject);
    for (const entry of entries.values())
      if (entry.tenantId === tenantId)
        entry.map.then(change).catch((error: unknown) => log.error({ error }, 'the map missed an event'));
  }

  const subscriptions = [
    subscribeTo(bus, eventAny('health'), (changes, subject) =>
      tell(subject, (map) => {
        for (const { device, health } of changes) map.setHealth(device, health);
      }),
    ),
    subscribeTo(bus, eventAny('device'), (changes, subject) =>
      tell(subject, (map) => {
        for (const { device } of changes) map.mark(device);
      }),
    ),
    subscribeTo(bus, eventAny('group'), (changes, subject) =>
      tell(subject, (map) => {
        for (const { group, devices } of changes)
          if (isOfGroup(map.scope, group)) for (const device of devices) map.mark(device);
      }),
    ),
  ];

  const eachMap = (work: (map: FleetMap) => Promise<void>) => async (): Promise<void> => {
    // One that could not be built or read must not keep the others waiting for it.
    const results = await Promise.allSettled([...entries.values()].map(async ({ map }) => await work(await map)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const tasks = [
    startTask(
      'maps',
      INDEX_SETTLE_MS,
      log,
      eachMap((map) => map.settle()),
    ),
    startTask('maps against the database', INDEX_REFRESH_MS, log, async () => {
      const before = Date.now() - INDEX_IDLE_MS;
      for (const [key, { usedMs }] of entries) if (usedMs < before) entries.delete(key);
      for (const { map } of entries.values()) await (await map).refresh();
    }),
  ];

  return {
    async of(tenantId, scope) {
      const key = mapKey(tenantId, scope);
      let entry = entries.get(key);
      if (!entry) {
        entry = { tenantId, map: FleetMap.load(store.of(tenantId), tenantId, scope), usedMs: 0 };
        entries.set(key, entry);
        entry.map.catch(() => entries.delete(key));
      }
      entry.usedMs = Date.now();
      const map = await entry.map;
      // Nobody who sees some houses is shown one that is known to be theirs no longer.
      if (scope.kind === 'some') await map.settle();
      return map;
    },
    async close() {
      await Promise.all(tasks.map((task) => task.close()));
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
    },
  };
}
