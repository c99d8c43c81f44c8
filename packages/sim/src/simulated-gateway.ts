/** One simulated gateway: the real client's parts on an invented host, without a disk. */
import {
  fixedKey,
  Channel,
  Commands,
  Configuration,
  controlHandler,
  memoryConfigurationStore,
  memoryKeeper,
  memoryProvides,
  memoryRuleStore,
  memoryRunJournal,
  memoryUpdateLog,
  noJournal,
  Outbox,
  Reporter,
  RuleWatcher,
  Shells,
  silentLog,
  Spool,
  systemClock as clock,
  Tokens,
  TrustedKeys,
  Updates,
  type AlertName,
  type Handler,
  type Handlers,
  type Http,
  type Identity,
  type Transport,
} from '@lovely/client';
import { inventoryReport, PROTO, sensorsTopology, type SensorDescription } from '@lovely/protocol';
import { consoleOf } from './console.ts';
import { figuresOf, usualOf, type Figures, type Usual } from './figures.ts';
import { simulatedPrepare } from './fixes.ts';
import type { House } from './house.ts';
import { CONSOLES_MAX, CONSOLES_PER_USER_MAX, FULL_REPORT_MS, SPOOL_BYTES_MAX, SPOOL_MESSAGES_MAX } from './limits.ts';
import { Link } from './link.ts';
import { problemsOf, type Problem } from './problems.ts';
import { sensorFaultsOf, type SensorFault } from './sensor-faults.ts';
import { sensorFigures, sensorsOf, type HouseSensor } from './sensors.ts';
import { SimulatedFirmware } from './simulated-firmware.ts';
import { SimulatedSteps, softwareOf } from './simulated-steps.ts';

export interface SimulatedGatewayOptions {
  readonly seed: number;
  readonly house: House;
  readonly identity: Identity;
  readonly server: URL;
  readonly transport: Transport;
  readonly http: Http;
  /** Alerts that an earlier life of this gateway left open: a real one would have them on its disk. */
  readonly openAlerts: readonly AlertName[];
}

export class SimulatedGateway {
  readonly house: House;
  readonly #usual: Usual;
  readonly #problems: Generator<Problem, never>;
  readonly #link: Link;
  readonly #spool: Spool;
  readonly #outbox: Outbox;
  readonly #reporter: Reporter;
  readonly #watcher: RuleWatcher;
  readonly #channel: Channel;
  readonly #consoles: Shells;
  readonly #commands: Commands;
  readonly #updates: Updates;
  #sensors: readonly HouseSensor[];
  readonly #faults: Generator<SensorFault, never>;
  #fault: SensorFault;
  #next: Problem;
  #problem: Problem | undefined;
  #figures: Figures = {};
  #hasRules = false;
  #isConnected = false;

  constructor({ seed, house, identity, server, transport, http, openAlerts }: SimulatedGatewayOptions) {
    this.house = house;
    this.#usual = usualOf(seed, house);
    this.#problems = problemsOf(seed, house);
    this.#next = this.#problems.next().value;
    this.#sensors = sensorsOf(seed, house);
    this.#faults = sensorFaultsOf(seed, house, this.#sensors);
    this.#fault = this.#faults.next().value;
    this.#link = new Link(transport, http);
    // Message ids and waiting times must differ from one run to the next, or the server would take a new message for one
    // that it has; only the story follows from the seed.
    const random = Math.random;
    const log = silentLog;
    const limits = { bytesMax: SPOOL_BYTES_MAX, messagesMax: SPOOL_MESSAGES_MAX };
    this.#spool = new Spool({ journal: noJournal, ...limits, clock, random, log });
    this.#outbox = new Outbox(this.#spool, clock);
    const { submit } = this.#outbox;
    this.#reporter = new Reporter({ clock, submit, fullIntervalMs: FULL_REPORT_MS });
    const store = memoryRuleStore({ version: '', rules: [], open: openAlerts });
    this.#watcher = new RuleWatcher({ store, waiting: [], submit, clock, log });
    this.#watcher.setSensors(this.#sensors);
    this.#consoles = new Shells({
      openPty: consoleOf({ house, figures: () => this.#figures, mend: (kind) => this.#mend(kind) }),
      // A console runs no program of this machine, so these are for nobody.
      program: '',
      folder: '/',
      environment: {},
      sessionsMax: CONSOLES_MAX,
      sessionsPerUserMax: CONSOLES_PER_USER_MAX,
      clock,
      log,
    });
    const tokens = new Tokens({ http: this.#link.http, server, keys: fixedKey(identity), clock, random, log });
    this.#commands = new Commands({
      deviceId: () => tokens.deviceId,
      keys: new TrustedKeys({ load: () => [], save: () => undefined }, log),
      journal: memoryRunJournal(),
      prepare: simulatedPrepare({
        mend: (kind) => this.#mend(kind),
        mendSensor: (sensor) => this.#mendSensor(sensor),
        random,
      }),
      submit,
      waiting: () => this.#spool.waiting(),
      nowMs: () => clock.nowMs(),
      clock,
      log,
    });
    const configuration = new Configuration({
      store: memoryConfigurationStore(),
      configure: () => undefined,
      submit,
      clock,
      log,
    });
    const firmware = new SimulatedFirmware({
      seed,
      house: house.index,
      sensors: () => this.#sensors,
      learnFirmware: (id, version) => {
        if (this.#sensors.find((sensor) => sensor.id === id)?.firmware === version) return;
        this.#sensors = this.#sensors.map((sensor) => (sensor.id === id ? { ...sensor, firmware: version } : sensor));
        this.#watcher.setSensors(this.#sensors);
        submit((messageId) => sensorsTopology.frame({ id: messageId }, this.#sensors.map(describe)));
      },
      clock,
    });
    const provides = memoryProvides(softwareOf(house));
    this.#updates = new Updates({
      isAllowed: true,
      record: memoryKeeper(),
      ended: memoryKeeper(),
      provides,
      updateLog: memoryUpdateLog(() => clock.nowMs()),
      steps: async (providesChanged) => new SimulatedSteps({ seed, house, firmware, provides, providesChanged, clock }),
      bootId: () => '',
      submit,
      nowMs: () => clock.nowMs(),
      clock,
      log,
    });
    const takeRules: Handler = (frame, link) => {
      this.#watcher.handle(frame, link);
      this.#hasRules = true;
    };
    const handlers: Handlers = new Map([
      [
        PROTO.control,
        controlHandler({
          sessionProtos: [PROTO.shell],
          acknowledged: (ids) => {
            this.#outbox.acknowledged(ids);
            configuration.acknowledged(ids);
          },
        }),
      ],
      [PROTO.alert, takeRules],
      [PROTO.shell, this.#consoles.handle],
      [PROTO.command, this.#commands.handle],
      [PROTO.configuration, configuration.handle],
      [PROTO.update, this.#updates.handle],
    ]);
    this.#channel = new Channel({
      server,
      transport: this.#link.transport,
      tokens,
      handlers,
      parts: [
        this.#outbox,
        this.#commands,
        configuration,
        this.#updates,
        this.#consoles,
        {
          connected: () => void (this.#isConnected = true),
          disconnected: () => void (this.#isConnected = false),
        },
      ],
      reportedProtos: [PROTO.status, PROTO.inventory, PROTO.sensors],
      epoch: 0,
      clock,
      random,
      log,
    });
    submit((id) => inventoryReport.frame({ id }, inventoryOf(house)));
    submit((id) => sensorsTopology.frame({ id }, this.#sensors.map(describe)));
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether the gateway was told what to watch. */
  get isReady(): boolean {
    return this.#hasRules;
  }

  /** Whether the house would be red or amber, as far as it knows itself. */
  get hasOpenAlert(): boolean {
    return this.#watcher.openAlerts.length > 0;
  }

  /** Keeps the gateway on its channel until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#channel.run(signal);
    } finally {
      this.#commands.close();
      await this.#updates.close();
      this.#consoles.close();
      this.#watcher.close();
      this.#reporter.flush();
      this.#spool.close();
    }
  }

  /** Lives through this moment of the story. Call it every few seconds. */
  observe(sinceStartMs: number, isRegionOut: boolean): void {
    this.#advance(sinceStartMs);
    this.#link.isUp = !isRegionOut && this.#problem?.kind !== 'link-down';
    this.#figures = figuresOf(this.house, this.#usual, this.#problem, sinceStartMs, clock.nowMs());
    // Before it was told the rules of this life, a gateway can't say whether what was open still is.
    if (this.#hasRules) this.#watcher.evaluate({ values: this.#figures, targets: this.#targets() });
    this.#reporter.observe('', this.#figures);
    for (const sensor of this.#sensors) this.#observeSensor(sensor, sinceStartMs);
  }

  #observeSensor(sensor: HouseSensor, sinceStartMs: number): void {
    while (this.#fault.endMs <= sinceStartMs) this.#fault = this.#faults.next().value;
    const isFaulty = this.#fault.sensor === sensor.id && this.#fault.startMs <= sinceStartMs;
    const figures = sensorFigures(sensor, this.house, isFaulty ? this.#fault : undefined, clock.nowMs());
    this.#watcher.observe(sensor.id, figures);
    this.#reporter.observe(sensor.id, figures);
  }

  #advance(sinceStartMs: number): void {
    if (this.#problem && this.#problem.endMs <= sinceStartMs) this.#problem = undefined;
    while (this.#next.endMs <= sinceStartMs) this.#next = this.#problems.next().value;
    if (this.#next.startMs > sinceStartMs) return;
    this.#problem = this.#next;
    this.#next = this.#problems.next().value;
  }

  /** Every service that a rule names runs, unless one has failed: then it is the first that is named. */
  #targets(): Map<string, { state: string; isGood: boolean }> {
    const hasFailed = this.#problem?.kind === 'service-failed';
    return new Map(
      this.#watcher.targets.map((target, index) => {
        const isGood = !hasFailed || index > 0;
        return [target, { state: isGood ? 'active' : 'failed', isGood }];
      }),
    );
  }

  /** A command to the sensor was the right one. */
  #mendSensor(sensor: string): boolean {
    if (this.#fault.sensor !== sensor) return false;
    this.#fault = this.#faults.next().value;
    return true;
  }

  /** Somebody did the right thing in the terminal: the problem is over before its time. */
  #mend(kind: Problem['kind']): boolean {
    if (this.#problem?.kind !== kind) return false;
    this.#problem = undefined;
    return true;
  }
}

function describe(sensor: HouseSensor): SensorDescription {
  const { phase: _, ...described } = sensor;
  return described;
}

function inventoryOf({ name, serial, hardware }: House): { [attribute: string]: string } {
  return {
    name,
    serial_number: serial,
    device_type: hardware.deviceType,
    hostname: serial.toLowerCase(),
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0-27-rpi',
    architecture: hardware.architecture,
    cpu_model: hardware.cpuModel,
    mem_total_kB: String(hardware.memoryBytes / 1024),
    client: 'nice-smart-client, simulated',
  };
}
