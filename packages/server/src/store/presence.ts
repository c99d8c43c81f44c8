/**
 * Presence: which hub holds a device's connection, and since when there is none. Only a newer epoch changes it, the end
 * of the same connection, and a hub that was thought lost with it.
 */
import { sql } from 'kysely';
import type { DisconnectReason, Severity } from '@lovely/api';
import { OFFLINE_RULE } from '../domain/default-rules.ts';
import { CLONE_WINDOW_MS } from '../limits.ts';
import { networkOf } from '../network.ts';
import { noteOrigins, type Origin } from './clones.ts';
import { lockDevices, refreshHealth } from './health.ts';
import { clearAlerts, raiseAlerts, type AlertChange } from './alert-openings.ts';
import type { AlertOutcome } from './alerts.ts';
import type { Database, Store } from './store.ts';

export interface PresenceChange {
  readonly deviceId: string;
  readonly hubId: string;
  readonly epoch: number;
  readonly connected: boolean;
  readonly ts: Date;
  readonly reason: DisconnectReason | null;
  /** The client that said hello, where one did. */
  readonly client: string | null;
  /** What the running client calls itself, where it said hello. */
  readonly instance?: string | undefined;
  /** Where the connection came from. */
  readonly address?: string | undefined;
}

export interface PresenceOutcome extends AlertOutcome {
  /** The changes that were news. */
  readonly presence: {
    readonly tenantId: string;
    readonly deviceId: string;
    readonly connected: boolean;
    readonly ts: Date;
    readonly reason: DisconnectReason | null;
  }[];
}

/** Stores a batch in one transaction; a device that is back has its offline alert closed with it. */
export async function applyPresence(
  store: Store,
  changes: readonly PresenceChange[],
  cloneWindowMs: number = CLONE_WINDOW_MS,
): Promise<PresenceOutcome> {
  return await store.database.transaction().execute(async (transaction) => {
    await lockDevices(
      transaction,
      changes.map((change) => change.deviceId),
    );
    const { rows } = await sql<PresenceOutcome['presence'][number] & { replaced: boolean | null }>`
      with before as (select device_id, connected or reason = 'replaced' as held from presence
        where device_id = any(${changes.map((change) => change.deviceId)}::uuid[]))
      insert into presence as known (device_id, tenant_id, hub_id, epoch, connected, changed_at, reason)
      select distinct on (new.device_id) new.device_id, devices.tenant_id, new.hub_id, new.epoch, new.connected, new.ts,
        -- A gateway that has said that it restarts need not say so again.
        case when new.reason in ('closed', 'timeout') and exists (select from deployment_devices as house
            where house.device_id = new.device_id and house.finished_at is null and house.state = 'rebooting')
          then 'rebooting-for-update' else new.reason end
      from unnest(${changes.map((change) => change.deviceId)}::uuid[], ${changes.map((change) => change.hubId)}::text[],
        ${changes.map((change) => change.epoch)}::bigint[], ${changes.map((change) => change.connected)}::bool[],
        ${changes.map((change) => change.ts)}::timestamptz[], ${changes.map((change) => change.reason)}::text[])
        as new(device_id, hub_id, epoch, connected, ts, reason)
      join devices on devices.id = new.device_id
      order by new.device_id, new.epoch desc, new.connected
      on conflict (device_id) do update
        set hub_id = excluded.hub_id, epoch = excluded.epoch, connected = excluded.connected, changed_at = excluded.changed_at, reason = excluded.reason
        where excluded.epoch > known.epoch or (excluded.epoch = known.epoch and known.connected and not excluded.connected)
          or (excluded.epoch = known.epoch and excluded.connected and not known.connected and known.reason = 'hub-lost')
      returning tenant_id as "tenantId", device_id as "deviceId", connected, changed_at as ts, reason,
        (select before.held from before where before.device_id = known.device_id) as replaced`.execute(transaction);
    const hellos = changes.filter((change) => change.client !== null);
    if (hellos.length > 0)
      await sql`update devices set client = hello.client
        from unnest(${hellos.map((hello) => hello.deviceId)}::uuid[], ${hellos.map((hello) => hello.client)}::text[]) as hello(id, client)
        where devices.id = hello.id and devices.client is distinct from hello.client`.execute(transaction);
    await noteNetworks(transaction, changes);
    const back = rows.filter((row) => row.connected).map((row) => row.deviceId);
    const replacing = new Set(rows.filter((row) => row.connected && row.replaced).map((row) => row.deviceId));
    const cloned = await noteOrigins(transaction, await originsOf(transaction, changes, replacing), cloneWindowMs);
    return {
      presence: rows.map(({ tenantId, deviceId, connected, ts, reason }) => ({
        tenantId,
        deviceId,
        connected,
        ts,
        reason,
      })),
      alerts: [...(await closeOffline(transaction, back)), ...cloned],
      health: await refreshHealth(transaction, [...back, ...cloned.map((alert) => alert.deviceId)]),
    };
  });
}

/** Notes the networks that devices came through; it is written where it is another than before. */
async function noteNetworks(database: Database, changes: readonly PresenceChange[]): Promise<void> {
  const networks = new Map(
    changes.flatMap(({ deviceId, address }) => {
      const network = address === undefined ? undefined : networkOf(address);
      return network === undefined ? [] : [[deviceId, network] as const];
    }),
  );
  if (networks.size === 0) return;
  await sql`update presence set network = came.network
    from unnest(${[...networks.keys()]}::uuid[], ${[...networks.values()]}::text[]) as came(device_id, network)
    where presence.device_id = came.device_id and presence.network is distinct from came.network`.execute(database);
}

/**
 * Places that the connections came from. A client that says who it is, is its own place, wherever it moves; of others the
 * address has to do, and only where one connection took another's place.
 */
async function originsOf(
  database: Database,
  changes: readonly PresenceChange[],
  replacing: ReadonlySet<string>,
): Promise<Origin[]> {
  const silent = changes.filter(
    ({ deviceId, instance, address }) => instance === undefined && address !== undefined && replacing.has(deviceId),
  );
  const nameless = new Set(
    silent.length === 0
      ? []
      : (
          await database
            .selectFrom('devices')
            .select('id')
            .where(
              'id',
              'in',
              silent.map(({ deviceId }) => deviceId),
            )
            .where('client', 'is', null)
            .execute()
        ).map(({ id }) => id),
  );
  return changes
    .toSorted((a, b) => a.epoch - b.epoch)
    .flatMap((change) => {
      const { deviceId, instance, address, ts } = change;
      if (instance !== undefined) return [{ deviceId, place: `instance ${instance}`, ts }];
      return nameless.has(deviceId) && silent.includes(change) ? [{ deviceId, place: `address ${address}`, ts }] : [];
    });
}

/** Closes the offline alerts of devices that are connected. */
async function closeOffline(database: Database, deviceIds: readonly string[]): Promise<AlertChange[]> {
  const ts = new Date();
  return await clearAlerts(
    database,
    deviceIds.map((deviceId) => ({
      deviceId,
      source: '',
      rule: OFFLINE_RULE,
      ts,
      by: 'server',
      reason: 'The gateway is back.',
    })),
  );
}

export interface AwayDevice {
  readonly deviceId: string;
  readonly since: Date;
  readonly reason: DisconnectReason | null;
}

/**
 * Accepted devices that have been away longer than `afterMs`, or than their rule says, and have no open offline alert yet.
 * Who restarts for an update gets `restartMs` at least.
 */
export async function listAwayDevices(
  database: Database,
  { afterMs, restartMs, limit }: { afterMs: number; restartMs: number; limit: number },
): Promise<AwayDevice[]> {
  const { rows } = await sql<AwayDevice>`
    select presence.device_id as "deviceId", presence.changed_at as since, presence.reason
    from presence join devices on devices.id = presence.device_id
    join rules on rules.tenant_id = devices.tenant_id and rules.key = ${OFFLINE_RULE} and rules.enabled
    where not presence.connected and devices.status = 'accepted'
      and presence.changed_at < now() - greatest(
        make_interval(secs => coalesce((rules.watch ->> 'forMs')::float8, ${afterMs}) / 1000),
        case when presence.reason = 'rebooting-for-update' then make_interval(secs => ${restartMs / 1000}) end)
      and not exists (select from alerts where alerts.device_id = presence.device_id and alerts.rule = ${OFFLINE_RULE} and alerts.closed_at is null)
    order by presence.changed_at limit ${limit}`.execute(database);
  return rows;
}

/**
 * Opens offline alerts for devices that are still away now that their rows are locked: one that came back between the
 * look and the lock stays green.
 */
export async function raiseOffline(
  store: Store,
  away: readonly AwayDevice[],
  describe: (device: AwayDevice) => { description: string; values: Record<string, string> },
): Promise<AlertOutcome> {
  return await store.database.transaction().execute(async (transaction) => {
    const tenants = await lockDevices(
      transaction,
      away.map((device) => device.deviceId),
    );
    const { rows } = await sql<{ deviceId: string; severity: Severity }>`
      select presence.device_id as "deviceId", rules.severity
      from presence join rules on rules.tenant_id = presence.tenant_id and rules.key = ${OFFLINE_RULE} and rules.enabled
      where presence.device_id = any(${[...tenants.keys()]}::uuid[]) and not presence.connected
        and not exists (select from alerts where alerts.device_id = presence.device_id and alerts.source = ''
          and alerts.rule = ${OFFLINE_RULE} and alerts.closed_at is null)`.execute(transaction);
    const stillAway = new Map(rows.map(({ deviceId, severity }) => [deviceId, severity]));
    const ts = new Date();
    const alerts = await raiseAlerts(
      transaction,
      away.flatMap((device) => {
        const { deviceId } = device;
        const severity = stillAway.get(deviceId);
        if (!severity) return [];
        const tenantId = tenants.get(deviceId)!;
        return [{ tenantId, deviceId, source: '', rule: OFFLINE_RULE, severity, ...describe(device), ts, count: 1 }];
      }),
    );
    return { alerts, health: await refreshHealth(transaction, [...tenants.keys()]) };
  });
}

/** Where a device's live connection is; undefined when it has none. */
export async function findConnection(
  database: Database,
  tenantId: string,
  deviceId: string,
): Promise<{ hubId: string; epoch: number } | undefined> {
  return await database
    .selectFrom('presence')
    .select(['hub_id as hubId', 'epoch'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .where('connected', '=', true)
    .executeTakeFirst();
}

/**
 * Prolongs a hub's lease. False when it was gone, or so nearly that somebody may have seen it gone: the hub's devices
 * may count as lost then.
 */
export async function renewLease(database: Database, hubId: string, leaseMs: number): Promise<boolean> {
  const { rows } = await sql<{ held: boolean | null }>`
    with before as (select lease_until from hubs where id = ${hubId})
    insert into hubs (id, lease_until) values (${hubId}, now() + make_interval(secs => ${leaseMs / 1000}))
    on conflict (id) do update set lease_until = excluded.lease_until
    returning (select lease_until > now() + make_interval(secs => ${leaseMs / 3000}) from before) as held`.execute(
    database,
  );
  return rows[0]?.held ?? false;
}

/** Ends a hub's lease at once: a drained hub says so itself. */
export async function endLease(database: Database, hubId: string): Promise<void> {
  await database.deleteFrom('hubs').where('id', '=', hubId).execute();
}

/** Marks every device of hubs without a valid lease as disconnected, in one statement; returns the news. */
export async function reapLostHubs(store: Store): Promise<PresenceOutcome['presence']> {
  const { rows } = await sql<PresenceOutcome['presence'][number]>`
    with lost as (
      select device_id from presence
      where connected and not exists (select from hubs where hubs.id = presence.hub_id and hubs.lease_until > now())
      order by device_id for update)
    update presence set connected = false, changed_at = now(), reason = 'hub-lost'
    from lost where presence.device_id = lost.device_id and connected
    returning tenant_id as "tenantId", presence.device_id as "deviceId", connected, changed_at as ts, reason`.execute(
    store.database,
  );
  await sql`delete from hubs where lease_until < now() - interval '1 hour'`.execute(store.database);
  return rows;
}
