/** The local API of one gateway with what it keeps on disk, and its faces, which are loaded only where they are wanted. */
import { join } from 'node:path';
import { CUSTOM_PROTO_MAX, CUSTOM_PROTO_MIN } from '@lovely/protocol';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { MESSAGES_SPOOL_SHARE, SPOOL_BYTES_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { MenderSidecar } from '../mender/sidecar.ts';
import type { Submit } from '../outbox.ts';
import type { Reporter } from '../reporter.ts';
import type { Spool } from '../spool/spool.ts';
import { LocalApi, type SensorRules } from './local-api.ts';
import { ProgramAlerts } from './program-alerts.ts';
import { SensorRegistry } from './sensor-registry.ts';

export interface LocalOptions {
  readonly dataDir: string;
  readonly spool: Spool;
  readonly submit: Submit;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Local {
  readonly alerts: ProgramAlerts;
  start(rules: SensorRules): LocalApi;
  /** Submits what was collected. */
  flush(): void;
}

export function openLocal({ dataDir, spool, submit, reporter, clock, log }: LocalOptions): Local {
  const alerts = new ProgramAlerts({
    path: join(dataDir, 'program-alerts.json'),
    waiting: [...spool.waiting()],
    submit,
    clock,
    log,
  });
  const sensors = new SensorRegistry({ path: join(dataDir, 'sensors.json'), clock, submit });
  const mayTakeMessage = (): boolean => customBytes(spool) < SPOOL_BYTES_MAX * MESSAGES_SPOOL_SHARE;
  return {
    alerts,
    start: (rules) => new LocalApi({ sensors, alerts, reporter, submit, mayTakeMessage, rules, clock, log }),
    flush: () => sensors.flush(),
  };
}

/** Runs the faces that the settings ask for until `signal` is aborted. */
export async function serveLocal(
  config: Pick<Config, 'dbus' | 'socket'>,
  api: LocalApi,
  sidecar: MenderSidecar | undefined,
  { clock, random, log }: { readonly clock: Clock; readonly random: () => number; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { dbus: address, socket } = config;
  const faces: Promise<void>[] = [];
  if (socket !== undefined) {
    const { serveSocket } = await import('./socket.ts');
    faces.push(serveSocket(socket, api, log, signal));
  }
  if (address !== undefined) {
    const [{ serveBus }, { busService }] = await Promise.all([
      import('../dbus/serve.ts'),
      import('../dbus/service.ts'),
    ]);
    faces.push(serveBus({ address, service: busService(api, sidecar), clock, random, log }, signal));
  }
  await Promise.all(faces);
}

function customBytes(spool: Spool): number {
  let sum = 0;
  for (const { proto, bytes } of spool.waiting())
    if (proto >= CUSTOM_PROTO_MIN && proto <= CUSTOM_PROTO_MAX) sum += bytes.length;
  return sum;
}
