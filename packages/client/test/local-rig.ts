/** The local API with everything real behind it but the channel: what would be sent is kept. */
import { join } from 'node:path';
import { alertClear, alertRaise, sensorsTopology, type Frame } from '@lovely/protocol';
import { systemClock } from '../src/clock.ts';
import { LocalApi, type SensorRules } from '../src/local/local-api.ts';
import { ProgramAlerts } from '../src/local/program-alerts.ts';
import { SensorRegistry } from '../src/local/sensor-registry.ts';
import { silentLog } from '../src/log.ts';
import type { Submit } from '../src/outbox.ts';

type Observed = { source: string; values: { readonly [metric: string]: unknown } };

export class LocalRig {
  readonly frames: Frame[] = [];
  readonly observed: Observed[] = [];
  readonly watched = new Set<string>();
  readonly api: LocalApi;
  readonly registry: SensorRegistry;
  mayTakeMessage = true;
  /** What goes wrong in the client when something is submitted. */
  fault: Error | undefined;

  constructor(folder: string) {
    let id = 0;
    const submit: Submit = (make) => {
      if (this.fault) throw this.fault;
      this.frames.push(make(++id));
    };
    const [clock, log] = [systemClock, silentLog];
    const alerts = new ProgramAlerts({ path: join(folder, 'alerts.json'), waiting: [], submit, clock, log });
    this.registry = new SensorRegistry({ path: join(folder, 'sensors.json'), clock, submit });
    const rules: SensorRules = {
      setSensors: () => undefined,
      observe: () => undefined,
      watches: (rule) => this.watched.has(rule),
    };
    this.api = new LocalApi({
      sensors: this.registry,
      alerts,
      reporter: { observe: (source, values) => void this.observed.push({ source, values }) },
      submit,
      mayTakeMessage: () => this.mayTakeMessage,
      rules,
      clock,
      log,
    });
  }

  /** What was told of the sensors last. */
  get topology(): unknown {
    this.registry.flush();
    const told = this.frames.findLast((frame) => sensorsTopology.is(frame));
    return told && sensorsTopology.read(told).body;
  }

  /** Raises and clears, in words. */
  get alerts(): string[] {
    return this.frames.flatMap((frame) => {
      if (alertRaise.is(frame)) return [`+${alertRaise.read(frame).body.rule}`];
      return alertClear.is(frame) ? [`-${alertClear.read(frame).body.rule}`] : [];
    });
  }
}
