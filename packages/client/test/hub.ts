/** A small real server for the client's tests: TLS, Mender's authentication, and ProtoMsg on a WebSocket. */
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server, ServerWebSocket } from 'bun';
import {
  alertClear,
  alertRaise,
  controlAck,
  controlHello,
  controlWelcome,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  statusReport,
  type Frame,
} from '@lovely/protocol';
import { AUTHENTICATION_PATH } from '../src/authentication.ts';
import { CHANNEL_PATH } from '../src/channel.ts';
import { until } from './until.ts';

const folder = join(import.meta.dir, 'tls');
export const CA_FILE = join(folder, 'ca.crt');
export const OTHER_CA_FILE = join(folder, 'other-ca.crt');

type Socket = ServerWebSocket<undefined>;

export class Hub {
  /** What the operator has decided about gateways that ask. */
  isAccepting = true;
  /** Answers instead of the upgrade, as an overloaded hub would. */
  refuseWith: number | undefined;
  /** Whether messages with an id are acknowledged. */
  isAcknowledging = true;
  heartbeatMs = 60_000;
  limits = { frameBytes: FRAME_BYTES_MAX_UP, messagesPerSecond: 1000, unackedMessages: 32 };
  readonly authentications: { idData: string; isSigned: boolean }[] = [];
  readonly upgrades: string[] = [];
  /** What can be downloaded, by its path; the parts that were asked for. */
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly ranges: string[] = [];
  /** Everything received, over all connections. */
  readonly frames: Frame[] = [];
  readonly farewells: number[] = [];
  readonly #server: Server<undefined>;
  #socket: Socket | undefined;
  #token = 'token-1';
  #epoch = 0;

  constructor() {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert: readFileSync(join(folder, 'localhost.crt')), key: readFileSync(join(folder, 'localhost.key')) },
      fetch: (request, server) => this.#fetch(request, server),
      websocket: {
        data: undefined,
        open: (socket) => void (this.#socket = socket),
        message: (socket, data) => this.#receive(socket, data),
        close: (socket, code) => {
          this.farewells.push(code);
          if (this.#socket === socket) this.#socket = undefined;
        },
      },
    });
  }

  get url(): string {
    return `https://localhost:${this.#server.port}`;
  }

  get port(): number {
    return this.#server.port!;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  /** Makes every token given out so far worthless and ends the connection. */
  revoke(): void {
    this.#token = `token-${Number(this.#token.slice(6)) + 1}`;
    this.#socket?.close(1008, 'revoked');
  }

  /** Ends the connection without a farewell. */
  cut(): void {
    this.#socket?.terminate();
  }

  send(frame: Frame): void {
    this.#socket!.send(encodeFrame(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket!.send(bytes);
  }

  acknowledge(ids: number[]): void {
    this.send(controlAck.frame({}, { ids }));
  }

  /** The received frames that `isMeant`, once there are at least `count`. */
  async received(isMeant: (frame: Frame) => boolean, count = 1): Promise<Frame[]> {
    await until(
      () => this.frames.filter(isMeant).length >= count,
      () => `frames: ${this.frames.map(({ proto, typ }) => `${proto}/${typ}`).join(' ')}`,
    );
    return this.frames.filter(isMeant);
  }

  get raised(): ReturnType<typeof alertRaise.read>[] {
    return this.frames.filter((frame) => alertRaise.is(frame)).map((frame) => alertRaise.read(frame));
  }

  get cleared(): ReturnType<typeof alertClear.read>[] {
    return this.frames.filter((frame) => alertClear.is(frame)).map((frame) => alertClear.read(frame));
  }

  get reports(): ReturnType<typeof statusReport.read>[] {
    return this.frames.filter((frame) => statusReport.is(frame)).map((frame) => statusReport.read(frame));
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  async #fetch(request: Request, server: Server<undefined>): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    if (pathname === AUTHENTICATION_PATH)
      return this.#authenticate(await request.bytes(), request.headers.get('x-men-signature') ?? '');
    const file = this.files.get(pathname);
    if (file) return this.#send(file, request.headers.get('range') ?? '');
    if (pathname !== CHANNEL_PATH) return new Response(null, { status: 404 });
    const authorization = request.headers.get('authorization') ?? '';
    this.upgrades.push(authorization);
    if (this.refuseWith !== undefined) return new Response(null, { status: this.refuseWith });
    if (authorization !== `Bearer ${this.#token}`) return Response.json({ error: 'unauthorized' }, { status: 401 });
    return server.upgrade(request, { data: undefined }) ? undefined : new Response(null, { status: 400 });
  }

  #send(file: Uint8Array<ArrayBuffer>, range: string): Response {
    this.ranges.push(range);
    const [, from = 0, to = file.length - 1] = (/^bytes=(\d+)-(\d+)$/.exec(range) ?? []).map(Number);
    return new Response(file.subarray(from, to + 1), {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${to}/${file.length}`, etag: '"1"' },
    });
  }

  #authenticate(body: Uint8Array, signature: string): Response {
    const { id_data: idData, pubkey } = JSON.parse(new TextDecoder().decode(body)) as {
      id_data: string;
      pubkey: string;
    };
    const isSigned = verify(null, body, createPublicKey(pubkey), Buffer.from(signature, 'base64'));
    this.authentications.push({ idData, isSigned });
    if (!isSigned || !this.isAccepting) return Response.json({ error: 'dev auth: unauthorized' }, { status: 401 });
    return new Response(this.#token, { headers: { 'content-type': 'application/jwt' } });
  }

  #receive(socket: Socket, data: string | Buffer): void {
    const frame = decodeFrame(new Uint8Array(data as Buffer), FRAME_BYTES_MAX_UP);
    this.frames.push(frame);
    if (controlHello.is(frame)) {
      const welcome = { epoch: ++this.#epoch, heartbeatMs: this.heartbeatMs, limits: this.limits };
      socket.send(encodeFrame(controlWelcome.frame({}, welcome)));
    }
    const { id } = frame.props;
    const isReport = frame.proto === PROTO.status || frame.proto === PROTO.alert || frame.proto === PROTO.inventory;
    if (isReport && this.isAcknowledging && typeof id === 'number')
      socket.send(encodeFrame(controlAck.frame({}, { ids: [id] })));
  }
}
