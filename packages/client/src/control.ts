/** Control's session messages, answered as Mender's mender-connect does (COMPAT 1.3), and our acks. */
import {
  controlAccept,
  controlAck,
  controlError,
  controlOpen,
  controlPong,
  ProtocolError,
  type Frame,
} from '@lovely/protocol';
import type { Handler } from './channel.ts';
import type { Link } from './connection.ts';

const SESSION_VERSION = 1;

export interface ControlOptions {
  /** The protos of a session that this gateway serves in this moment. */
  readonly sessionProtos: readonly number[];
  /** The server closed a session. */
  closed?(frame: Frame): void;
  acknowledged(ids: readonly number[]): void;
  /** The server took something that we sent for wrong. */
  refused?(reason: string): void;
}

export function controlHandler(options: ControlOptions): Handler {
  const accept = (frame: Frame, link: Link): void => {
    if (controlOpen.read(frame).body.versions.includes(SESSION_VERSION)) {
      const protocols = [...options.sessionProtos];
      link.send(controlAccept.frame({}, { version: SESSION_VERSION, protocols }, frame.sid));
    } else refuse(frame, link, `handshake rejected: require version ${SESSION_VERSION}`, true);
  };
  const answers = new Map<string, Handler>([
    ['open', accept],
    ['ping', (frame, link) => link.send(controlPong.frame({}, undefined, frame.sid))],
    ['ack', (frame) => options.acknowledged(controlAck.read(frame).body.ids)],
    // An error must never be answered with an error, so a malformed one is not read further either.
    ['error', (frame) => options.refused?.(errorIn(frame))],
    ['close', (frame) => options.closed?.(frame)],
    // Nothing here waits for one.
    ['pong', () => undefined],
  ]);
  return (frame, link) => {
    const answer = answers.get(frame.typ);
    if (answer !== undefined) answer(frame, link);
    else refuse(frame, link, `session: control message type '${frame.typ}' not supported`, false);
  };
}

function refuse(frame: Frame, link: Link, err: string, close: boolean): void {
  const id = typeof frame.props.msgid === 'string' ? { msgid: frame.props.msgid } : {};
  link.send(controlError.frame({}, { err, close, msgproto: frame.proto, msgtype: frame.typ, ...id }, frame.sid));
}

function errorIn(frame: Frame): string {
  try {
    return controlError.read(frame).body.err;
  } catch (error) {
    if (error instanceof ProtocolError) return 'unknown';
    throw error;
  }
}
