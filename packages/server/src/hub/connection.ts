/** One device's live connection: reads headers, keeps to limits, and hands each frame to the handler of its proto. */
import {
  controlError,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_DOWN,
  FRAME_BYTES_MAX_UP,
  ProtocolError,
  type Frame,
} from '@lovely/protocol';
import type { DisconnectReason } from '@lovely/api';
import { TokenBucket } from '../domain/token-bucket.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import {
  DEVICE_BAD_FRAMES_MAX,
  DEVICE_MESSAGE_BYTES,
  DEVICE_MESSAGES_BURST,
  DEVICE_MESSAGES_PER_SECOND,
  TIME_AHEAD_MS_MAX,
} from '../limits.ts';
import type { Socket, SocketOwner } from '../listener.ts';
import type { DeviceClaims } from '../tokens.ts';

/** What a connection needs of its hub; one object shared by all connections. */
export interface ConnectionHost {
  nowMs(): number;
  opened(connection: Connection): void;
  closed(connection: Connection, reason: DisconnectReason): void;
  /** One well-formed frame within the rate limit. */
  received(connection: Connection, frame: Frame, bytes: Uint8Array): void;
  /** Whether the tenant may send a message of this cost now. */
  hasRoom(connection: Connection, cost: number): boolean;
  /** A frame that was refused; told once a connection and code. */
  refused(connection: Connection, code: ErrorCode, detail: string): void;
}

/** WebSocket close codes, RFC 6455 section 7.4.1, and why the device was let go. */
const CLOSE = {
  closed: [1000, 'closed'],
  timeout: [1000, 'timeout'],
  drained: [1001, 'draining'],
  'rebooting-for-update': [1000, 'rebooting'],
  'protocol-error': [1008, 'too many bad frames'],
  replaced: [4000, 'replaced by a newer connection'],
  revoked: [4001, 'revoked'],
  'hub-lost': [1001, 'hub lost'],
} as const satisfies Record<DisconnectReason, readonly [number, string]>;

const ABNORMAL_CLOSURE = 1006;

export class Connection implements SocketOwner {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly authSetId: string;
  readonly issuedAtMs: number;
  readonly keyId: string;
  epoch = 0;
  /** What the device's clock lacks, where it is known to be wrong. */
  clockOffsetMs: number | undefined;
  /** Where it comes from; forgotten once it is told. */
  address: string | undefined;
  /** The sessions on this connection and the bus subject that each one's frames go to; made when the first opens. */
  sessions: Map<string, string> | undefined;
  readonly #host: ConnectionHost;
  #socket: Socket | undefined;
  #bucket: TokenBucket | undefined;
  #refusals: Map<ErrorCode, number> | undefined;
  #leaving: DisconnectReason | undefined;

  constructor(host: ConnectionHost, claims: DeviceClaims, address: string) {
    this.#host = host;
    this.address = address;
    this.tenantId = claims.tenantId;
    this.deviceId = claims.deviceId;
    this.authSetId = claims.authSetId;
    this.issuedAtMs = claims.issuedAtMs;
    this.keyId = claims.keyId;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    this.#host.opened(this);
  }

  received(_socket: Socket, bytes: Uint8Array): void {
    if (this.#leaving) return;
    let frame: Frame;
    try {
      frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.refuse('bad-frame', error.message);
      return;
    }
    if (!this.#isWithinRate(frame, bytes.length)) {
      this.refuse('rate-limit', 'more messages than this device, or all of its organisation, may send', frame);
      return;
    }
    this.#host.received(this, frame, bytes);
  }

  /** A large message counts as several. What a person asked for in an open session, as a screen of output, is not limited. */
  #isWithinRate(frame: Frame, bytes: number): boolean {
    if (this.sessions?.has(frame.sid)) return true;
    const nowMs = this.#host.nowMs();
    this.#bucket ??= new TokenBucket(DEVICE_MESSAGES_BURST, nowMs);
    const cost = Math.ceil(bytes / DEVICE_MESSAGE_BYTES);
    if (!this.#bucket.take(DEVICE_MESSAGES_PER_SECOND, DEVICE_MESSAGES_BURST, nowMs, cost)) return false;
    return this.#host.hasRoom(this, cost);
  }

  drained(): void {}

  closed(_socket: Socket, code: number): void {
    this.#socket = undefined;
    this.#host.closed(this, this.#leaving ?? (code === ABNORMAL_CLOSURE ? 'timeout' : 'closed'));
  }

  /** Sends a frame. False when the socket is gone or the device takes no more. */
  send(frame: Frame): boolean {
    return this.sendBytes(encodeFrame(frame));
  }

  /** Sends an encoded frame of at most FRAME_BYTES_MAX_DOWN bytes. */
  sendBytes(bytes: Uint8Array): boolean {
    if (bytes.length > FRAME_BYTES_MAX_DOWN)
      throw new RangeError(`a frame of ${bytes.length} bytes for a device, ${FRAME_BYTES_MAX_DOWN} allowed`);
    return this.#socket !== undefined && this.#leaving === undefined && this.#socket.send(bytes) !== 0;
  }

  /** Takes what the device's clock says at this moment. */
  heardClock(nowMs: number): void {
    const offsetMs = this.#host.nowMs() - nowMs;
    this.clockOffsetMs = Math.abs(offsetMs) > TIME_AHEAD_MS_MAX ? offsetMs : undefined;
  }

  /** Tells the device what is wrong with what it sent; too many malformed frames end the connection. */
  refuse(code: ErrorCode, detail: string, about?: Frame): void {
    const refusals = (this.#refusals ??= new Map());
    const count = (refusals.get(code) ?? 0) + 1;
    refusals.set(code, count);
    if (count === 1) this.#host.refused(this, code, detail);
    const close = code === 'bad-frame' && count >= DEVICE_BAD_FRAMES_MAX;
    // A device that floods us is told once, or the answers would be a flood of their own.
    if (code !== 'rate-limit' || count === 1)
      this.send(
        controlError.frame(
          {},
          {
            err: detail,
            close,
            code: ERRORS[code][0],
            reason: code,
            ...(about ? { msgproto: about.proto, msgtype: about.typ } : {}),
          },
          about?.sid,
        ),
      );
    if (close) this.leave('protocol-error');
  }

  /** Ends the connection for a reason that presence will show. */
  leave(reason: DisconnectReason): void {
    if (this.#leaving) return;
    this.#leaving = reason;
    const [code, text] = CLOSE[reason];
    this.#socket?.close(code, text);
  }
}
