/** What software runs where: as gateways tell it, and as deployments brought it. */
import { sql } from 'kysely';
import { expectedAfter, type ChoosableArtifact, type Provides } from '../domain/artifact-choice.ts';
import { SPOOL_IDS_SPAN } from '../limits.ts';
import { SOFTWARE_KEYS_MAX, SOFTWARE_VALUE_LENGTH_MAX } from '../software-limits.ts';
import { storable, wakeHouses } from './deployment-houses.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface ToldProvides {
  readonly tenantId: string;
  readonly deviceId: string;
  /** `artifact_name`, `device_type`, and whatever its artifacts brought. */
  readonly provides: Provides;
  /** channel: it takes offers over the live channel. poll: it asks. inventory: other software told it. */
  readonly by: 'channel' | 'poll' | 'inventory';
  /** Of the channel: so that an older one that comes later changes nothing. */
  readonly messageId?: number | undefined;
}

/** Stores it; returns the devices on which something changed, for the event `software`. */
export async function storeProvides(
  database: Database,
  told: readonly ToldProvides[],
): Promise<{ tenantId: string; deviceId: string }[]> {
  // Of one house the newest counts: two rows for one key are too much for one statement.
  const last = [
    ...new Map(
      told.toSorted((a, b) => (a.messageId ?? 0) - (b.messageId ?? 0)).map((one) => [one.deviceId, one]),
    ).values(),
  ];
  if (last.length === 0) return [];
  const rows = last.map(({ tenantId, deviceId, provides, by, messageId }) => ({
    tenantId,
    deviceId,
    provides: storableProvides(provides),
    isLive: by === 'channel',
    by: by === 'inventory' ? 'inventory' : 'client',
    messageId: messageId ?? null,
  }));
  return await inTransaction(database, async (transaction) => {
    const { rows: stored } = await sql<{ tenantId: string; deviceId: string; isNews: boolean }>`
      insert into device_software as known (device_id, tenant_id, provides, is_live, told_by, told_at, changed_at, message_id)
      select devices.id, devices.tenant_id, new.provides, new."isLive", new.by, now(), now(), coalesce(new."messageId", -1)
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as new("tenantId" uuid, "deviceId" uuid, provides jsonb,
        "isLive" boolean, by text, "messageId" bigint)
      join devices on devices.id = new."deviceId" and devices.tenant_id = new."tenantId"
      order by devices.id
      on conflict (device_id) do update set
        -- Other software knows a few things and not the rest.
        provides = case when excluded.told_by = 'inventory' then known.provides || excluded.provides else excluded.provides end,
        is_live = case when excluded.told_by = 'inventory' then known.is_live else excluded.is_live end,
        told_by = case when excluded.told_by = 'inventory' and known.told_by is not null then known.told_by else excluded.told_by end,
        told_at = now(),
        changed_at = case when known.provides = excluded.provides then known.changed_at else now() end,
        message_id = case when excluded.message_id = -1 then known.message_id else excluded.message_id end
      -- An older message that comes later changes nothing, unless the house began to count anew (decision 0005).
      where excluded.message_id = -1 or excluded.message_id > known.message_id
        or known.message_id - excluded.message_id > ${SPOOL_IDS_SPAN}
      returning tenant_id as "tenantId", device_id as "deviceId", changed_at = now() as "isNews"`.execute(transaction);
    await wakeHouses(
      transaction,
      stored.map(({ deviceId }) => deviceId),
    );
    return stored.filter(({ isNews }) => isNews).map(({ tenantId, deviceId }) => ({ tenantId, deviceId }));
  });
}

function storableProvides(provides: Provides): Record<string, string> {
  return Object.fromEntries(
    Object.entries(provides)
      .slice(0, SOFTWARE_KEYS_MAX)
      .map(([key, value]) => [
        storable(key, SOFTWARE_VALUE_LENGTH_MAX),
        storable(String(value), SOFTWARE_VALUE_LENGTH_MAX),
      ]),
  );
}

export interface Installed {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly deploymentId: string;
  readonly artifact: Pick<ChoosableArtifact, 'provides' | 'clears'>;
}

/** Notes what deployments brought: it is what should run there from now on, and what runs there until the gateway says. */
export async function noteInstalled(transaction: Database, installed: readonly Installed[]): Promise<void> {
  if (installed.length === 0) return;
  const ids = installed.map(({ deviceId }) => deviceId).toSorted();
  const { rows: known } = await sql<{ deviceId: string; provides: Provides; expected: Provides }>`
    select device_id as "deviceId", provides, expected from device_software where device_id = any(${ids}::uuid[])
    order by device_id for update`.execute(transaction);
  const before = new Map(known.map((row) => [row.deviceId, row]));
  const rows = installed.map(({ tenantId, deviceId, deploymentId, artifact }) => ({
    tenantId,
    deviceId,
    deploymentId,
    provides: expectedAfter(before.get(deviceId)?.provides ?? {}, kept(artifact, before.get(deviceId)?.provides)),
    expected: expectedAfter(before.get(deviceId)?.expected ?? {}, artifact),
  }));
  await sql`
    insert into device_software as known (device_id, tenant_id, provides, expected, deployment_id, changed_at)
    select "deviceId", "tenantId", provides, expected, "deploymentId", now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as new("tenantId" uuid, "deviceId" uuid, "deploymentId" uuid,
      provides jsonb, expected jsonb)
    order by 1
    on conflict (device_id) do update set provides = excluded.provides, expected = excluded.expected,
      deployment_id = excluded.deployment_id,
      changed_at = case when known.provides = excluded.provides then known.changed_at else now() end`.execute(
    transaction,
  );
}

/** The type of a device is never cleared: it is not of its software. */
function kept(
  { provides, clears }: Installed['artifact'],
  before: Provides | undefined,
): Pick<ChoosableArtifact, 'provides' | 'clears'> {
  const type = before?.device_type;
  return { clears, provides: type === undefined ? provides : { device_type: type, ...provides } };
}
