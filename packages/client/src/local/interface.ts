/**
 * What programs on the gateway can ask of the client: io.lovely.Client1 on D-Bus, and the same on the socket. One table of
 * names and types; both faces, the introspection and the documentation follow it.
 */
import type { MetricValue } from '@lovely/protocol';

/** The D-Bus types in use. Values in an `a{sv}` are texts, numbers and booleans. */
export interface Types {
  readonly s: string;
  readonly q: number;
  readonly u: number;
  readonly i: number;
  readonly b: boolean;
  readonly ay: Uint8Array;
  readonly 'a{sv}': Values;
}
export type Type = keyof Types;
export type Values = { readonly [name: string]: MetricValue };

/** Arguments by name, in the order in which D-Bus has them. */
export type Arguments = { readonly [name: string]: Type };
export type Typed<A extends Arguments> = { readonly [Name in keyof A]: Types[A[Name]] };

interface Method {
  readonly takes: Arguments;
  readonly gives: Arguments;
}

export const INTERFACE = 'io.lovely.Client1';

export const METHODS = {
  /** Makes a sensor known, or says anew what it is; the caller then speaks for it until it leaves or unregisters it. */
  RegisterSensor: { takes: { sensor: 's', properties: 'a{sv}' }, gives: {} },
  /** The sensor is gone for good. */
  UnregisterSensor: { takes: { sensor: 's' }, gives: {} },
  /** What the sensor measures; metrics that are left out stay as they were. */
  ReportStatus: { takes: { sensor: 's', values: 'a{sv}' }, gives: {} },
  /** `rule` is the program's own name for the problem; raising what is open changes nothing. */
  RaiseAlert: {
    takes: { sensor: 's', rule: 's', severity: 's', description: 's', values: 'a{sv}' },
    gives: {},
  },
  ClearAlert: { takes: { sensor: 's', rule: 's' }, gives: {} },
  /** What the backend wants to be set on the sensor. */
  GetConfiguration: { takes: { sensor: 's' }, gives: { values: 'a{sv}' } },
  /** A piece of what a command prints. */
  CommandOutput: { takes: { run: 's', output: 'ay' }, gives: {} },
  /** `exit` 0 is success; `message` says in a sentence what came of it. */
  CommandDone: { takes: { run: 's', exit: 'i', message: 's' }, gives: {} },
  /** A sign of life of a step of an update, with how far it is. */
  UpdateProgress: { takes: { run: 's', percent: 'u' }, gives: {} },
  /**
   * The end of a step: `result` is done, later (the sensor can't be reached now), failed or refused (no use in trying again).
   * `properties`: `firmware` that the sensor runs, after describe; `retryAfterSeconds`, with later.
   */
  UpdateDone: { takes: { run: 's', result: 's', message: 's', properties: 'a{sv}' }, gives: {} },
  /** A part of a file of the firmware, at most 64 KiB; empty at the end. */
  ReadFirmware: { takes: { run: 's', file: 's', offset: 'u', bytes: 'u' }, gives: { content: 'ay' } },
  /** From now on the caller gets what the backend sends under this number, 0x1000 to 0xEFFF. */
  RegisterProto: { takes: { proto: 'q' }, gives: {} },
  UnregisterProto: { takes: { proto: 'q' }, gives: {} },
  /** Sends to the backend; kept on disk until the backend has it. */
  Send: { takes: { proto: 'q', body: 'ay' }, gives: {} },
} as const satisfies { readonly [name: string]: Method };
export type MethodName = keyof typeof METHODS;

export const SIGNALS = {
  /** To whoever speaks for the sensor. */
  ConfigurationChanged: { sensor: 's', values: 'a{sv}' },
  CommandRequested: { sensor: 's', run: 's', name: 's', parameters: 'a{sv}' },
  /** Nobody waits for this run any more. */
  CommandCancelled: { sensor: 's', run: 's' },
  /** A step of an update: describe, prepare, transfer, verify, activate or rollback. */
  UpdateRequested: { sensor: 's', run: 's', step: 's', properties: 'a{sv}' },
  /** Nobody waits for this step any more; it may be asked for again, as another run. */
  UpdateCancelled: { sensor: 's', run: 's' },
  /** To whoever registered the proto. */
  Received: { proto: 'q', body: 'ay' },
  /** To everybody. */
  ConnectedChanged: { connected: 'b' },
} as const satisfies { readonly [name: string]: Arguments };
export type SignalName = keyof typeof SIGNALS;

export const PROPERTIES = {
  /** Whether the backend is reached in this moment. */
  Connected: 'b',
  /** The backend's id of this gateway; '' until it is known. */
  DeviceId: 's',
  /** The client's. */
  Version: 's',
} as const satisfies { readonly [name: string]: Type };

export type Taken<M extends MethodName> = Typed<(typeof METHODS)[M]['takes']>;
export type Given<M extends MethodName> = Typed<(typeof METHODS)[M]['gives']>;
export type Told<S extends SignalName> = Typed<(typeof SIGNALS)[S]>;
export type Properties = Typed<typeof PROPERTIES>;
