/** What a hub counts for /metrics. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface HubMetrics {
  readonly connections: Gauge;
  readonly connects: Counter;
  readonly disconnects: Counter<'reason'>;
  readonly framesUp: Counter;
  readonly framesDown: Counter;
  readonly refused: Counter<'code'>;
}

export function createHubMetrics(registry: Registry): HubMetrics {
  const registers = [registry];
  return {
    connections: new Gauge({ name: 'lovely_hub_connections', help: 'Devices connected to this hub', registers }),
    connects: new Counter({ name: 'lovely_hub_connects_total', help: 'Connections opened', registers }),
    disconnects: new Counter({
      name: 'lovely_hub_disconnects_total',
      help: 'Connections ended, by reason',
      labelNames: ['reason'],
      registers,
    }),
    framesUp: new Counter({ name: 'lovely_hub_frames_up_total', help: 'Frames from devices', registers }),
    framesDown: new Counter({ name: 'lovely_hub_frames_down_total', help: 'Frames to devices', registers }),
    refused: new Counter({
      name: 'lovely_hub_refused_total',
      help: 'Frames refused, by error code',
      labelNames: ['code'],
      registers,
    }),
  };
}
