/**
 * ProtoMsg: one message is one binary WebSocket message is one MessagePack map, in both directions, on the device's
 * channel and on the browser's (Mender's format, COMPAT section 1.2):
 *
 *     { hdr: { proto: uint16, typ?: str, sid?: str, props?: map }, body?: bin }
 *
 * A gateway's conversation with the hub:
 *
 *     gateway                                   hub
 *       │  GET …/deviceconnect/connect (Bearer)  │   the hub checks the token itself and gives the connection an epoch
 *       │  control hello ───────────────────────▶│   {client, version, epoch, protocols}
 *       │◀─────────────────────── control welcome│   {epoch, heartbeatMs, limits}
 *       │◀───────────────────────── alert rules  │   what to watch on the device
 *       │  inventory report ────────────────────▶│
 *       │  status report (props.id) ────────────▶│ ─▶ worker ─▶ PostgreSQL
 *       │◀──────────────────────── control ack   │   only after the commit; the gateway now forgets the message
 *       │  alert raise, clear (props.id) ───────▶│
 *       │◀───────────────────────── shell new    │   a person opens a terminal; props.sid names the session
 *       │  shell shell ◀────────────────────────▶│
 *       │◀──────────────────────── control drain │   {retryAfterMs}: come back then
 *
 * Mender's mender-connect never says hello and understands protos 1 to 4 and control's first six types only.
 */
import { ProtocolError } from './error.ts';
import { HEADER_VALUES_MAX, NAME_LENGTH_MAX } from './limits.ts';
import { decode } from './message-pack/decode.ts';
import { encode } from './message-pack/encode.ts';
import { isMap, type Value, type ValueMap } from './message-pack/value.ts';

export interface Frame {
  /** One of the numbers in `proto.ts`, or one of yours from 0x1000 to 0xEFFF. */
  readonly proto: number;
  /** The message type within the proto; '' when absent. */
  readonly typ: string;
  /** The session that a message belongs to; '' when absent. */
  readonly sid: string;
  readonly props: ValueMap;
  /** Opaque here; what it holds is said by proto and typ. Empty when absent. */
  readonly body: Uint8Array;
}

const EMPTY_PROPS: ValueMap = Object.freeze({});
const EMPTY_BODY = new Uint8Array(0);
const text = new TextEncoder();

/** Makes a frame of its parts; what is left out is empty. */
export function frame(proto: number, typ: string, parts: Partial<Omit<Frame, 'proto' | 'typ'>> = {}): Frame {
  return { proto, typ, sid: parts.sid ?? '', props: parts.props ?? EMPTY_PROPS, body: parts.body ?? EMPTY_BODY };
}

/** Writes a frame; empty members are left out, as Mender's clients do. Throws RangeError for what no frame can hold. */
export function encodeFrame({ proto, typ, sid, props, body }: Frame): Uint8Array {
  if (!isProto(proto)) throw new RangeError(`proto is a number from 0 to ${PROTO_MAX}`);
  if (typ.length > NAME_LENGTH_MAX || sid.length > NAME_LENGTH_MAX)
    throw new RangeError(`a typ or sid of more than ${NAME_LENGTH_MAX} characters`);
  const hdr: { [key: string]: Value } = { proto };
  if (typ !== '') hdr.typ = typ;
  if (sid !== '') hdr.sid = sid;
  if (!isEmpty(props)) hdr.props = props;
  return encode(body.length > 0 ? { hdr, body } : { hdr }, HEADER_VALUES_MAX);
}

/**
 * Reads a frame of at most `bytesMax` bytes. `body` is a view into `bytes`. Unknown keys are ignored, so that an older
 * peer understands a newer one. A body may be a string or an empty map, as Mender's web terminal sends (COMPAT 0.14).
 * Throws ProtocolError.
 */
export function decodeFrame(bytes: Uint8Array, bytesMax: number): Frame {
  if (bytes.length > bytesMax)
    throw new ProtocolError('too-large', `a frame of ${bytes.length} bytes, ${bytesMax} allowed`);
  const value = decode(bytes, HEADER_VALUES_MAX);
  if (!isMap(value) || !isMap(value.hdr)) throw new ProtocolError('bad-frame', 'a frame is a map with the key "hdr"');
  const { proto, typ, sid, props } = value.hdr;
  const number = typeof proto === 'bigint' ? Number(proto) : proto;
  if (!isProto(number)) throw new ProtocolError('bad-frame', `hdr.proto is a number from 0 to ${PROTO_MAX}`);
  return {
    proto: number,
    typ: name(typ, 'hdr.typ'),
    sid: name(sid, 'hdr.sid'),
    props: props === undefined || props === null ? EMPTY_PROPS : map(props),
    body: body(value.body),
  };
}

const PROTO_MAX = 0xffff;

function isProto(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= PROTO_MAX;
}

function isEmpty(map: ValueMap): boolean {
  for (const key in map) if (map[key] !== undefined) return false;
  return true;
}

function name(value: Value | undefined, where: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new ProtocolError('bad-frame', `${where} is not a string`);
  if (value.length > NAME_LENGTH_MAX)
    throw new ProtocolError('too-long', `${where} has more than ${NAME_LENGTH_MAX} characters`);
  return value;
}

function map(value: Value): ValueMap {
  if (!isMap(value)) throw new ProtocolError('bad-frame', 'hdr.props is not a map');
  return value;
}

function body(value: Value | undefined): Uint8Array {
  if (value === undefined || value === null) return EMPTY_BODY;
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return text.encode(value);
  if (isMap(value) && isEmpty(value)) return EMPTY_BODY;
  throw new ProtocolError('bad-frame', 'body is not binary');
}
