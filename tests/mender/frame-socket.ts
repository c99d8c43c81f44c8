/** A WebSocket with ProtoMsg as a test sees it: what came is kept and can be waited for. */
import { connect as connectTls } from 'node:tls';
import { decodeFrame, encodeFrame, FRAME_BYTES_MAX_UP, type Frame } from '@lovely/protocol';
import type { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export class FrameSocket implements AsyncDisposable {
  /** What came and was not taken by `next`. */
  readonly received: Frame[] = [];
  readonly closed: Promise<Closing>;
  closing: Closing | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      this.received.push(decodeFrame(new Uint8Array(data), FRAME_BYTES_MAX_UP));
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => {
        this.closing = { code, reason };
        resolve(this.closing);
      });
    });
  }

  /** Connects; throws when the server does not take the WebSocket. */
  static async open(server: TestServer, path: string, headers: Record<string, string>): Promise<FrameSocket> {
    const tls = await server.tls();
    const socket = new WebSocket(server.url.replace('https:', 'wss:') + path, { headers, tls });
    const opened = new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('close', ({ code, reason }) => reject(new Error(`not opened: ${code} ${reason}`)));
    });
    const self = new FrameSocket(socket);
    await opened;
    return self;
  }

  send(frame: Frame): void {
    this.sendRaw(encodeFrame(frame));
  }

  /** Sends what need not be a frame; a string goes out as a text message. */
  sendRaw(data: Uint8Array | string): void {
    this.#socket.send(data);
  }

  /** Waits for the first frame that `fits` and takes it out. */
  async next(what: string, fits: (frame: Frame) => boolean, timeoutMs?: number): Promise<Frame> {
    return await until(
      what,
      () => {
        const at = this.received.findIndex(fits);
        return at < 0 ? undefined : this.received.splice(at, 1)[0];
      },
      timeoutMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await Promise.race([this.closed, Bun.sleep(1_000)]);
  }
}

/** The status that a request for a WebSocket is answered with: 101, or why not. */
export async function upgradeStatus(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const { hostname, port } = new URL(server.url);
  const { ca } = await server.tls();
  return await new Promise((resolve, reject) => {
    const socket = connectTls({ host: hostname, port: Number(port), ca, servername: hostname }, () => {
      const lines = {
        host: `${hostname}:${port}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('sixteen bytes ..').toString('base64'),
        ...headers,
      };
      const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET ${path} HTTP/1.1\r\n${head.join('')}\r\n`);
    });
    socket.once('data', (bytes: Buffer) => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(bytes.toString())?.[1]));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
