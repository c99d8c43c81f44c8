/** What the hub does with a device's frame, by proto: a new proto is one line, unless it just goes up to the workers. */
import {
  controlClock,
  commandKeys,
  controlError,
  controlHello,
  controlPing,
  controlPong,
  controlWelcome,
  CUSTOM_PROTO_MAX,
  CUSTOM_PROTO_MIN,
  PROTO,
  type CommandKey,
  type Frame,
} from '@lovely/protocol';
import { UP_FRAME_BYTES_MAX } from '../bus/subjects.ts';
import { DEVICE_MESSAGES_PER_SECOND, DEVICE_UNACKED_MAX } from '../limits.ts';
import type { Connection } from './connection.ts';

export interface HandlerHost {
  readonly heartbeatMs: number;
  nowMs(): number;
  /** Tells a device its rules. */
  tellRules(connection: Connection): Promise<void>;
  /** Raises the epoch of a connection whose device has seen a later one than ours, and announces the client. */
  greet(connection: Connection, seenEpoch: number, client: string, instance: string | undefined): void;
  /** The keys that sign commands. */
  commandKeys(): Promise<CommandKey[]>;
  /** Hands a frame to the workers. */
  up(connection: Connection, proto: number, bytes: Uint8Array): void;
  /** Hands a frame to the session it belongs to; false when no such session is open here. */
  toSession(connection: Connection, frame: Frame, bytes: Uint8Array): boolean;
}

type Handler = (host: HandlerHost, connection: Connection, frame: Frame, bytes: Uint8Array) => void | Promise<void>;

const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [PROTO.control, control],
  [PROTO.shell, session],
  [PROTO.filetransfer, session],
  [PROTO.portforward, session],
  [PROTO.menderclient, session],
  [PROTO.status, up],
  [PROTO.alert, up],
  [PROTO.inventory, up],
  [PROTO.command, up],
  [PROTO.update, up],
  [PROTO.configuration, up],
  [PROTO.sensors, up],
]);

/**
 * Handles one frame of a device; most need no waiting, and a promise for each of them would cost. Throws ProtocolError, or
 * rejects with it, for a frame that is not as its proto says.
 */
export function handleFrame(
  host: HandlerHost,
  connection: Connection,
  frame: Frame,
  bytes: Uint8Array,
): void | Promise<void> {
  const isCustom = frame.proto >= CUSTOM_PROTO_MIN && frame.proto <= CUSTOM_PROTO_MAX;
  const handler = HANDLERS.get(frame.proto) ?? (isCustom ? up : refuseUnknown);
  return handler(host, connection, frame, bytes);
}

function control(host: HandlerHost, connection: Connection, frame: Frame, bytes: Uint8Array): void | Promise<void> {
  if (frame.typ === controlHello.typ) return hello(host, connection, frame);
  if (controlClock.is(frame)) return connection.heardClock(controlClock.read(frame).body.nowMs);
  if (frame.sid !== '' && host.toSession(connection, frame, bytes)) return;
  if (controlPing.is(frame)) connection.send(controlPong.frame({}, undefined, frame.sid));
}

async function hello(host: HandlerHost, connection: Connection, frame: Frame): Promise<void> {
  const { body } = controlHello.read(frame);
  if (body.nowMs !== undefined) connection.heardClock(body.nowMs);
  host.greet(connection, body.epoch, `${body.client} ${body.version}`, body.instance);
  const limits = {
    frameBytes: UP_FRAME_BYTES_MAX,
    messagesPerSecond: DEVICE_MESSAGES_PER_SECOND,
    unackedMessages: DEVICE_UNACKED_MAX,
  };
  const { epoch } = connection;
  connection.send(controlWelcome.frame({}, { epoch, heartbeatMs: host.heartbeatMs, nowMs: host.nowMs(), limits }));
  await host.tellRules(connection);
  if (body.protocols.includes(PROTO.command)) connection.send(commandKeys.frame({}, await host.commandKeys()));
}

function up(host: HandlerHost, connection: Connection, frame: Frame, bytes: Uint8Array): void {
  host.up(connection, frame.proto, bytes);
}

/** A frame of a session nobody has open any more is dropped: its end is on the way to the device already. */
function session(host: HandlerHost, connection: Connection, frame: Frame, bytes: Uint8Array): void {
  host.toSession(connection, frame, bytes);
}

/** In the words of Mender's clients, which understand them (COMPAT 1.3). */
function refuseUnknown(_host: HandlerHost, connection: Connection, frame: Frame): void {
  const err = `no handler registered for protocol: 0x${frame.proto.toString(16).padStart(4, '0')}`;
  connection.send(controlError.frame({}, { err, close: false, msgproto: frame.proto, msgtype: frame.typ }, frame.sid));
}
