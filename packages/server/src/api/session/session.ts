/** One session: the person's WebSocket on one side, the device's channel behind the bus on the other. */
import {
  BODY_BYTES_MAX_DOWN,
  controlClose,
  controlError,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_DOWN,
  FRAME_BYTES_MAX_UP,
  PROTO,
  ProtocolError,
  SHELL_STATUS,
  shellInput,
  shellStop,
  type Frame,
} from '@lovely/protocol';
import type { Bus } from '../../bus/bus.ts';
import { hubDown, type DownAnswer } from '../../bus/subjects.ts';
import { ask } from '../../bus/topic.ts';
import { ERRORS, LovelyError, type ErrorCode } from '../../errors.ts';
import { DELIVERY_TIMEOUT_MS, SESSION_QUEUE_BYTES_MAX } from '../../limits.ts';
import type { Socket, SocketOwner } from '../../listener.ts';
import type { Log } from '../../log.ts';

export interface SessionOptions {
  readonly bus: Bus;
  readonly log: Log;
  readonly apiId: string;
  readonly sid: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly hubId: string;
  /** Whether the person may still work on the device. */
  isAllowed(): Promise<boolean>;
  /** Looks the device up afresh. */
  findHub(): Promise<string | undefined>;
  onOpened(): void;
  onClosed(): void;
}

const NORMAL_CLOSURE = 1000;
/** Protos that belong to sessions; a person may send no others to a device. */
const SESSION_PROTOS: ReadonlySet<number> = new Set([
  PROTO.shell,
  PROTO.filetransfer,
  PROTO.portforward,
  PROTO.menderclient,
  PROTO.control,
]);

export class Session implements SocketOwner {
  readonly sid: string;
  readonly userId: string;
  readonly deviceId: string;
  activeMs = Date.now();
  readonly #options: SessionOptions;
  #hubId: string;
  #socket: Socket | undefined;
  #ended = false;
  /** What went wrong already, so that it is logged once. */
  readonly #refusals = new Set<ErrorCode>();
  /** Deliveries one after the other, so that what is typed arrives in order even when the device moves to another hub. */
  #delivering: Promise<void> = Promise.resolve();
  #queuedBytes = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.sid = options.sid;
    this.userId = options.userId;
    this.deviceId = options.deviceId;
    this.#hubId = options.hubId;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    this.#options.onOpened();
  }

  received(_socket: Socket, bytes: Uint8Array): void {
    this.activeMs = Date.now();
    try {
      const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
      if (!SESSION_PROTOS.has(frame.proto))
        throw new LovelyError('bad-frame', `proto ${frame.proto} does not belong to a session`);
      for (const piece of split(frame)) this.#deliver(this.#forDevice(piece));
    } catch (thrown) {
      this.#refuse(refusalOf(thrown));
    }
  }

  drained(): void {}

  /** The person is gone: frees the shell and the session on the device (COMPAT 1.4). */
  closed(): void {
    this.#socket = undefined;
    this.#options.onClosed();
    if (this.#ended) return;
    this.#ended = true;
    this.#deliver(
      encodeFrame(shellStop.frame({ status: SHELL_STATUS.error, user_id: this.userId }, undefined, this.sid)),
    );
    this.#deliver(encodeFrame(controlClose.frame({}, undefined, this.sid)), true);
  }

  /** A frame of the device for this session, handed on as it is but for integers that mender-cli needs as int64. */
  fromDevice(bytes: Uint8Array): void {
    this.activeMs = Date.now();
    const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
    this.#socket?.send(encodeFrame({ ...frame, sid: this.sid, props: forMenderCli(frame.props) }));
  }

  /** The device's connection ended. */
  deviceLeft(reason: string): void {
    this.#ended = true;
    this.#tell('device-offline', `The device disconnected: ${reason}.`, true);
  }

  async isAllowed(): Promise<boolean> {
    return await this.#options.isAllowed();
  }

  /** Ends the session from our side. */
  end(code: 'session-limit' | 'draining' | 'not-allowed', why: string): void {
    this.#tell(code, `The session ended: ${why}.`, true);
  }

  /** The bytes for the device, with the session and the person as we know them. Throws 'frame-too-large'. */
  #forDevice(frame: Frame): Uint8Array {
    const bytes = encodeFrame({ ...frame, sid: this.sid, props: { ...frame.props, user_id: this.userId } });
    if (bytes.length > FRAME_BYTES_MAX_DOWN)
      throw new LovelyError('frame-too-large', `A device takes ${FRAME_BYTES_MAX_DOWN} bytes in a frame.`);
    return bytes;
  }

  /** Tells the person what did not go through. */
  #refuse(error: LovelyError): void {
    if (!this.#refusals.has(error.code)) {
      this.#refusals.add(error.code);
      const { deviceId: device, userId: user, sid: session } = this;
      this.#options.log.warn(
        { error: error.cause, device, user, session, reason: error.code, detail: error.message },
        'refused what a person sent',
      );
    }
    this.#tell(error.code, error.message, error.code === 'device-offline');
  }

  #tell(code: ErrorCode, err: string, close: boolean): void {
    this.#socket?.send(
      encodeFrame(controlError.frame({}, { err, close, code: ERRORS[code][0], reason: code }, this.sid)),
    );
    if (close) this.#socket?.close(NORMAL_CLOSURE, code);
  }

  #deliver(frame: Uint8Array, last = false): void {
    if (this.#queuedBytes > SESSION_QUEUE_BYTES_MAX && !last) throw new LovelyError('device-busy');
    this.#queuedBytes += frame.length;
    this.#delivering = this.#delivering
      .then(() => this.#send(frame, last))
      .finally(() => (this.#queuedBytes -= frame.length))
      .catch((error: unknown) =>
        this.#refuse(
          error instanceof LovelyError ? error : new LovelyError('device-busy', undefined, { cause: error }),
        ),
      );
  }

  /** Hands a frame to the device's hub; looks the device up once more when it isn't there. */
  async #send(frame: Uint8Array, last: boolean): Promise<void> {
    const down = { device: this.deviceId, frame, sid: this.sid, ...(last ? {} : { api: this.#options.apiId }) };
    const deliver = async (): Promise<DownAnswer> =>
      await ask(this.#options.bus, hubDown(this.#hubId), down, { timeoutMs: DELIVERY_TIMEOUT_MS }).catch(
        (): DownAnswer => ({ ok: false, code: 'gone' }),
      );
    let answer = await deliver();
    if (answer.code === 'gone' && !last) {
      const hubId = await this.#options.findHub();
      if (hubId === undefined || hubId === this.#hubId) throw new LovelyError('device-offline');
      this.#hubId = hubId;
      answer = await deliver();
    }
    if (!answer.ok && !last) throw new LovelyError(answer.code === 'busy' ? 'device-busy' : 'device-offline');
  }
}

/** What to tell the person; throws on what is a bug. */
function refusalOf(thrown: unknown): LovelyError {
  if (thrown instanceof LovelyError) return thrown;
  if (thrown instanceof ProtocolError) return new LovelyError('bad-frame', thrown.message);
  // A frame at the limits of the protocol, to which nothing can be added.
  if (thrown instanceof RangeError) return new LovelyError('frame-too-large', thrown.message);
  throw thrown;
}

/** A device takes frames of 8 KiB; what is typed or pasted into a shell may be cut anywhere, nothing else may. */
function split(frame: Frame): Frame[] {
  if (frame.body.length <= BODY_BYTES_MAX_DOWN || !shellInput.is(frame)) return [frame];
  const pieces: Frame[] = [];
  for (let at = 0; at < frame.body.length; at += BODY_BYTES_MAX_DOWN)
    pieces.push({ ...frame, body: frame.body.subarray(at, at + BODY_BYTES_MAX_DOWN) });
  return pieces;
}

function forMenderCli(props: Frame['props']): Frame['props'] {
  const { status, timeout } = props;
  if (typeof status !== 'number' && typeof timeout !== 'number') return props;
  return {
    ...props,
    ...(typeof status === 'number' ? { status: BigInt(status) } : {}),
    ...(typeof timeout === 'number' ? { timeout: BigInt(timeout) } : {}),
  };
}
