/** A small real server for one gateway that is updated: it lets it in, offers an artifact, has it downloaded, keeps what is told. */
import { readFileSync } from 'node:fs';
import type { Server, ServerWebSocket } from 'bun';
import { AUTHENTICATION_PATH, CHANNEL_PATH } from '@lovely/client';
import {
  controlAck,
  controlHello,
  controlWelcome,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  updateLog,
  updateOffer,
  updateProvides,
  updateState,
  type Frame,
  type UpdateOffer,
  type UpdateReport,
} from '@lovely/protocol';
import { until } from '../wait.ts';

const CERTIFICATES = new URL('../../../packages/client/test/tls/', import.meta.url).pathname;
const FINAL = ['success', 'failure', 'already-installed'];
const HOUR_MS = 3600_000;
const OFFER_AGAIN_MS = 500;

export interface OfferedArtifact {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export class UpdateServer implements AsyncDisposable {
  readonly ca = readFileSync(`${CERTIFICATES}ca.crt`, 'utf8');
  /** What was told of the updates, over all connections, each once. */
  readonly reports: UpdateReport[] = [];
  /** The texts of all logs that came. */
  readonly log: string[] = [];
  /** What the gateway told last that it provides. */
  provides: { readonly [name: string]: string } = {};
  readonly #server: Server<undefined>;
  readonly #seen = new Set<number>();
  /** A gateway that is still busy with the end of another update takes no offer. */
  readonly #asking = setInterval(() => {
    if (this.#offer && this.reportsOf(this.#offer.deployment).length === 0) this.#tell();
  }, OFFER_AGAIN_MS);
  #socket: ServerWebSocket<undefined> | undefined;
  #epoch = 0;
  #offer: UpdateOffer | undefined;
  #artifact: Uint8Array = new Uint8Array();

  constructor() {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: {
        cert: readFileSync(`${CERTIFICATES}localhost.crt`),
        key: readFileSync(`${CERTIFICATES}localhost.key`),
      },
      fetch: (request, server) => this.#fetch(request, server),
      websocket: {
        data: undefined,
        open: (socket) => void (this.#socket = socket),
        message: (socket, data) =>
          this.#receive(socket, decodeFrame(new Uint8Array(data as Buffer), FRAME_BYTES_MAX_UP)),
        close: (socket) => {
          if (this.#socket === socket) this.#socket = undefined;
        },
      },
    });
  }

  get url(): string {
    return `https://localhost:${this.#server.port}`;
  }

  /** Offers it now, after each hello until its last report has come, and again and again until it is answered. */
  offer(deployment: string, { name, bytes }: OfferedArtifact, more: Partial<UpdateOffer> = {}): void {
    this.#artifact = bytes;
    this.#offer = {
      deployment,
      attempt: 1,
      artifact: {
        name,
        bytes: bytes.length,
        sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
        path: `/artifacts/${deployment}`,
        expiresMs: Date.now() + HOUR_MS,
      },
      ...more,
    };
    this.#tell();
  }

  reportsOf(deployment: string): UpdateReport[] {
    return this.reports.filter((report) => report.deployment === deployment);
  }

  /** What ended the deployment; undefined while it goes on. */
  lastOf(deployment: string): UpdateReport | undefined {
    return this.reportsOf(deployment).find(({ state, substate }) => FINAL.includes(state) && substate === undefined);
  }

  /** Waits until the gateway says that this is its software. */
  async toldToProvide(name: string, when: string): Promise<void> {
    await until(
      `${name} is provided (${when}), which was last told as ${this.provides.artifact_name}`,
      () => this.provides.artifact_name === name,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#asking);
    await this.#server.stop(true);
  }

  #tell(): void {
    if (this.#offer && this.lastOf(this.#offer.deployment) === undefined)
      this.#socket?.send(encodeFrame(updateOffer.frame({}, this.#offer)));
  }

  #fetch(request: Request, server: Server<undefined>): Response | undefined {
    const { pathname } = new URL(request.url);
    if (pathname === AUTHENTICATION_PATH)
      return new Response('token', { headers: { 'content-type': 'application/jwt' } });
    if (pathname === CHANNEL_PATH)
      return server.upgrade(request, { data: undefined }) ? undefined : new Response(null, { status: 400 });
    if (pathname !== `/artifacts/${this.#offer?.deployment}`) return new Response(null, { status: 404 });
    return this.#download(request.headers.get('range') ?? '');
  }

  #download(range: string): Response {
    const { length } = this.#artifact;
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    const end = to === '' ? length : Math.min(Number(to) + 1, length);
    return new Response(this.#artifact.slice(Number(from), end), {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${end - 1}/${length}`, etag: `"${this.#offer!.artifact.sha256}"` },
    });
  }

  #receive(socket: ServerWebSocket<undefined>, frame: Frame): void {
    if (controlHello.is(frame)) {
      const limits = { frameBytes: FRAME_BYTES_MAX_UP, messagesPerSecond: 1000, unackedMessages: 32 };
      socket.send(encodeFrame(controlWelcome.frame({}, { epoch: ++this.#epoch, heartbeatMs: 60_000, limits })));
      this.#tell();
    }
    const { id } = frame.props;
    if (typeof id === 'number') {
      if (!this.#seen.has(id)) this.#keep(frame);
      this.#seen.add(id);
      socket.send(encodeFrame(controlAck.frame({}, { ids: [id] })));
    }
  }

  #keep(frame: Frame): void {
    if (updateState.is(frame)) this.reports.push(updateState.read(frame).body);
    if (updateProvides.is(frame)) this.provides = updateProvides.read(frame).body.values;
    if (updateLog.is(frame)) this.log.push(...updateLog.read(frame).body.lines.map(({ message }) => message));
  }
}
