import type { Metric } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deviceStatusQuery } from '../api.ts';
import { toMs } from '../format/time.ts';
import { LIVE_SAMPLES_MAX } from '../limits.ts';
import type { LiveSample } from './chart-data.ts';

/** The values that a source has sent since the page was opened, by time: each answer about its status brings the newest. */
export function useLiveSamples(deviceId: string, source: string): readonly LiveSample[] {
  const { data } = useQuery(deviceStatusQuery(deviceId));
  const [kept, setKept] = useState<{ from: readonly Metric[]; source: string; samples: readonly LiveSample[] }>();
  if (data && (kept?.from !== data.metrics || kept.source !== source)) {
    const before = kept?.source === source ? kept.samples : [];
    const known = new Set(before.map(keyOf));
    const fresh = data.metrics
      .filter((metric) => metric.source === source)
      .map(({ name, value, ts }) => ({ metric: name, tsMs: toMs(ts), value }))
      .filter((sample) => !known.has(keyOf(sample)));
    const samples = [...before, ...fresh].toSorted((a, b) => a.tsMs - b.tsMs).slice(-LIVE_SAMPLES_MAX);
    setKept({ from: data.metrics, source, samples });
  }
  return kept?.samples ?? NONE;
}

const NONE: readonly LiveSample[] = [];

function keyOf({ metric, tsMs }: LiveSample): string {
  return `${tsMs} ${metric}`;
}
