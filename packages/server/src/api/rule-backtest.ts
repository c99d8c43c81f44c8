/**
 * How often a rule would have raised an alert: the evaluation of the devices, over their history. Each source of each
 * house is gone through by itself, in the order of time, with a look at every report and whenever one is due in between.
 */
import type { Result, RuleDraft, backtestRule } from '@lovely/api';
import { evaluate, NO_STATE, type DeviceRule, type Reading, type RuleState, type Facts } from '@lovely/protocol';
import type { DeviceScope } from '../domain/device-scope.ts';
import { deviceRule } from '../domain/rule.ts';
import { LovelyError } from '../errors.ts';
import {
  BACKTEST_DEVICES_MAX,
  BACKTEST_LEAD_MS_MAX,
  BACKTEST_LEAD_MS_MIN,
  BACKTEST_MS_MAX,
  BACKTEST_RAW_DAYS,
  BACKTEST_SAMPLES_SHOWN,
  BACKTEST_STEPS_MAX,
  BACKTEST_WORST_SHOWN,
  OPEN_ALERTS_OF_SOURCE_MAX,
} from '../limits.ts';
import { streamHistory, type HistorySample } from '../store/history-stream.ts';
import { listRuleSensors, listTargetDevices, type RuleSensor } from '../store/rule-targets.ts';
import type { Database } from '../store/store.ts';

type Backtest = Result<typeof backtestRule>;
type Alert = Backtest['sample'][number] & { readonly openedMs: number; closedMs: number | undefined };

const DAY_MS = 24 * 3600_000;
const STEPS_MS = [5 * 60_000, 15 * 60_000, 3600_000, 3 * 3600_000, 6 * 3600_000, 12 * 3600_000, DAY_MS];

/** Throws 'bad-input' for a kind of watch that history says nothing about. */
export async function backtest(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  draft: RuleDraft,
  from: Date,
  to: Date,
): Promise<Backtest> {
  const rule = triable(draft);
  const range = { fromMs: from.getTime(), toMs: Math.min(to.getTime(), Date.now()) };
  const deadlineMs = Date.now() + BACKTEST_MS_MAX;
  const listed = await listTargetDevices(database, tenantId, scope, draft, { limit: BACKTEST_DEVICES_MAX + 1 });
  const devices = listed.slice(0, BACKTEST_DEVICES_MAX);
  let complete = devices.length === listed.length;
  const sensors = await listRuleSensors(
    database,
    tenantId,
    draft.of,
    devices.map(({ id }) => id),
  );
  const alerts: Alert[] = [];
  let seen = 0;
  for (const device of devices) {
    if (Date.now() > deadlineMs) {
      complete = false;
      break;
    }
    seen++;
    const sources = draft.of.kind === 'gateway' ? [GATEWAY] : (sensors.get(device.id) ?? []);
    const told = await readDevice(database, tenantId, device.id, rule, sources, range, deadlineMs);
    if (told.isCut) complete = false;
    for (const alert of told.alerts) alerts.push({ ...alert, deviceId: device.id, deviceName: device.name });
  }
  return { ...summary(alerts, range), devices: seen, complete, until: new Date(range.toMs).toISOString() };
}

const GATEWAY: RuleSensor = { id: '', kind: '', model: '', name: '' };

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

function triable(draft: RuleDraft): DeviceRule {
  const { watch, evaluatedBy } = draft;
  const refuse = (detail: string): never => {
    throw new LovelyError('bad-input', detail, { pointer: '/rule/watch/kind' });
  };
  switch (watch.kind) {
    case 'threshold':
    case 'rate':
    case 'state':
    case 'flapping':
      break;
    case 'absence':
      // Gateways tell what changes; what stays the same is absent from history, and not from the gateway.
      if (evaluatedBy === 'device')
        refuse('History does not tell what a gateway was not told; only the server’s own absence can be tried.');
      break;
    default:
      refuse(`History does not tell what "${watch.kind}" would have seen.`);
  }
  return deviceRule({ ...draft, evaluatedBy: 'device', enabled: true, key: 'draft', version: 1 })!;
}

type Found = Omit<Alert, 'deviceId' | 'deviceName'>;

async function readDevice(
  database: Database,
  tenantId: string,
  deviceId: string,
  rule: DeviceRule,
  sources: readonly RuleSensor[],
  { fromMs, toMs }: Range,
  deadlineMs: number,
): Promise<{ alerts: Found[]; isCut: boolean }> {
  const { watch } = rule;
  const known = new Map(sources.map((source) => [source.id, source]));
  // What holds at the beginning was told before it.
  const leadMs = Math.max('windowMs' in watch ? watch.windowMs : 0, 'forMs' in watch ? watch.forMs : 0);
  const startMs = fromMs - Math.min(Math.max(leadMs * 2, BACKTEST_LEAD_MS_MIN), BACKTEST_LEAD_MS_MAX);
  const isRecent = startMs > Date.now() - BACKTEST_RAW_DAYS * DAY_MS;
  const stream = streamHistory(database, tenantId, {
    deviceIds: [deviceId],
    ...(rule.of.kind === 'gateway' ? { source: '' } : {}),
    metric: 'metric' in watch ? watch.metric : '',
    resolution: isRecent ? 'raw' : '5min',
    take: 'direction' in watch ? (watch.direction === 'above' ? 'max' : 'min') : 'last',
    fromMs: startMs,
    toMs,
  });
  const alerts: Found[] = [];
  const silent = new Set(known.keys());
  let replay: Replay | undefined;
  const finish = (): void => {
    if (replay) alerts.push(...replay.finish(toMs).filter(({ openedMs }) => openedMs >= fromMs));
    replay = undefined;
  };
  for (;;) {
    const page = await stream.next();
    if (page.done) {
      finish();
      // What never told anything is looked at too, by those who watch for that.
      if (watch.kind === 'absence')
        for (const id of silent) {
          replay = new Replay(rule, known.get(id)!);
          replay.begin(fromMs);
          finish();
        }
      return { alerts, isCut: page.value.isCut };
    }
    for (const sample of page.value) {
      const source = known.get(sample.source);
      if (!source) continue;
      silent.delete(source.id);
      if (replay?.source !== source) {
        finish();
        replay = new Replay(rule, source);
      }
      replay.take(sample);
    }
    if (Date.now() > deadlineMs) {
      finish();
      return { alerts, isCut: true };
    }
  }
}

/** One source of one house, going through its history. */
class Replay {
  readonly source: RuleSensor;
  readonly #rule: DeviceRule;
  readonly #readings = new Map<string, Reading>();
  readonly #facts: Facts;
  readonly #alerts: Found[] = [];
  readonly #open = new Map<string, Found>();
  #state: RuleState = NO_STATE;
  #dueMs = Infinity;
  /** The moment whose values are being told. */
  #atMs: number | undefined;

  constructor(rule: DeviceRule, source: RuleSensor) {
    this.source = source;
    this.#rule = rule;
    this.#facts = {
      sources: new Map([[source.id, { ...source, readings: this.#readings }]]),
      targets: new Map(),
      events: [],
    };
  }

  begin(atMs: number): void {
    this.#evaluate(atMs);
  }

  take({ metric, value, tsMs }: HistorySample): void {
    if (this.#atMs !== undefined && tsMs > this.#atMs) this.#evaluate(this.#atMs);
    this.#goTo(tsMs);
    const before = this.#readings.get(metric);
    const changes = (before?.changes ?? 0) + (before && before.value !== value ? 1 : 0);
    this.#readings.set(metric, { value, atMs: tsMs, changes });
    this.#atMs = tsMs;
  }

  finish(toMs: number): Found[] {
    if (this.#atMs !== undefined) this.#evaluate(this.#atMs);
    this.#goTo(toMs);
    return this.#alerts;
  }

  /** Looks whenever it is due until then. */
  #goTo(untilMs: number): void {
    while (this.#dueMs < untilMs) this.#evaluate(this.#dueMs);
  }

  #evaluate(atMs: number): void {
    const { state, changes, dueMs } = evaluate(this.#state, [this.#rule], this.#facts, atMs, OPEN_ALERTS_OF_SOURCE_MAX);
    this.#state = state;
    this.#dueMs = dueMs;
    for (const { name, ...change } of changes) {
      const { source } = name;
      if (change.kind === 'raise') {
        const found = {
          source,
          description: change.description,
          openedAt: new Date(atMs).toISOString(),
          openedMs: atMs,
          closedAt: null,
          closedMs: undefined,
        };
        this.#open.set(source, found);
        this.#alerts.push(found);
      } else {
        const found = this.#open.get(source);
        if (found) Object.assign(found, { closedAt: new Date(atMs).toISOString(), closedMs: atMs });
        this.#open.delete(source);
      }
    }
  }
}

function summary(alerts: readonly Alert[], { fromMs, toMs }: Range): Omit<Backtest, 'devices' | 'complete' | 'until'> {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= BACKTEST_STEPS_MAX) ?? DAY_MS;
  const over = new Map<number, number>();
  const houses = new Map<string, Backtest['worst'][number]>();
  for (const { deviceId, deviceName, openedMs, closedMs = toMs } of alerts) {
    const at = fromMs + Math.floor((openedMs - fromMs) / stepMs) * stepMs;
    over.set(at, (over.get(at) ?? 0) + 1);
    const house = houses.get(deviceId) ?? { deviceId, deviceName, fires: 0, openMs: 0 };
    houses.set(deviceId, { ...house, fires: house.fires + 1, openMs: house.openMs + closedMs - openedMs });
  }
  return {
    fires: alerts.length,
    houses: houses.size,
    stepMs,
    over: [...over].sort(([a], [b]) => a - b).map(([at, fires]) => ({ at: new Date(at).toISOString(), fires })),
    worst: [...houses.values()].sort((a, b) => b.fires - a.fires || b.openMs - a.openMs).slice(0, BACKTEST_WORST_SHOWN),
    sample: [...alerts]
      .sort((a, b) => b.openedMs - a.openedMs)
      .slice(0, BACKTEST_SAMPLES_SHOWN)
      .map(({ deviceId, deviceName, source, description, openedAt, closedAt }) => ({
        deviceId,
        deviceName,
        source,
        description,
        openedAt,
        closedAt,
      })),
  };
}
