/** What a worker counts for /metrics. */
import { Counter, type Registry } from 'prom-client';

export interface WorkerMetrics {
  readonly stored: Counter<'noun'>;
  readonly refused: Counter<'noun'>;
  readonly dropped: Counter<'noun'>;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  return {
    stored: new Counter({
      name: 'lovely_worker_stored_total',
      help: 'Device messages stored, by noun',
      labelNames: ['noun'],
      registers,
    }),
    refused: new Counter({
      name: 'lovely_worker_refused_total',
      help: 'Device messages refused, by noun',
      labelNames: ['noun'],
      registers,
    }),
    dropped: new Counter({
      name: 'lovely_worker_dropped_total',
      help: 'Device messages dropped because too many waited, by noun; devices send them again',
      labelNames: ['noun'],
      registers,
    }),
  };
}
