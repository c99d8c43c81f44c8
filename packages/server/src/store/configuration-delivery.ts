/** Telling houses their configuration, and what they say of it. */
import { sql } from 'kysely';
import type { ConfigurationProblem, ConfigurationValues, Severity } from '@lovely/api';
import type { ConfigurationRevertReason } from '@lovely/protocol';
import { CONFIGURATION_RULE } from '../domain/default-rules.ts';
import { fillTemplate } from '../domain/rule.ts';
import { SPOOL_IDS_SPAN } from '../limits.ts';
import { clearAlerts, raiseAlerts } from './alert-openings.ts';
import type { AlertOutcome } from './alerts.ts';
import { arrayLiteral } from './array-literal.ts';
import { lockDevices, refreshHealth } from './health.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface BehindDevice {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly hubId: string;
  readonly epoch: number;
  readonly version: number;
  readonly desired: ConfigurationValues;
  readonly confirmMs: number | null;
}

/** As the index of those that are behind has it: houses that have not what they should, and did not go back from it. */
const IS_BEHIND = sql`configurations.version > configurations.reported_version
  and configurations.version > configurations.reverted_version`;

/** A page of the houses that are behind, connected or not. */
export async function listBehindDevices(database: Database, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select device_id as id from configurations where ${IS_BEHIND} and device_id > ${after}::uuid
    order by device_id limit ${limit}`.execute(database);
  return rows.map(({ id }) => id);
}

/**
 * Those of these houses that are behind, connected, and were not told on this connection lately; they count as told now.
 * Mender's own clients don't speak this: they get theirs as deployments.
 */
export async function takeBehindDevices(
  database: Database,
  deviceIds: readonly string[],
  resendMs: number,
): Promise<BehindDevice[]> {
  if (deviceIds.length === 0) return [];
  const { rows } = await sql<BehindDevice>`
    with behind as (
      select configurations.device_id, presence.hub_id, presence.epoch
      from configurations join presence on presence.device_id = configurations.device_id and presence.connected
      join devices on devices.id = configurations.device_id and devices.client is not null
      where configurations.device_id = any(${arrayLiteral(deviceIds)}::uuid[]) and ${IS_BEHIND}
        and (configurations.sent_at is null or configurations.sent_epoch is distinct from presence.epoch
          or configurations.sent_at < now() - make_interval(secs => ${resendMs / 1000}))
      for update of configurations skip locked)
    update configurations set sent_at = now(), sent_epoch = behind.epoch
    from behind where configurations.device_id = behind.device_id
    returning configurations.tenant_id as "tenantId", configurations.device_id as "deviceId", behind.hub_id as "hubId",
      behind.epoch, configurations.version, configurations.desired, configurations.confirm_ms as "confirmMs"`.execute(
    database,
  );
  return rows;
}

/** What a house says: that it has a version, or that it went back from one. */
export type ConfigurationReport = {
  readonly deviceId: string;
  readonly messageId: number;
  readonly version: number;
  readonly problems: readonly ConfigurationProblem[];
} & (
  | { readonly kind: 'reported'; readonly values: ConfigurationValues; readonly isConfirming: boolean }
  | { readonly kind: 'reverted'; readonly reason: ConfigurationRevertReason }
);

export interface ReportOutcome extends AlertOutcome {
  /** Houses whose words changed something. */
  readonly changed: readonly { readonly tenantId: string; readonly deviceId: string }[];
}

/** Stores what houses say, and opens and closes the alert of those that went back. */
export async function storeReports(
  database: Database,
  reports: readonly ConfigurationReport[],
): Promise<ReportOutcome> {
  return await inTransaction(database, async (transaction) => {
    // Devices before configurations, as everybody who raises alerts has it, and who computes configurations locks no device.
    await lockDevices(
      transaction,
      reports.map(({ deviceId }) => deviceId),
    );
    const reverted = await storeReverted(transaction, reports);
    const reported = await storeReported(transaction, reports);
    const changed = [...new Map([...reverted, ...reported].map((one) => [one.deviceId, one])).values()];
    return {
      changed,
      ...(await adjustAlerts(
        transaction,
        changed.map(({ deviceId }) => deviceId),
      )),
    };
  });
}

interface Changed {
  readonly tenantId: string;
  readonly deviceId: string;
}

async function storeReported(transaction: Database, reports: readonly ConfigurationReport[]): Promise<Changed[]> {
  // Of one house only the last counts: two rows for one key are too much for one statement.
  const last = lastOf(reports.filter((report) => report.kind === 'reported'));
  if (last.length === 0) return [];
  const { rows } = await sql<Changed>`
    insert into configurations as known (device_id, tenant_id, reported, reported_version, reported_at, reported_message,
      reported_since, confirming, problems)
    -- A house can't say that it has what nobody desired.
    select devices.id, devices.tenant_id, told.reported, least(told.version, coalesce(mine.version, 0)), now(), told.message,
      (select coalesce(jsonb_object_agg(key, case when mine.reported -> key = value then coalesce(mine.reported_since -> key, ${NOW_MS})
        else ${NOW_MS} end), '{}') from jsonb_each(told.reported)), told.confirming, told.problems
    from unnest(${last.map(({ deviceId }) => deviceId)}::uuid[], ${last.map(({ values }) => JSON.stringify(values))}::jsonb[],
      ${last.map(({ version }) => version)}::bigint[], ${last.map(({ messageId }) => messageId)}::bigint[],
      ${last.map(({ isConfirming }) => isConfirming)}::boolean[], ${last.map(({ problems }) => JSON.stringify(problems))}::jsonb[])
      as told(device_id, reported, version, message, confirming, problems)
    join devices on devices.id = told.device_id left join configurations as mine on mine.device_id = devices.id
    order by devices.id
    on conflict (device_id) do update set reported = excluded.reported, reported_at = now(),
      reported_version = least(excluded.reported_version, known.version), reported_message = excluded.reported_message,
      reported_since = excluded.reported_since, confirming = excluded.confirming, problems = excluded.problems
    -- An older message that comes later changes nothing, unless the house began to count anew (decision 0005).
    where excluded.reported_message > known.reported_message
      or known.reported_message - excluded.reported_message > ${SPOOL_IDS_SPAN}
    returning tenant_id as "tenantId", device_id as "deviceId"`.execute(transaction);
  return rows;
}

const NOW_MS = sql`to_jsonb(floor(extract(epoch from now()) * 1000))`;

async function storeReverted(transaction: Database, reports: readonly ConfigurationReport[]): Promise<Changed[]> {
  const last = lastOf(reports.filter((report) => report.kind === 'reverted'));
  if (last.length === 0) return [];
  const { rows } = await sql<Changed>`
    update configurations set reverted_version = told.version, reverted_reason = told.reason, reverted_at = now(),
      reverted_problems = told.problems, confirming = false
    from unnest(${last.map(({ deviceId }) => deviceId)}::uuid[], ${last.map(({ version }) => version)}::bigint[],
      ${last.map(({ reason }) => reason)}::text[], ${last.map(({ problems }) => JSON.stringify(problems))}::jsonb[])
      as told(device_id, version, reason, problems)
    where configurations.device_id = told.device_id and told.version between configurations.reverted_version + 1 and configurations.version
    returning configurations.tenant_id as "tenantId", configurations.device_id as "deviceId"`.execute(transaction);
  return rows;
}

function lastOf<R extends ConfigurationReport>(reports: readonly R[]): R[] {
  return [
    ...new Map(reports.toSorted((a, b) => a.messageId - b.messageId).map((one) => [one.deviceId, one])).values(),
  ].toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
}

/** A house that went back is a problem until it has what it should. */
async function adjustAlerts(transaction: Database, deviceIds: readonly string[]): Promise<AlertOutcome> {
  const ids = [...deviceIds];
  const { rows: raises } = await sql<{
    tenantId: string;
    deviceId: string;
    severity: Severity;
    description: string;
    version: number;
    reason: ConfigurationRevertReason;
  }>`
    select configurations.tenant_id as "tenantId", configurations.device_id as "deviceId", rules.severity, rules.description,
      reverted_version as version, reverted_reason as reason
    from configurations join rules on rules.tenant_id = configurations.tenant_id and rules.key = ${CONFIGURATION_RULE} and rules.enabled
    where configurations.device_id = any(${ids}::uuid[]) and state = 'reverted'
      and not exists (select from alerts where alerts.device_id = configurations.device_id and alerts.source = ''
        and alerts.rule = ${CONFIGURATION_RULE} and alerts.closed_at is null)`.execute(transaction);
  const { rows: cleared } = await sql<{ deviceId: string }>`
    select alerts.device_id as "deviceId" from alerts join configurations on configurations.device_id = alerts.device_id
    where alerts.device_id = any(${ids}::uuid[]) and alerts.rule = ${CONFIGURATION_RULE} and alerts.closed_at is null
      and configurations.state in ('current', 'differs', 'failed')`.execute(transaction);
  const ts = new Date();
  const alerts = [
    ...(await raiseAlerts(
      transaction,
      raises.map(({ description, version, reason, ...of }) => {
        const values = { version, reason: REASONS[reason] };
        return {
          ...of,
          source: '',
          rule: CONFIGURATION_RULE,
          description: fillTemplate(description, values),
          values,
          ts,
          count: 1,
        };
      }),
    )),
    ...(cleared.length === 0
      ? []
      : await clearAlerts(
          transaction,
          cleared.map(({ deviceId }) => ({
            deviceId,
            source: '',
            rule: CONFIGURATION_RULE,
            ts,
            by: 'server' as const,
            reason: 'The gateway has taken a configuration again.',
          })),
        )),
  ];
  return { alerts, health: alerts.length === 0 ? [] : await refreshHealth(transaction, ids) };
}

const REASONS: Readonly<Record<ConfigurationRevertReason, string>> = {
  'no-connection': 'it lost the connection, or could not get it back in time',
  restarts: 'its client stopped several times',
  failed: 'it could not be applied',
};
