/** A device on the other end of a hub's socket, as plain as can be: it sends what it is told and keeps what comes. */
import {
  controlHello,
  controlWelcome,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  type Frame,
} from '@lovely/protocol';

const WAIT_MS = 10_000;

export class TestDevice {
  readonly received: Frame[] = [];
  /** Resolves with the closing code. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      this.received.push(decodeFrame(new Uint8Array(data as ArrayBuffer), FRAME_BYTES_MAX_UP));
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
    this.closed = new Promise((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
  }

  /** Throws when the hub doesn't let it in. */
  static async connect(url: string, token: string): Promise<TestDevice> {
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
    const device = new TestDevice(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('close', ({ reason }) => reject(new Error(`not let in: ${reason}`)));
    });
    return device;
  }

  send(frame: Frame): void {
    this.#socket.send(encodeFrame(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** Says hello and returns the epoch that the welcome gives. */
  async hello(seenEpoch = 0): Promise<number> {
    this.send(controlHello.frame({}, { client: 'test-device', version: '1.0.0', epoch: seenEpoch, protocols: [1] }));
    return controlWelcome.read(await this.next(controlWelcome)).body.epoch;
  }

  /** The first frame of a type that has come or comes. */
  async next(message: { is(frame: Frame): boolean; typ: string }): Promise<Frame> {
    const tooLate = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const frame = this.received.find((one) => message.is(one));
      if (frame) return frame;
      await Promise.race([
        this.#changed.promise,
        new Promise((_, reject) =>
          tooLate.addEventListener('abort', () => reject(new Error(`${message.typ} did not come`))),
        ),
      ]);
    }
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** Goes without a word, as when the power fails. */
  terminate(): void {
    this.#socket.terminate();
  }
}
