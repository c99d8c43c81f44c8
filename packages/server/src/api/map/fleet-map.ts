/**
 * The houses of one scope: an index of those on the map, and the ids of the others. It follows the database: whoever
 * hears of a change marks the devices, and `settle` reads what is marked again, membership and all, by the same SQL
 * that answers lists. Only health is taken from the event itself, so that a house turns red at once.
 */
import { randomInt } from 'node:crypto';
import type { Health } from '@lovely/api';
import { dependsOnHealth, type DeviceScope } from '../../domain/device-scope.ts';
import { INDEX_READ_DEVICES } from '../../limits.ts';
import { findMapHouses, listMapHouses, type MapHouse } from '../../store/houses.ts';
import type { Database } from '../../store/store.ts';
import { FleetIndex, type House } from './index/fleet-index.ts';
import { HEALTH } from './index/health.ts';

const STAMPS = 2 ** 30;
/** Events come from other processes. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export class FleetMap {
  readonly index: FleetIndex;
  readonly scope: DeviceScope;
  readonly #read: (ids: readonly string[]) => Promise<MapHouse[]>;
  readonly #list: () => Promise<MapHouse[]>;
  readonly #dependsOnHealth: boolean;
  /** Devices of the scope that are not on the map; empty where the scope is all. */
  readonly #others = new Set<string>();
  #marked = new Set<string>();
  #settling: Promise<void> | undefined;

  private constructor(houses: readonly MapHouse[], database: Database, tenantId: string, scope: DeviceScope) {
    this.scope = scope;
    this.#dependsOnHealth = dependsOnHealth(scope);
    this.#list = () => listMapHouses(database, tenantId, scope);
    this.#read = (ids) => findMapHouses(database, tenantId, scope, ids);
    this.index = new FleetIndex(houses.flatMap(toHouse), 1 + randomInt(STAMPS));
    if (scope.kind === 'some') for (const house of houses) if (toHouse(house).length === 0) this.#others.add(house.id);
  }

  static async load(database: Database, tenantId: string, scope: DeviceScope): Promise<FleetMap> {
    return new FleetMap(await listMapHouses(database, tenantId, scope), database, tenantId, scope);
  }

  /** Whether the device is in the scope, as of what was settled. */
  has(deviceId: string): boolean {
    return this.scope.kind === 'all' || this.#others.has(deviceId) || this.index.find(deviceId) !== undefined;
  }

  /** The device may have come, gone or moved. */
  mark(deviceId: string): void {
    this.#marked.add(deviceId);
  }

  setHealth(deviceId: string, health: Health): void {
    this.index.setHealth(deviceId, HEALTH[health]);
    // A read that is under way may be of before.
    if (this.#dependsOnHealth || this.#settling) this.#marked.add(deviceId);
  }

  /** Reads again what was marked until now. Those who ask meanwhile wait for the same. */
  async settle(): Promise<void> {
    // What is being read now may have been read before the last mark.
    await this.#settling;
    if (this.#marked.size > 0) this.#settling ??= this.#settle().finally(() => (this.#settling = undefined));
    await this.#settling;
  }

  /** Compares all of it with the database: the bus may have lost an event. */
  async refresh(): Promise<void> {
    const houses = await this.#list();
    const ids = new Set(houses.map((house) => house.id));
    // What differs is read once more: it may have changed since.
    for (const house of houses) if (!this.#isAsKnown(house)) this.#marked.add(house.id);
    for (const id of [...this.index.ids(), ...this.#others]) if (!ids.has(id)) this.#marked.add(id);
    await this.settle();
  }

  async #settle(): Promise<void> {
    const marked = [...this.#marked].filter((id) => UUID.test(id));
    this.#marked = new Set();
    for (let at = 0; at < marked.length; at += INDEX_READ_DEVICES) {
      const ids = marked.slice(at, at + INDEX_READ_DEVICES);
      try {
        const found = new Map((await this.#read(ids)).map((house) => [house.id, house]));
        for (const id of ids) this.#apply(id, found.get(id));
      } catch (error) {
        for (const id of marked.slice(at)) this.#marked.add(id);
        throw error;
      }
    }
  }

  /** @param device undefined when it is not in the scope */
  #apply(id: string, device: MapHouse | undefined): void {
    const [house] = device ? toHouse(device) : [];
    if (house) this.index.place(id, house.longitude, house.latitude, house.health);
    else this.index.remove(id);
    if (device && !house && this.scope.kind === 'some') this.#others.add(id);
    else this.#others.delete(id);
  }

  #isAsKnown(device: MapHouse): boolean {
    const [house] = toHouse(device);
    const known = this.index.find(device.id);
    if (!house) return known === undefined && this.#others.has(device.id);
    return (
      known?.health === house.health &&
      Math.abs(known.longitude - house.longitude) < SAME_PLACE_DEGREES &&
      Math.abs(known.latitude - house.latitude) < SAME_PLACE_DEGREES
    );
  }
}

/** The index rounds places to its grid. */
const SAME_PLACE_DEGREES = 1e-4;

/** None for a device that is on no map. */
function toHouse({ id, latitude, longitude, health }: MapHouse): House[] {
  return latitude === null || longitude === null ? [] : [{ id, latitude, longitude, health: HEALTH[health] }];
}
