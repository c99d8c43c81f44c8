/** What a house's gateway measures at a moment. Pure: it follows from the house, the moment and the problem it has. */
import type { MetricValue } from '@lovely/protocol';
import type { House } from './house.ts';
import type { Problem } from './problems.ts';
import { between, randomOf } from './random.ts';

export type Figures = { readonly [metric: string]: MetricValue };

/** What is usual in a house: found once, used for every look. */
export interface Usual {
  readonly diskPercent: number;
  readonly memoryPercent: number;
  readonly load: number;
  readonly celsius: number;
  /** How long the gateway had been up when the fleet started. */
  readonly uptimeMs: number;
  readonly bytesPerSecond: number;
  /** Shifts the house's ups and downs against those of others, from 0 to 1. */
  readonly phase: number;
}

const DAY_MS = 24 * 3600_000;

export function usualOf(seed: number, { index }: Pick<House, 'index'>): Usual {
  const random = randomOf(seed, 'usual', index);
  return {
    diskPercent: between(random, 28, 66),
    memoryPercent: between(random, 34, 62),
    load: between(random, 0.05, 0.5),
    celsius: between(random, 39, 50),
    uptimeMs: between(random, 2 * 3600_000, 90 * DAY_MS),
    bytesPerSecond: between(random, 200, 4_000),
    phase: random(),
  };
}

/** A filling disk or memory takes this share of the problem's time to reach its peak, where it stays till the end. */
const RISE_SHARE = { 'disk-filling': 0.5, 'memory-leak': 0.3 } as const;
const FAILED_SERVICES = 1;

/**
 * @param house where and what it is
 * @param sinceStartMs time of the story
 * @param nowMs time of the clock, for day and night
 */
export function figuresOf(
  { longitude, hardware }: Pick<House, 'longitude' | 'hardware'>,
  usual: Usual,
  problem: Problem | undefined,
  sinceStartMs: number,
  nowMs: number,
): Figures {
  const evening = eveningAt(nowMs, longitude);
  const slow = wave(sinceStartMs, 47 * 60_000, usual.phase);
  const quick = wave(sinceStartMs, 3 * 60_000, usual.phase);
  const load = Math.max(0, usual.load * (1 + 0.4 * evening + 0.3 * quick) + (problem ? busyWith(problem) : 0));
  const disk = fill('disk-filling', usual.diskPercent + 0.3 * slow, problem, sinceStartMs);
  const memory = fill('memory-leak', usual.memoryPercent + 3 * evening + 0.8 * slow, problem, sinceStartMs);
  const uptimeMs = usual.uptimeMs + sinceStartMs;
  const receivedBytes = (uptimeMs / 1000) * usual.bytesPerSecond;
  return {
    'load.1m': rounded(load, 2),
    'load.15m': rounded(usual.load * (1 + 0.4 * evening), 2),
    'memory.usedPercent': rounded(memory, 1),
    'memory.availableBytes': Math.round(hardware.memoryBytes * (1 - memory / 100)),
    'disk./.usedPercent': rounded(disk, 1),
    'disk./.availableBytes': Math.round(hardware.diskBytes * (1 - disk / 100)),
    'temperature.cpu-thermal.celsius': rounded(usual.celsius + 3 * evening + 4 * load, 1),
    'network.eth0.receivedBytes': Math.round(receivedBytes),
    'network.eth0.sentBytes': Math.round(receivedBytes / 7),
    'uptime.seconds': Math.round(uptimeMs / 1000),
    'services.failed': problem?.kind === 'service-failed' ? FAILED_SERVICES : 0,
  };
}

function busyWith({ kind }: Problem): number {
  return kind === 'memory-leak' ? 1.2 : kind === 'disk-filling' ? 0.4 : 0;
}

/** How full something is: as usual, or on its way to the problem's peak. */
function fill(kind: keyof typeof RISE_SHARE, usual: number, problem: Problem | undefined, atMs: number): number {
  if (problem?.kind !== kind) return usual;
  const { startMs, endMs, peakPercent } = problem;
  const risen = Math.min(1, Math.max(0, (atMs - startMs) / ((endMs - startMs) * RISE_SHARE[kind])));
  return usual + (peakPercent - usual) * risen;
}

/** From -1 at 7 in the morning to 1 at 7 in the evening, by the sun. */
function eveningAt(nowMs: number, longitude: number): number {
  const hour = (nowMs / 3600_000 + longitude / 15) % 24;
  return Math.cos(((hour - 19) / 12) * Math.PI);
}

function wave(atMs: number, periodMs: number, phase: number): number {
  return Math.sin(2 * Math.PI * (atMs / periodMs + phase));
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
