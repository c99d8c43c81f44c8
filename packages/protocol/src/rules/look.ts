/** What a watch makes of one subject: one function for each kind. */
import type { DeviceRule, DeviceWatch } from '../messages/alert-rules.ts';
import { metricValues, shorten, type AlertValues } from './describe.ts';
import type { Memory, Sample } from './memory.ts';
import type { Subject } from './subjects.ts';

export interface Sight {
  /** `between`: neither bad enough to raise nor good enough to clear, or not known. */
  readonly condition: 'bad' | 'between' | 'good';
  readonly values: AlertValues;
  readonly memory: Memory;
  /** When it may look different though nothing new is told. */
  readonly dueMs?: number;
}

type Watch<K extends DeviceWatch['kind']> = Extract<DeviceWatch, { kind: K }>;

/** How many values of a window are remembered. */
const WINDOW_SAMPLES_MAX = 100;

export function look({ watch }: DeviceRule, subject: Subject, memory: Memory, nowMs: number): Sight {
  switch (watch.kind) {
    case 'threshold':
      return threshold(watch, subject, memory);
    case 'rate':
      return rate(watch, subject, memory, nowMs);
    case 'state':
      return state(watch, subject, memory);
    case 'absence':
      return absence(watch, subject, memory, nowMs);
    case 'flapping':
      return flapping(watch, subject, memory, nowMs);
    case 'service':
      return service(subject, memory);
    case 'log':
      return log(watch, subject, memory, nowMs);
    case 'signal':
      return signal(watch, subject, memory, nowMs);
    case 'unknown':
      return unknown(memory);
  }
}

function unknown(memory: Memory): Sight {
  return { condition: 'between', values: {}, memory };
}

function valuesOf({ metric, source, reading, sensor }: Subject, pattern: string, value = reading!.value): AlertValues {
  if (sensor !== undefined) return { ...metricValues(metric, metric, '', value), sensor };
  return metricValues(pattern, metric, pattern.includes('*') ? source : '', value);
}

function compare({ direction, raiseAt, clearAt }: Watch<'threshold' | 'rate'>, value: number): Sight['condition'] {
  const sign = direction === 'above' ? 1 : -1;
  if (value * sign >= raiseAt * sign) return 'bad';
  return value * sign <= clearAt * sign ? 'good' : 'between';
}

function threshold(watch: Watch<'threshold'>, subject: Subject, memory: Memory): Sight {
  const value = subject.reading?.value;
  if (typeof value !== 'number') return unknown(memory);
  return { condition: compare(watch, value), values: valuesOf(subject, watch.metric), memory };
}

/**
 * A value holds until the next. Before a whole window has been seen, what has changed already may be too much; that it is
 * little says nothing yet.
 */
function rate(watch: Watch<'rate'>, subject: Subject, memory: Memory, nowMs: number): Sight {
  const value = subject.reading?.value;
  if (typeof value !== 'number') return unknown(memory);
  const { windowMs, metric } = watch;
  const samples = withSample(memory.samples ?? [], { atMs: nowMs, value }, windowMs / WINDOW_SAMPLES_MAX);
  const base = samples.findLastIndex((sample) => sample.atMs <= nowMs - windowMs);
  const kept = samples.slice(Math.max(base, 0));
  const next = kept[base < 0 ? 0 : 1];
  const change = value - kept[0]!.value;
  const seen = compare(watch, change);
  const isMoreThanNone = watch.direction === 'above' ? watch.raiseAt > 0 : watch.raiseAt < 0;
  return {
    condition: base >= 0 || (seen === 'bad' && isMoreThanNone) ? seen : 'between',
    values: { ...valuesOf(subject, metric), change },
    memory: { ...memory, samples: kept },
    ...(next ? { dueMs: next.atMs + windowMs } : {}),
  };
}

function withSample(samples: readonly Sample[], now: Sample, spacingMs: number): readonly Sample[] {
  const last = samples.at(-1);
  if (last && (last.value === now.value || now.atMs - last.atMs < spacingMs)) return samples;
  return [...samples, now];
}

function state({ metric, states }: Watch<'state'>, subject: Subject, memory: Memory): Sight {
  if (!subject.reading) return unknown(memory);
  const isBad = states.some((bad) => bad === subject.reading!.value);
  return { condition: isBad ? 'bad' : 'good', values: valuesOf(subject, metric), memory };
}

/** What was never told is good only once it is: after a restart nothing is known yet. */
function absence({ forMs, metric }: Watch<'absence'>, subject: Subject, memory: Memory, nowMs: number): Sight {
  const toldMs = subject.reading?.atMs ?? memory.lastMs;
  const silentMs = nowMs - (toldMs ?? memory.bornMs);
  const minutes = Math.round(silentMs / 60_000);
  return {
    condition: silentMs >= forMs ? 'bad' : toldMs === undefined ? 'between' : 'good',
    values: { value: minutes, minutes, metric, ...(subject.sensor === undefined ? {} : { sensor: subject.sensor }) },
    memory: toldMs === undefined ? memory : { ...memory, lastMs: toldMs },
    ...(silentMs >= forMs ? {} : { dueMs: nowMs - silentMs + forMs }),
  };
}

function flapping(watch: Watch<'flapping'>, subject: Subject, memory: Memory, nowMs: number): Sight {
  const { reading } = subject;
  if (!reading) return unknown(memory);
  const before = memory.changes ?? reading.changes;
  // As far as anybody counts; what is counted afresh after a restart begins with what it has.
  const fresh = Math.min(Math.max(reading.changes - before, 0), watch.changes);
  const times = [...(memory.times ?? []), ...Array.from({ length: fresh }, () => nowMs)].slice(-watch.changes);
  return counted(watch.changes, watch, nowMs, {
    values: { ...valuesOf(subject, watch.metric), changes: times.length },
    memory: { ...memory, changes: reading.changes, times },
  });
}

/** Bad when it happened so often within the window, good after the quiet time without. */
function counted(
  count: number,
  { windowMs, quietMs }: { windowMs: number; quietMs: number },
  nowMs: number,
  seen: Pick<Sight, 'values' | 'memory'>,
): Sight {
  const { times = [], bornMs } = seen.memory;
  const isBad = times.length >= count && nowMs - times.at(-count)! <= windowMs;
  const quietAtMs = (times.at(-1) ?? bornMs) + quietMs;
  const isQuiet = nowMs >= quietAtMs;
  // The window may be longer than the quiet time.
  if (isQuiet) return { ...seen, condition: 'good', memory: { ...seen.memory, times: [] } };
  return { ...seen, condition: isBad ? 'bad' : 'between', dueMs: quietAtMs };
}

function service({ source, target }: Subject, memory: Memory): Sight {
  if (!target) return unknown(memory);
  return { condition: target.isGood ? 'good' : 'bad', values: { target: source, state: target.state }, memory };
}

function log(watch: Watch<'log'>, { events = [] }: Subject, memory: Memory, nowMs: number): Sight {
  const times = [...(memory.times ?? []), ...events.map((event) => event.atMs)].slice(-watch.count);
  const text = events.at(-1)?.text ?? memory.text ?? '';
  const value = shorten(text);
  return counted(watch.count, watch, nowMs, {
    values: { value, line: value, unit: watch.unit, path: watch.path },
    memory: { ...memory, times, text },
  });
}

function signal(watch: Watch<'signal'>, { events = [] }: Subject, memory: Memory, nowMs: number): Sight {
  const last = events.at(-1);
  const values = { value: shorten(last?.text ?? ''), interface: watch.interface, member: watch.member };
  if (last?.kind === 'clear') return { condition: 'good', values, memory: { ...memory, times: [] } };
  const times = last ? [last.atMs] : (memory.times ?? []);
  const now = { ...memory, times };
  const quietAtMs = (times[0] ?? memory.bornMs) + watch.quietMs;
  if (watch.quietMs > 0 && nowMs >= quietAtMs) return { condition: 'good', values, memory: { ...now, times: [] } };
  return {
    condition: times.length > 0 ? 'bad' : 'between',
    values,
    memory: now,
    ...(watch.quietMs > 0 ? { dueMs: quietAtMs } : {}),
  };
}
