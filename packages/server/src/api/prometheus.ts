/** The last values of a tenant's houses in Prometheus' text format (version 0.0.4), see docs/prometheus.md. */
import { describeMetric, PATHS, starOf } from '@lovely/api';
import { z } from 'zod';
import { PROMETHEUS_PAGE_DEVICES, PROMETHEUS_SAMPLES_MAX } from '../limits.ts';
import { getDeviceGroup } from '../store/groups.ts';
import { listLastValues, type LastValues } from '../store/last-values.ts';
import type { ApiContext, Person } from './context.ts';
import { requirePerson } from './guard.ts';
import { requireVisibleGroup } from './groups.ts';
import { readInput, type Http } from './route.ts';

const query = z.object({ group: z.uuid().optional() });

export function routePrometheus(http: Http, context: ApiContext): void {
  http.get(PATHS.prometheus, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const { group } = readInput(query, c.req.query(), '/query');
    const exposition = await collect(person, group);
    return new Response(exposition.stream(), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
  });
}

/** Reads page by page; of all houses it keeps the lines alone, as the format wants those of one metric together. */
async function collect(person: Person, groupId: string | undefined): Promise<Exposition> {
  if (groupId !== undefined) requireVisibleGroup(person, groupId);
  const { database, tenantId } = person;
  const group = groupId === undefined ? undefined : await getDeviceGroup(database, tenantId, groupId);
  const exposition = new Exposition();
  let after: string | undefined;
  do {
    const page = { group, after, limit: PROMETHEUS_PAGE_DEVICES };
    const devices = await listLastValues(database, tenantId, person.scope('fleet.read'), page);
    for (const device of devices) exposition.add(device);
    after = devices.length === PROMETHEUS_PAGE_DEVICES ? devices.at(-1)!.id : undefined;
  } while (after !== undefined && !exposition.isFull);
  return exposition;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly lines: string[];
}

/** What a metric's name tells, whoever reports it. */
interface Known {
  readonly pattern: string;
  readonly title: string;
  readonly isCounter: boolean;
  readonly labels: string;
}

/** Samples by the name of their metric. */
export class Exposition {
  readonly #families = new Map<string, Family>();
  readonly #known = new Map<string, Known>();
  readonly #samplesMax: number;
  #samples = 0;

  constructor(samplesMax = PROMETHEUS_SAMPLES_MAX) {
    this.#samplesMax = samplesMax;
  }

  get isFull(): boolean {
    return this.#samples >= this.#samplesMax;
  }

  add({ id, name, connected, sources }: LastValues): void {
    const house = `${label('device', id)},${label('name', name)}`;
    this.#sample('connected', 'gauge', 'Whether the gateway is connected.', house, Number(connected));
    for (const { source, newestMs, values } of sources) {
      const labels = `${house},${label('source', source)}`;
      const reported = 'When the source last reported.';
      this.#sample('reported.timestampSeconds', 'gauge', reported, labels, newestMs / 1000);
      for (const metric in values) this.#value(metric, labels, values[metric]![0]);
    }
  }

  #value(metric: string, labels: string, value: string | number | boolean): void {
    let known = this.#known.get(metric);
    if (!known) this.#known.set(metric, (known = knownOf(metric)));
    const type = known.isCounter && typeof value === 'number' ? 'counter' : 'gauge';
    const state = typeof value === 'string' ? `,${label('state', value)}` : '';
    const number = typeof value === 'string' ? 1 : Number(value);
    this.#sample(known.pattern, type, known.title, labels + known.labels + state, number);
  }

  #sample(metric: string, type: Family['type'], help: string, labels: string, value: number): void {
    if (this.isFull) return;
    const key = `${metric} ${type}`;
    let family = this.#families.get(key);
    if (!family) this.#families.set(key, (family = { name: nameOf(metric, type), type, help, lines: [] }));
    family.lines.push(`${family.name}{${labels}} ${value}\n`);
    this.#samples++;
  }

  /** A metric at a time, as fast as the reader takes them. */
  stream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    const families = Map.groupBy(this.#families.values(), ({ name }) => name).values();
    const cut = this.isFull ? `# Only ${this.#samples} samples: ask for one group at a time.\n` : '';
    return new ReadableStream({
      start: (controller) => controller.enqueue(encoder.encode(cut)),
      pull(controller) {
        const { value, done } = families.next();
        if (done) return controller.close();
        const { name, type, help } = value[0]!;
        const lines = value.flatMap((family) => family.lines);
        controller.enqueue(encoder.encode(`# HELP ${name} ${escape(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`));
      },
    });
  }
}

function knownOf(metric: string): Known {
  const { pattern, title, kind, star } = describeMetric(metric);
  const ofStar = star === undefined ? '' : `,${label(star, starOf(pattern, metric) ?? '')}`;
  // What nobody described may have the same name as something else once its signs are gone.
  const ofName = pattern === title ? `,${label('metric', metric)}` : '';
  return { pattern, title, isCounter: kind === 'counter', labels: ofStar + ofName };
}

/** `disk.*.usedPercent` becomes `lovely_disk_used_percent`, with the label `mount` for what the star stands for. */
function nameOf(pattern: string, type: Family['type']): string {
  const words = pattern
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return `lovely_${words}${type === 'counter' ? '_total' : ''}`;
}

function label(name: string, text: string): string {
  return `${name}="${escape(text)}"`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
