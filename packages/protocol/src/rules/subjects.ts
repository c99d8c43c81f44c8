/** What a rule looks at, of the facts at hand. */
import type { DeviceRule } from '../messages/alert-rules.ts';
import type { Facts, Reading, RuleEvent, SourceFacts, TargetState } from './facts.ts';
import { matchMetric } from './metric-pattern.ts';

export interface Subject {
  /** Of the alert: '' or what the star stood for on the gateway, else the sensor's id. */
  readonly source: string;
  readonly metric: string;
  /** Missing where nothing was told yet. */
  readonly reading?: Reading;
  readonly target?: TargetState;
  readonly events?: readonly RuleEvent[];
  /** What people call the sensor; undefined for the gateway. */
  readonly sensor?: string;
}

export function findSubjects(rule: DeviceRule, facts: Facts): Subject[] {
  const { watch, of } = rule;
  switch (watch.kind) {
    case 'threshold':
    case 'rate':
    case 'state':
    case 'flapping':
    case 'absence':
      if (of.kind === 'gateway') return ofGateway(watch.kind, watch.metric, facts.sources.get(''));
      return of.kind === 'sensors' ? ofSensors(of, watch.metric, facts) : [];
    case 'service':
      return watch.targets.flatMap((name) => {
        const target = facts.targets.get(name);
        return target ? [{ source: name, metric: '', target }] : [];
      });
    case 'log':
    case 'signal':
      return [{ source: '', metric: '', events: facts.events.filter((event) => event.rule === rule.key) }];
    case 'unknown':
      return [];
  }
}

function ofGateway(kind: string, metric: string, gateway: SourceFacts | undefined): Subject[] {
  const readings = gateway?.readings ?? new Map<string, Reading>();
  // What never came is not found among what came.
  if (kind === 'absence' && !metric.includes('*')) return [subject('', metric, readings)];
  const found: Subject[] = [];
  for (const [name, reading] of readings) {
    const source = matchMetric(metric, name);
    if (source !== undefined) found.push({ source, metric: name, reading });
  }
  return found;
}

function ofSensors({ kinds, models }: { kinds: string[]; models: string[] }, metric: string, facts: Facts): Subject[] {
  const found: Subject[] = [];
  for (const [id, sensor] of facts.sources) {
    const isOf =
      (kinds.length === 0 || kinds.includes(sensor.kind)) && (models.length === 0 || models.includes(sensor.model));
    if (id !== '' && isOf) found.push({ ...subject(id, metric, sensor.readings), sensor: sensor.name || id });
  }
  return found;
}

function subject(source: string, metric: string, readings: ReadonlyMap<string, Reading>): Subject {
  const reading = metric === '' ? newestOf(readings) : readings.get(metric);
  return reading ? { source, metric, reading } : { source, metric };
}

function newestOf(readings: ReadonlyMap<string, Reading>): Reading | undefined {
  let newest: Reading | undefined;
  for (const reading of readings.values()) if (!newest || reading.atMs > newest.atMs) newest = reading;
  return newest;
}
