/**
 * What the client does for programs on the gateway, whichever way they talk to it: the D-Bus service and the socket are
 * thin faces of this. A sensor belongs to a user; while a program that registered it is there, only that one speaks for it,
 * and when none is, any program of the same user may.
 */
import { CUSTOM_BODY_BYTES_MAX, customMessage, type SensorDescription } from '@lovely/protocol';
import type { ChannelPart, Handler } from '../channel.ts';
import type { Clock } from '../clock.ts';
import type { Link } from '../connection.ts';
import {
  LOCAL_BYTES_BURST,
  LOCAL_BYTES_PER_SECOND,
  LOCAL_CALLERS_MAX,
  LOCAL_CALLS_BURST,
  LOCAL_CALLS_PER_SECOND,
  LOCAL_SENSORS_MAX,
  PROGRAM_ALERTS_MAX,
  PROGRAM_ALERTS_PER_SENSOR_MAX,
  PROTOS_PER_CALLER_MAX,
  PROGRAM_METRICS_MAX,
  SENSORS_PER_CALLER_MAX,
} from '../limits.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import type { Reporter } from '../reporter.ts';
import type { Driver } from '../update/sensors/driver.ts';
import type { SensorHost } from '../update/sensors/sensor-host.ts';
import { CLIENT_VERSION } from '../version.ts';
import * as check from './arguments.ts';
import type { Caller } from './caller.ts';
import { CommandRuns, type CommandEnd, type CommandRequest } from './command-runs.ts';
import { METHODS, type Given, type MethodName, type Properties, type Taken, type Values } from './interface.ts';
import { LocalError } from './local-error.ts';
import type { ProgramAlerts } from './program-alerts.ts';
import type { KnownSensor, SensorRegistry } from './sensor-registry.ts';
import { SensorSteps } from './sensor-steps.ts';
import { TokenBucket } from './token-bucket.ts';

export interface LocalApiOptions {
  readonly sensors: SensorRegistry;
  readonly alerts: ProgramAlerts;
  readonly reporter: Pick<Reporter, 'observe'>;
  readonly submit: Submit;
  /** Whether messages of programs may take more of the spool. */
  mayTakeMessage(): boolean;
  readonly rules: SensorRules;
  readonly clock: Clock;
  readonly log: Log;
}

/** The rules that the gateway watches by itself, on its sensors too. */
export interface SensorRules {
  /** All sensors that there are. */
  setSensors(sensors: Iterable<SensorDescription>): void;
  /** Some values of a sensor. */
  observe(sensor: string, values: Values): void;
  /** Whether a rule of this name is watched. */
  watches(rule: string): boolean;
}

/** What a face is told of, to tell everybody. */
export type PropertiesListener = (properties: Properties) => void;

interface CallerState {
  readonly sensors: Set<string>;
  readonly protos: Set<number>;
  readonly calls: TokenBucket;
  readonly bytes: TokenBucket;
}

type Implementation = { readonly [M in MethodName]: (caller: Caller, taken: Taken<M>) => Given<M> };

const NOTHING = {};

export class LocalApi implements ChannelPart, SensorHost {
  readonly #options: LocalApiOptions;
  readonly #callers = new Map<Caller, CallerState>();
  /** Who speaks for a sensor in this moment, and who listens to a proto. */
  readonly #speakers = new Map<string, Caller>();
  readonly #listeners = new Map<number, Caller>();
  readonly #values = new Map<string, Values>();
  readonly #configurations = new Map<string, Values>();
  readonly #runs = new CommandRuns();
  readonly #steps = new SensorSteps();
  readonly #sensorListeners = new Set<(sensor: string) => void>();
  readonly #propertiesListeners = new Set<PropertiesListener>();
  #properties: Properties = { Connected: false, DeviceId: '', Version: CLIENT_VERSION };

  constructor(options: LocalApiOptions) {
    this.#options = options;
    options.rules.setSensors(options.sensors.all());
  }

  // For the faces

  get properties(): Properties {
    return this.#properties;
  }

  /** Calls `listener` with each change of the properties, until the function that it returns is called. */
  listen(listener: PropertiesListener): () => void {
    this.#propertiesListeners.add(listener);
    return () => void this.#propertiesListeners.delete(listener);
  }

  /**
   * Carries out one call. `bytes` is how much it carried. Throws LocalError for what can't be done; `taken` must be of the
   * types that the table says.
   */
  call<M extends MethodName>(caller: Caller, method: M, taken: Taken<M>, bytes: number): Given<M> {
    const state = this.#stateOf(caller);
    const nowMs = this.#options.clock.monotonicMs();
    if (!state.calls.take(1, nowMs) || !state.bytes.take(bytes, nowMs))
      throw new LocalError('TooManyCalls', 'too many calls, or too much in them; wait a second');
    return this.#methods[method](caller, taken);
  }

  /** The program is gone: its sensors stay known, and wait for it to come back. */
  left(caller: Caller): void {
    const state = this.#callers.get(caller);
    if (state === undefined) return;
    this.#callers.delete(caller);
    for (const sensor of state.sensors) this.#speakers.delete(sensor);
    for (const proto of state.protos) this.#listeners.delete(proto);
    this.#runs.left(caller);
    this.#steps.left(caller);
    if (state.sensors.size > 0)
      this.#options.log.info('program left', { program: caller.name, sensors: [...state.sensors].join(',') });
  }

  // For the rest of the client

  connected(_link: Link): void {
    this.#change({ Connected: true });
  }

  disconnected(): void {
    this.#change({ Connected: false });
  }

  /** The backend's id of this gateway became known. */
  identified(deviceId: string): void {
    this.#change({ DeviceId: deviceId });
  }

  /** Whether a program speaks for the sensor in this moment. */
  isPresent(sensor: string): boolean {
    return this.#speakers.has(sensor);
  }

  /** Whether somebody registered the proto of a frame; then `handleMessage` takes it. */
  takes(proto: number): boolean {
    return this.#listeners.has(proto);
  }

  readonly handleMessage: Handler = (frame) => {
    const { body } = customMessage(frame.proto).read(frame);
    this.#listeners.get(frame.proto)?.tell('Received', { proto: frame.proto, body });
  };

  /** What the backend wants to be set on a sensor; its program is told when that changed. */
  configure(sensor: string, values: Values): void {
    if (JSON.stringify(this.#configurations.get(sensor) ?? {}) === JSON.stringify(values)) return;
    this.#configurations.set(sensor, values);
    this.#speakers.get(sensor)?.tell('ConfigurationChanged', { sensor, values });
  }

  /**
   * Has the sensor's program carry out a command. `output` gets what it prints. Resolves with how it ended, also when no
   * program speaks for the sensor, the program leaves, or `signal` is aborted, which tells the program to stop.
   */
  async runCommand(
    request: CommandRequest,
    output: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<CommandEnd> {
    const known = this.#options.sensors.get(request.sensor);
    if (known === undefined) return { kind: 'unknown-sensor' };
    const speaker = this.#speakers.get(request.sensor);
    if (speaker === undefined) return { kind: 'absent' };
    return await this.#runs.run(speaker, request, output, signal);
  }

  // For updates of sensors

  allSensors(): Iterable<SensorDescription> {
    return this.#options.sensors.all();
  }

  sensor(id: string): SensorDescription | undefined {
    return this.#options.sensors.get(id);
  }

  learnFirmware(id: string, firmware: string): void {
    const { sensors, rules } = this.#options;
    const known = sensors.get(id);
    if (known === undefined || known.firmware === firmware) return;
    sensors.put({ ...known, firmware });
    rules.setSensors(sensors.all());
  }

  readonly askProgram: Driver = async (request, progress, signal) =>
    await this.#steps.run(this.#speakers.get(request.sensor.id), request, progress, signal);

  listenToSensors(listener: (sensor: string) => void): () => void {
    this.#sensorListeners.add(listener);
    return () => void this.#sensorListeners.delete(listener);
  }

  // What programs may call

  readonly #methods: Implementation = {
    RegisterSensor: (caller, { sensor: id, properties }) => {
      const { sensors, rules, log } = this.#options;
      const described = check.description(id, properties);
      const known = sensors.get(id);
      const speaker = this.#speakers.get(id);
      if (known !== undefined && known.user !== caller.user) throw notYours(id, "another user's");
      if (speaker !== undefined && speaker !== caller) throw notYours(id, 'another');
      const state = this.#stateOf(caller);
      if (known === undefined && sensors.size >= LOCAL_SENSORS_MAX)
        throw new LocalError('LimitReached', `a gateway has at most ${LOCAL_SENSORS_MAX} sensors`);
      if (!state.sensors.has(id) && state.sensors.size >= SENSORS_PER_CALLER_MAX)
        throw new LocalError('LimitReached', `a program speaks for at most ${SENSORS_PER_CALLER_MAX} sensors`);
      sensors.put({ ...described, user: caller.user });
      rules.setSensors(sensors.all());
      if (speaker === undefined) log.info('sensor registered', { sensor: id, program: caller.name });
      this.#speakers.set(id, caller);
      state.sensors.add(id);
      this.#heardOf(id);
      return NOTHING;
    },

    UnregisterSensor: (caller, { sensor: id }) => {
      const { sensors, rules, alerts } = this.#options;
      if (caller.isRoot) this.#known(id);
      else this.#own(caller, id);
      for (const name of alerts.openOf(id)) alerts.clear(name);
      const speaker = this.#speakers.get(id);
      if (speaker !== undefined) this.#callers.get(speaker)?.sensors.delete(id);
      this.#speakers.delete(id);
      this.#values.delete(id);
      sensors.remove(id);
      rules.setSensors(sensors.all());
      return NOTHING;
    },

    ReportStatus: (caller, { sensor: id, values }) => {
      const { reporter, rules } = this.#options;
      this.#own(caller, id);
      const all = { ...this.#values.get(id), ...check.metrics(values) };
      if (Object.keys(all).length > PROGRAM_METRICS_MAX)
        throw new LocalError('LimitReached', `a sensor has at most ${PROGRAM_METRICS_MAX} metrics`);
      this.#values.set(id, all);
      reporter.observe(id, all);
      rules.observe(id, values);
      this.#heardOf(id);
      return NOTHING;
    },

    RaiseAlert: (caller, { sensor: source, rule, severity, description, values }) => {
      const { alerts, rules } = this.#options;
      this.#own(caller, source);
      const alert = {
        source,
        rule: check.nameOf('rule', rule),
        severity: check.severityOf(severity),
        description: check.sentence('description', description),
        values: check.metrics(values),
      };
      if (rules.watches(rule))
        throw new LocalError('RuleIsWatched', `the gateway itself watches ${JSON.stringify(rule)}`);
      if (alerts.isOpen(alert)) return NOTHING;
      if (alerts.size >= PROGRAM_ALERTS_MAX || alerts.openOf(source).length >= PROGRAM_ALERTS_PER_SENSOR_MAX)
        throw new LocalError('LimitReached', 'too many alerts are open');
      alerts.raise(alert);
      return NOTHING;
    },

    ClearAlert: (caller, { sensor: source, rule }) => {
      this.#own(caller, source);
      this.#options.alerts.clear({ source, rule: check.nameOf('rule', rule) });
      return NOTHING;
    },

    GetConfiguration: (caller, { sensor: id }) => {
      this.#own(caller, id);
      return { values: this.#configurations.get(id) ?? {} };
    },

    CommandOutput: (caller, { run, output }) => {
      this.#runs.output(caller, run, output);
      return NOTHING;
    },

    CommandDone: (caller, { run, exit, message }) => {
      this.#runs.done(caller, run, exit, check.sentence('message', message));
      return NOTHING;
    },

    UpdateProgress: (caller, { run, percent }) => {
      this.#steps.progress(caller, run, percent);
      return NOTHING;
    },

    UpdateDone: (caller, { run, result, message, properties }) => {
      this.#steps.done(caller, run, result, check.sentence('message', message), properties);
      return NOTHING;
    },

    ReadFirmware: (caller, { run, file, offset, bytes }) => ({
      content: this.#steps.read(caller, run, file, offset, bytes),
    }),

    RegisterProto: (caller, { proto }) => {
      check.customProto(proto);
      const state = this.#stateOf(caller);
      const listener = this.#listeners.get(proto);
      if (listener !== undefined && listener !== caller)
        throw new LocalError('ProtoTaken', `another program listens to ${proto}`);
      if (!state.protos.has(proto) && state.protos.size >= PROTOS_PER_CALLER_MAX)
        throw new LocalError('LimitReached', `a program registers at most ${PROTOS_PER_CALLER_MAX} protos`);
      state.protos.add(proto);
      this.#listeners.set(proto, caller);
      return NOTHING;
    },

    UnregisterProto: (caller, { proto }) => {
      if (this.#listeners.get(proto) === caller) this.#listeners.delete(proto);
      this.#stateOf(caller).protos.delete(proto);
      return NOTHING;
    },

    Send: (_caller, { proto, body }) => {
      const { submit, mayTakeMessage } = this.#options;
      check.customProto(proto);
      if (body.length > CUSTOM_BODY_BYTES_MAX) throw check.invalid(`body: at most ${CUSTOM_BODY_BYTES_MAX} bytes`);
      if (!mayTakeMessage()) throw new LocalError('LimitReached', 'too many messages wait to be sent');
      submit((id) => customMessage(proto).frame({ id }, body));
      return NOTHING;
    },
  };

  #heardOf(sensor: string): void {
    for (const listener of this.#sensorListeners) listener(sensor);
  }

  #stateOf(caller: Caller): CallerState {
    let state = this.#callers.get(caller);
    if (state === undefined) {
      if (this.#callers.size >= LOCAL_CALLERS_MAX)
        throw new LocalError('LimitReached', `at most ${LOCAL_CALLERS_MAX} programs at the same time`);
      const nowMs = this.#options.clock.monotonicMs();
      state = {
        sensors: new Set(),
        protos: new Set(),
        calls: new TokenBucket(LOCAL_CALLS_PER_SECOND, LOCAL_CALLS_BURST, nowMs),
        bytes: new TokenBucket(LOCAL_BYTES_PER_SECOND, LOCAL_BYTES_BURST, nowMs),
      };
      this.#callers.set(caller, state);
    }
    return state;
  }

  #known(id: string): KnownSensor {
    const known = this.#options.sensors.get(check.sensorId(id));
    if (known === undefined) throw new LocalError('UnknownSensor', `nobody registered the sensor ${id}`);
    return known;
  }

  /** The sensor must be one that the caller may speak for. */
  #own(caller: Caller, id: string): void {
    const known = this.#known(id);
    const speaker = this.#speakers.get(id);
    if (speaker === caller) return;
    if (speaker !== undefined) throw notYours(id, 'another');
    if (known.user !== caller.user) throw notYours(id, "another user's");
  }

  #change(changed: Partial<Properties>): void {
    this.#properties = { ...this.#properties, ...changed };
    for (const listener of this.#propertiesListeners) listener(this.#properties);
  }
}

/** The names of all methods, for faces that read one from outside. */
export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

function notYours(sensor: string, whose: string): LocalError {
  return new LocalError('NotYours', `${whose} program speaks for the sensor ${sensor}`);
}
