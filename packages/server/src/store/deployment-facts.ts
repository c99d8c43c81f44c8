/** What is known of a deployment as a whole, as its plan needs it: counts, phases, what its gates see. */
import { sql, type Selectable } from 'kysely';
import type { GateFigure } from '@lovely/api';
import { judgeGates } from '../domain/deployment-gates.ts';
import { failuresOf, planCounts, type CountRow } from '../domain/deployment-counts.ts';
import type { PlanFacts } from '../domain/deployment-plan.ts';
import { UPDATE_RESTART_MS } from '../limits.ts';
import { DEPLOYMENT_GATE_MS, DEPLOYMENT_GATE_WINDOW_MS, DEPLOYMENT_POLLER_AWAY_MS } from '../software-limits.ts';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';

export type DeploymentRow = Selectable<Schema['deployments']>;

const SUMS = sql.raw(`deployment_id as "deploymentId", phase, state, sum(houses)::int as houses,
  sum(wanted)::float8 as wanted, sum(downloaded)::float8 as downloaded, sum(retried)::int as retried,
  sum(reconnects)::int as reconnects`);

export async function readCounts(database: Database, deploymentIds: readonly string[]): Promise<CountRow[]> {
  if (deploymentIds.length === 0) return [];
  const { rows } = await sql<CountRow>`select ${SUMS} from deployment_counts
    where deployment_id = any(${[...deploymentIds]}::uuid[]) group by 1, 2, 3`.execute(database);
  return rows;
}

/** Adds up what was appended since; only who has locked the deployment does. */
export async function foldCounts(transaction: Database, deploymentId: string): Promise<void> {
  await sql`
    with old as (delete from deployment_counts where deployment_id = ${deploymentId}
      and (select count(*) from (select from deployment_counts where deployment_id = ${deploymentId} limit ${COUNT_ROWS_MAX}) as first) >= ${COUNT_ROWS_MAX}
      returning *)
    insert into deployment_counts (deployment_id, tenant_id, phase, state, houses, wanted, downloaded, retried, reconnects)
    select deployment_id, tenant_id, phase, state, sum(houses), sum(wanted), sum(downloaded), sum(retried), sum(reconnects)
    from old group by 1, 2, 3, 4
    having sum(houses) <> 0 or sum(wanted) <> 0 or sum(downloaded) <> 0 or sum(retried) <> 0 or sum(reconnects) <> 0`.execute(
    transaction,
  );
}

/** As long as there are fewer, adding them up is not worth the writing. */
const COUNT_ROWS_MAX = 200;

/** Houses in the middle of it that went away, and of these those whose software may be half changed. */
export interface Away {
  readonly away: number;
  readonly suspicious: number;
}

export const NOBODY_AWAY: Away = { away: 0, suspicious: 0 };

async function countAway(database: Database, deploymentId: string): Promise<Away> {
  const { rows } = await sql<Away>`
    select count(*)::int as away,
      (count(*) filter (where house.state in ('installing', 'rebooting', 'pause_before_committing')))::int as suspicious
    from deployment_devices as house
    left join presence on presence.device_id = house.device_id
    left join device_software as software on software.device_id = house.device_id
    where house.deployment_id = ${deploymentId} and house.finished_at is null and house.granted_at is not null
      and house.heard_at < now() - make_interval(secs => ${UPDATE_RESTART_MS / 1000})
      and case when coalesce(software.is_live, false)
        then not coalesce(presence.connected, false)
          and coalesce(presence.changed_at, '-infinity') < now() - make_interval(secs => ${UPDATE_RESTART_MS / 1000})
        else house.heard_at < now() - make_interval(secs => ${DEPLOYMENT_POLLER_AWAY_MS / 1000}) end`.execute(database);
  return rows[0]!;
}

/** Alerts and reconnects of houses with the new software, and of the rest of the fleet, in the same time. */
interface FleetSigns {
  readonly houses: number;
  readonly updatedWithAlert: number;
  readonly restWithAlert: number;
  readonly reconnects: number;
}

async function readFleetSigns(database: Database, row: DeploymentRow, nowMs: number): Promise<FleetSigns> {
  const since = new Date(
    Math.max(
      nowMs - DEPLOYMENT_GATE_WINDOW_MS,
      row.started_at?.getTime() ?? nowMs,
      row.forgiven_at?.getTime() ?? Number.NEGATIVE_INFINITY,
    ),
  );
  const { rows } = await sql<FleetSigns>`
    with opened as (
      select alerts.device_id, bool_or(house.device_id is not null) as is_updated
      from alerts left join deployment_devices as house on house.deployment_id = ${row.id}
        and house.device_id = alerts.device_id and house.state = 'success' and alerts.opened_at > house.finished_at
      where alerts.tenant_id = ${row.tenant_id} and alerts.opened_at > ${since}
      group by alerts.device_id)
    select (select count(*) from devices where tenant_id = ${row.tenant_id} and status = 'accepted')::int as houses,
      (select count(*) from opened where is_updated)::int as "updatedWithAlert",
      (select count(*) from opened where not is_updated)::int as "restWithAlert",
      coalesce((select sum(reconnects) from reconnects
        where tenant_id = ${row.tenant_id} and minute >= ${since}), 0)::int as reconnects`.execute(database);
  return rows[0]!;
}

/** Everything that a plan is made of, and whether the whole fleet was looked at for it. */
export interface ReadFacts {
  readonly facts: Omit<PlanFacts, 'isDry'>;
  readonly away: Away;
  readonly hasLookedAtFleet: boolean;
}

/** @param known who is away, from the step before; without it, that, alerts and reconnects are looked for anew */
export async function readFacts(
  database: Database,
  row: DeploymentRow,
  nowMs: number,
  known?: Away,
): Promise<ReadFacts> {
  const counts = await readCounts(database, [row.id]);
  const away = known ?? (await countAway(database, row.id));
  const overMs = row.phase_marks[row.phase]?.overMs ?? null;
  const { figures, hasLookedAtFleet } = await readFigures(database, row, counts, {
    suspicious: away.suspicious,
    isPhaseOver: overMs !== null,
    nowMs,
    looksAround: known === undefined,
  });
  const facts = {
    state: row.state as PlanFacts['state'],
    startMs: timeOf(row.options.startAt),
    endMs: timeOf(row.options.endAt),
    isCollected: row.collected_at !== null,
    joins: row.options.joins,
    phase: row.phase,
    phases: row.options.phases,
    overMs,
    isPassed: row.is_passed,
    parallelMax: row.options.parallelMax,
    counts: planCounts(counts, away.away),
    figures,
  };
  return { facts, away, hasLookedAtFleet };
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}

async function readFigures(
  database: Database,
  row: DeploymentRow,
  counts: readonly CountRow[],
  of: { suspicious: number; isPhaseOver: boolean; nowMs: number; looksAround: boolean },
): Promise<{ figures: GateFigure[]; hasLookedAtFleet: boolean }> {
  const { gates } = row.options;
  const { failed, through, reconnects } = failuresOf(counts, of.suspicious);
  const updated = counts.reduce((sum, { state, houses }) => sum + (state === 'success' ? houses : 0), 0);
  const isWanted = gates !== null && (gates.alertsMax !== null || gates.reconnectsMax !== null) && updated > 0;
  // The whole fleet is not looked at each time, but before a phase begins.
  const isDue = row.signs_at === null || of.isPhaseOver || row.signs_at.getTime() + DEPLOYMENT_GATE_MS <= of.nowMs;
  const looksAtFleet = of.looksAround && isWanted && isDue;
  const signs = looksAtFleet
    ? await readFleetSigns(database, row, of.nowMs)
    : { houses: 0, updatedWithAlert: 0, restWithAlert: 0, reconnects: 0 };
  const forgiven = row.forgiven;
  const updatedReconnects = Math.max(0, reconnects - forgiven.reconnects);
  const figures = judgeGates(gates, {
    through: Math.max(0, through - forgiven.through),
    failed: Math.max(0, failed - forgiven.failed),
    updated,
    updatedWithAlert: signs.updatedWithAlert,
    updatedReconnects,
    rest: Math.max(0, signs.houses - updated),
    restWithAlert: signs.restWithAlert,
    restReconnects: Math.max(0, signs.reconnects - updatedReconnects),
    isPhaseOver: of.isPhaseOver,
  });
  // What was not looked at anew is as it was seen last.
  const shown = figures.map((figure) =>
    figure.gate === 'failures' || looksAtFleet || gates === null
      ? figure
      : (row.figures.find(({ gate }) => gate === figure.gate) ?? figure),
  );
  return { figures: shown, hasLookedAtFleet: looksAtFleet };
}
