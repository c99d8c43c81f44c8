/** Reads all sources of figures, each as often as it deserves; the last good figures of one that fails are kept. */
import { SERVICES_INTERVAL_MS } from '../limits.ts';
import { diskSource } from './disks.ts';
import { readLoad } from './load.ts';
import { readMemory } from './memory.ts';
import { readNetwork } from './network.ts';
import type { Source, Values } from './source.ts';
import { readFailedServices } from './systemd.ts';
import { readTemperature } from './temperature.ts';
import { readUptime } from './uptime.ts';

export type Sampler = (monotonicMs: number) => Promise<Values>;

export function hostSampler(extraDisks: readonly string[]): Sampler {
  return createSampler([
    { read: readLoad, intervalMs: 0 },
    { read: readMemory, intervalMs: 0 },
    { read: diskSource(extraDisks), intervalMs: 0 },
    { read: readTemperature, intervalMs: 0 },
    { read: readNetwork, intervalMs: 0 },
    { read: readUptime, intervalMs: 0 },
    { read: readFailedServices, intervalMs: SERVICES_INTERVAL_MS },
  ]);
}

export interface TimedSource {
  readonly read: Source;
  /** The least time between two reads; 0 reads for every sample. */
  readonly intervalMs: number;
}

export function createSampler(sources: readonly TimedSource[]): Sampler {
  const states = sources.map((source) => ({ ...source, dueMs: -Infinity, values: {} as Values }));
  return async (monotonicMs) => {
    await Promise.all(
      states.map(async (state) => {
        if (monotonicMs < state.dueMs) return;
        state.dueMs = monotonicMs + state.intervalMs;
        try {
          state.values = await state.read();
        } catch {
          // A figure that can't be read in this moment is no news; the last one stands.
        }
      }),
    );
    return Object.assign({}, ...states.map(({ values }) => values)) as Values;
  };
}
