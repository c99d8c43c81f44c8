/**
 * The configuration proto (0x0104): keeps what the server wants to be set, makes it so, and says so. With a time to confirm
 * the values before stay on the disk until the server has acknowledged the report and the connection holds when the time is
 * over; else, or when the client keeps stopping, it goes back to them by itself. Values that count after a restart of the machine
 * only get that first, and are confirmed after it.
 */
import {
  CONFIGURATION_PROBLEMS_MAX,
  configurationDesired,
  configurationReported,
  configurationReverted,
  ProtocolError,
  type ConfigurationProblems,
  type ConfigurationRevertReason,
  type ConfigurationValues,
} from '@lovely/protocol';
import type { ChannelPart, Handler } from '../channel.ts';
import type { Clock } from '../clock.ts';
import { CONFIGURATION_STARTS_MAX, CONFIGURE_OUTPUT_LENGTH_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import { CLIENT_KEY_PREFIX } from './client-settings.ts';
import type { ConfigurationStore, RefusedValues, StoredConfiguration, VersionedValues } from './configuration-store.ts';
import type { Configure } from './configure-scripts.ts';
import type { Machine } from './machine.ts';

export interface ConfigurationOptions {
  readonly store: ConfigurationStore;
  /** Hands a sensor's values to its program. */
  configure(sensor: string, values: ConfigurationValues): void;
  /** Takes the client's own keys; returns what it can't take. */
  applySettings?(values: ConfigurationValues): ConfigurationProblems;
  /** Makes the gateway's values so. */
  readonly scripts?: Configure | undefined;
  /** May be started anew where values need that; without it, they wait until somebody does. */
  readonly machine?: Machine | undefined;
  readonly submit: Submit;
  readonly clock: Clock;
  readonly log: Log;
}

interface Wanted extends VersionedValues {
  readonly confirmMs: number | undefined;
}

const SENSOR_KEY = /^sensor\/([^/]+)\/(.+)$/;
const NOTHING: StoredConfiguration = { version: 0, values: {}, isApplied: true, problems: [] };

export class Configuration implements ChannelPart {
  readonly #options: ConfigurationOptions;
  #current: StoredConfiguration;
  /** What sensors and scripts were last told. */
  #told: ConfigurationValues = {};
  #wanted: Wanted | undefined;
  #working: Promise<void> | undefined;
  #isConnected = false;
  /** The report of the values that are on trial, and whether the server has it. */
  #report: { readonly id: number; isAcknowledged: boolean } | undefined;
  #cancelDeadline: (() => void) | undefined;
  #restart: AbortController | undefined;
  readonly #closed = new AbortController();

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    const kept = options.store.load();
    this.#current = kept === undefined || kept === 'damaged' ? NOTHING : kept;
    if (this.#current.restartFrom !== options.machine?.bootId())
      this.#current = { ...this.#current, restartFrom: undefined };
    const { values, isApplied, trial, restartFrom } = this.#current;
    // Sensors' programs and the client itself have forgotten what they were told; scripts have not.
    this.#tellPrograms(values);
    if (isApplied) this.#told = values;
    if (kept === 'damaged') this.#submitReport();
    if (trial) this.#work(() => this.#startTrialAgain());
    else if (!isApplied) this.#work(() => this.#apply(this.#current));
    else if (restartFrom !== undefined) this.#startMachineAnew();
  }

  /** What the gateway itself is to be set to. */
  get values(): ConfigurationValues {
    return gatewayValues(this.#current.values);
  }

  readonly handle: Handler = (frame) => {
    if (!configurationDesired.is(frame))
      throw new ProtocolError('bad-message', `unknown message type "${frame.typ}" of configuration`);
    const { version, values, confirmMs } = configurationDesired.read(frame).body;
    this.#wanted = { version, values, confirmMs: confirmMs === 0 ? undefined : confirmMs };
    this.#work(() => this.#takeWanted());
  };

  connected(): void {
    this.#isConnected = true;
  }

  disconnected(): void {
    this.#isConnected = false;
  }

  /** The server has stored these messages. */
  acknowledged(ids: readonly number[]): void {
    if (this.#report && ids.includes(this.#report.id)) this.#report.isAcknowledged = true;
  }

  /** Resolves when nothing is being applied. */
  async settled(): Promise<void> {
    while (this.#working) await this.#working;
  }

  /** What is on trial is tried again at the next start. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#cancelDeadline?.();
    this.#restart?.abort();
    await this.settled();
  }

  /** One thing after the other; what can be done at once is done before this returns. */
  #work(task: () => Promise<void>): void {
    // What goes wrong here is a bug and ends the client; values that make it do so again and again are gone back from.
    const work: Promise<void> = (this.#working ? this.#working.then(task) : task()).finally(() => {
      if (this.#working === work) this.#working = undefined;
    });
    this.#working = work;
  }

  async #takeWanted(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined || this.#closed.signal.aborted) return;
    this.#wanted = undefined;
    const { refused, trial, version, values } = this.#current;
    if (refused && areSame(refused, wanted)) {
      this.#submitReverted(refused);
      return this.#submitReport();
    }
    // A gateway that joins anew is a new one to the server, which counts from 1 again.
    if (areSame(this.#current, wanted)) return this.#submitReport();
    const before = trial?.before ?? { version, values };
    const next: StoredConfiguration = {
      version: wanted.version,
      values: wanted.values,
      isApplied: false,
      problems: [],
      restartFrom: this.#current.restartFrom,
      trial: wanted.confirmMs === undefined ? undefined : { before, confirmMs: wanted.confirmMs, starts: 0 },
    };
    // What can't be kept is not reported: the server tells it again.
    if (!this.#options.store.save(next))
      return this.#options.log.warn('the configuration could not be stored', { version: wanted.version });
    this.#cancelDeadline?.();
    this.#options.log.info('configuration told', {
      version: wanted.version,
      values: Object.keys(wanted.values).length,
      ...(wanted.confirmMs === undefined ? {} : { confirmMs: wanted.confirmMs }),
    });
    await this.#apply(next);
  }

  /** The client stopped while values were on trial: they get their time once more, but not for ever. */
  async #startTrialAgain(): Promise<void> {
    const { trial } = this.#current;
    if (!trial) return;
    const next = { ...this.#current, trial: { ...trial, starts: trial.starts + 1 } };
    this.#options.store.save(next);
    this.#current = next;
    if (next.trial.starts >= CONFIGURATION_STARTS_MAX) return await this.#goBack('restarts', []);
    await this.#apply(next);
  }

  async #apply(next: StoredConfiguration): Promise<void> {
    const wasTold = this.#told;
    this.#current = next;
    const problems = this.#tellPrograms(next.values);
    const { scripts, machine } = this.#options;
    let { restartFrom } = next;
    const isOther = JSON.stringify(gatewayValues(wasTold)) !== JSON.stringify(gatewayValues(next.values));
    if (scripts && (isOther || !next.isApplied)) {
      const outcome = await scripts(gatewayValues(next.values), this.#closed.signal);
      problems.push(...outcome.problems);
      if (outcome.wantsRestart) restartFrom = machine?.bootId();
    }
    // Whoever stops now finds values that were not applied, and does it again.
    if (this.#closed.signal.aborted) return;
    if (problems.length > 0 && next.trial) return await this.#goBack('failed', problems);
    this.#told = next.values;
    this.#current = { ...next, isApplied: true, problems, restartFrom };
    this.#options.store.save(this.#current);
    this.#submitReport();
    if (restartFrom !== undefined) this.#startMachineAnew();
    if (next.trial) this.#awaitConfirmation(next.trial.confirmMs);
  }

  #awaitConfirmation(confirmMs: number): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = this.#options.clock.after(confirmMs, () => {
      this.#cancelDeadline = undefined;
      this.#work(async () => {
        if (!this.#current.trial) return;
        if (!this.#isConnected || !this.#report?.isAcknowledged) await this.#goBack('no-connection', []);
        // Before the machine has started anew nothing is proven.
        else if (this.#current.restartFrom !== undefined) this.#awaitConfirmation(confirmMs);
        else this.#confirm();
      });
    });
  }

  /** Beside everything else, as it may have to wait. What is on the disk says what to do in the next life. */
  #startMachineAnew(): void {
    const { machine, log } = this.#options;
    if (!machine || this.#restart) return;
    const stop = new AbortController();
    this.#restart = stop;
    log.info('the configuration needs a restart', { version: this.#current.version });
    void machine.restart(stop.signal).then((why) => {
      if (stop.signal.aborted) return;
      this.#restart = undefined;
      this.#work(() => this.#stayedUp(why));
    });
  }

  async #stayedUp(why: string): Promise<void> {
    const message = `The machine was to start anew, as a configure script asked for, and did not: ${why}`;
    this.#current = { ...this.#current, problems: [...this.#current.problems, { message }], restartFrom: undefined };
    if (this.#current.trial) return await this.#goBack('failed', this.#current.problems);
    this.#options.store.save(this.#current);
    this.#submitReport();
  }

  #confirm(): void {
    this.#current = { ...this.#current, trial: undefined };
    // If the disk refuses, the next start tries the values once more.
    this.#options.store.save(this.#current);
    this.#options.log.info('configuration confirmed', { version: this.#current.version });
    this.#submitReport();
  }

  async #goBack(reason: ConfigurationRevertReason, problems: ConfigurationProblems): Promise<void> {
    const { trial, version, values } = this.#current;
    if (!trial) return;
    this.#cancelDeadline?.();
    this.#restart?.abort();
    this.#restart = undefined;
    this.#options.log.warn('going back to the configuration before', { version, to: trial.before.version, reason });
    const refused: RefusedValues = { version, values, reason, problems: bounded(problems) };
    const next: StoredConfiguration = {
      ...trial.before,
      isApplied: false,
      problems: [],
      refused,
    };
    this.#options.store.save(next);
    // Spooled before anything else happens: it is told, whatever the old values make of it.
    this.#submitReverted(refused);
    await this.#apply(next);
  }

  #submitReport(): void {
    const { version, values, trial, problems } = this.#current;
    this.#options.submit((id) => {
      this.#report = { id, isAcknowledged: false };
      return configurationReported.frame(
        { id },
        {
          version,
          values,
          ...(trial ? { isConfirming: true } : {}),
          ...(problems.length > 0 ? { problems: bounded(problems) } : {}),
        },
      );
    });
  }

  #submitReverted({ version, reason, problems }: RefusedValues): void {
    const told = problems.length > 0 ? { problems: [...problems] } : {};
    this.#options.submit((id) => configurationReverted.frame({ id }, { version, reason, ...told }));
  }

  /** Tells sensors' programs and the client itself, at once; returns what they can't take. */
  #tellPrograms(values: ConfigurationValues): ConfigurationProblems {
    const before = bySensor(this.#told);
    const after = bySensor(values);
    for (const sensor of new Set([...before.keys(), ...after.keys()]))
      this.#options.configure(sensor, after.get(sensor) ?? {});
    return this.#options.applySettings?.(values) ?? [];
  }
}

/** As much as fits into a message. */
function bounded(problems: ConfigurationProblems): ConfigurationProblems {
  return problems
    .slice(0, CONFIGURATION_PROBLEMS_MAX)
    .map((problem) => ({ ...problem, message: problem.message.slice(0, CONFIGURE_OUTPUT_LENGTH_MAX) }));
}

function areSame(a: VersionedValues, b: VersionedValues): boolean {
  return a.version === b.version && JSON.stringify(a.values) === JSON.stringify(b.values);
}

function gatewayValues(values: ConfigurationValues): ConfigurationValues {
  return Object.fromEntries(
    Object.entries(values).filter(([key]) => !SENSOR_KEY.test(key) && !key.startsWith(CLIENT_KEY_PREFIX)),
  );
}

function bySensor(values: ConfigurationValues): Map<string, ConfigurationValues> {
  const result = new Map<string, ConfigurationValues>();
  for (const [key, value] of Object.entries(values)) {
    const [, sensor, own] = SENSOR_KEY.exec(key) ?? [];
    if (sensor !== undefined && own !== undefined) result.set(sensor, { ...result.get(sensor), [own]: value });
  }
  return result;
}
