/** Finds the same problem of many houses at once and makes it one incident; keeps the figures of incidents up to date. */
import { doForEach } from '../background-task.ts';
import type { Bus } from '../bus/bus.ts';
import { OFFLINE_RULE } from '../domain/default-rules.ts';
import { planIncidents, type IncidentGroup } from '../domain/incident-plan.ts';
import {
  INCIDENT_BASELINE_MS,
  INCIDENT_WINDOW_MINUTES,
  INCIDENTS_COUNTED_PER_TURN,
  OUTAGE_WINDOW_MINUTES,
} from '../limits.ts';
import type { Places } from '../places.ts';
import { countIncidents, listIncidentsToCount, type IncidentChange } from '../store/incident-counts.ts';
import * as forming from '../store/incident-forming.ts';
import { readBaseline, type Baseline } from '../store/incident-traits.ts';
import { lockDevices, type HealthChange } from '../store/health.ts';
import type { Database, Store } from '../store/store.ts';
import { announceAlerts, announceIncidents } from '../bus/announce.ts';

export interface IncidentWatchParts {
  readonly store: Store;
  readonly bus: Bus;
  /** Names of towns; undefined where there is no list of them. */
  readonly places: () => Places | undefined;
}

/** How much of the time the database may spend on this. */
const SHARE_MAX = 0.1;
/** Houses that are further apart than this are not around one town. */
const AROUND_KM_MAX = 150;
const TOWN_KM_MIN = 15;

/** What goes into one incident. */
interface Filling {
  readonly id: string;
  readonly isNew: boolean;
  readonly alerts: readonly forming.LooseAlert[];
  /** Incidents that turn out to be part of this one. */
  readonly absorbs: readonly string[];
}

interface Found {
  readonly incidents: IncidentChange[];
  readonly health: HealthChange[];
}

export function createIncidentWatch({ store, bus, places }: IncidentWatchParts): () => Promise<void> {
  const baselines = new Map<string, { readonly baseline: Baseline; readonly readMs: number }>();
  let restUntilMs = 0;

  async function baselineOf(tenantId: string): Promise<Baseline> {
    const known = baselines.get(tenantId);
    if (known && known.readMs > Date.now() - INCIDENT_BASELINE_MS) return known.baseline;
    const baseline = await readBaseline(store.database, tenantId);
    baselines.set(tenantId, { baseline, readMs: Date.now() });
    return baseline;
  }

  /** As "around Milan"; empty where the houses are too far apart, or nobody knows. */
  function whereIs({ latitude, longitude, radiusKm, region }: forming.IncidentPlace): string {
    if (latitude === null || longitude === null) return region === null ? '' : `in ${region}`;
    if (radiusKm === null || radiusKm > AROUND_KM_MAX) return '';
    const town = places()?.near(latitude, longitude, Math.max(radiusKm, TOWN_KM_MIN));
    return town ? `around ${town.name}` : region === null ? '' : `in ${region}`;
  }

  async function describe(transaction: Database, id: string, baseline: Baseline): Promise<void> {
    const place = await forming.readIncidentPlace(transaction, id);
    const traits = await forming.readIncidentTraits(transaction, id, baseline);
    await forming.describeIncident(transaction, id, { place, where: whereIs(place), traits });
  }

  /** Fills incidents with what belongs to each. All houses are locked at once, in the order of everybody else. */
  async function fill(transaction: Database, of: forming.LooseRule, fillings: readonly Filling[]): Promise<Found> {
    const baseline = await baselineOf(of.tenantId);
    const absorbed = fillings.flatMap(({ absorbs }) => absorbs);
    await lockDevices(transaction, [
      ...fillings.flatMap(({ alerts }) => alerts.map(({ deviceId }) => deviceId)),
      ...(await forming.listIncidentDevices(transaction, absorbed)),
    ]);
    const found: Found = { incidents: [], health: [] };
    for (const { id, isNew, alerts, absorbs } of fillings) {
      found.health.push(...(await forming.joinIncident(transaction, of, id, alerts)));
      await forming.mergeIncidents(transaction, absorbs, id);
      await describe(transaction, id, baseline);
      const changes = await countIncidents(transaction, [id]);
      found.incidents.push(...changes.map((change) => (isNew ? { ...change, change: 'opened' as const } : change)));
    }
    return found;
  }

  /** Puts what is loose into incidents that there are. */
  async function join(transaction: Database, of: forming.LooseRule, windowMinutes: number): Promise<Found> {
    const fillings: Filling[] = [];
    const taken = new Set<string>();
    for (const incident of await forming.listJoinable(transaction, of)) {
      const loose = await forming.listLoose(transaction, of, windowMinutes, forming.belongsTo(incident));
      const alerts = loose.filter(({ id }) => !taken.has(id));
      for (const { id } of alerts) taken.add(id);
      const absorbs = await forming.listAbsorbed(transaction, of, windowMinutes, incident);
      if (alerts.length > 0 || absorbs.length > 0) fillings.push({ id: incident.id, isNew: false, alerts, absorbs });
    }
    return await fill(transaction, of, fillings);
  }

  /** Makes new incidents of what is still loose. */
  async function form(transaction: Database, of: forming.LooseRule, windowMinutes: number): Promise<Found> {
    const fillings: Filling[] = [];
    const loose = await forming.readLoose(transaction, of, windowMinutes, await baselineOf(of.tenantId));
    for (const group of planIncidents(loose)) {
      const kind = kindOf(of.rule, group);
      const trait = group.kind === 'trait' ? group.trait : null;
      const alerts = await forming.listLoose(transaction, of, windowMinutes, forming.belongsToGroup(group));
      const id = await forming.insertIncident(transaction, of, { kind, trait });
      const absorbs = await forming.listAbsorbed(transaction, of, windowMinutes, { id, kind, trait });
      fillings.push({ id, isNew: true, alerts, absorbs });
    }
    return await fill(transaction, of, fillings);
  }

  async function formOf(of: forming.LooseRule): Promise<void> {
    const windowMinutes = of.rule === OFFLINE_RULE ? OUTAGE_WINDOW_MINUTES : INCIDENT_WINDOW_MINUTES;
    for (const step of [join, form]) {
      const { incidents, health } = await store.database
        .transaction()
        .execute(async (transaction) =>
          (await forming.lockForming(transaction, of.tenantId))
            ? await step(transaction, of, windowMinutes)
            : { incidents: [], health: [] },
        );
      announceAlerts(bus, { alerts: [], health });
      announceIncidents(bus, incidents);
    }
  }

  async function count(): Promise<void> {
    const ids = await listIncidentsToCount(store.database, INCIDENTS_COUNTED_PER_TURN);
    announceIncidents(
      bus,
      await store.database.transaction().execute((transaction) => countIncidents(transaction, ids)),
    );
  }

  return async () => {
    const startMs = performance.now();
    if (startMs < restUntilMs) return;
    try {
      const rules = await forming.listLooseRules(store.database, INCIDENT_WINDOW_MINUTES);
      await doForEach([...rules.map((of) => () => formOf(of)), count], (task) => task());
    } finally {
      restUntilMs = startMs + (performance.now() - startMs) / SHARE_MAX;
    }
  };
}

/** Gateways that went away together have a cause of their own. */
function kindOf(rule: string, group: IncidentGroup): 'place' | 'outage' | 'trait' | 'fleet' {
  if (rule !== OFFLINE_RULE) return group.kind;
  const isOutage = group.kind === 'place' || (group.kind === 'trait' && group.trait.attribute === 'network');
  return isOutage ? 'outage' : group.kind;
}
