/**
 * Lets Mender's mender-connect work beside this client, over the client's one channel: a WebSocket on this machine, as
 * mender-client offers one (COMPAT 2.6), that takes files, ports and the other sessions this client doesn't serve itself.
 * A channel of mender-connect's own would be a second one of the same device, and each would throw the other out.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { controlClose, decodeFrame, encodeFrame, PROTO, ProtocolError, type Frame } from '@lovely/protocol';
import { CHANNEL_PATH, refuseProto, type ChannelPart, type Handler } from '../channel.ts';
import type { Link } from '../connection.ts';
import { SIDECAR_FRAME_BYTES_MAX } from '../limits.ts';
import type { Log } from '../log.ts';

/** The sessions that are mender-connect's. */
const PROTOS: readonly number[] = [PROTO.filetransfer, PROTO.portforward, PROTO.menderclient];

export interface SidecarOptions {
  /** The device's token of now, which mender-connect must show. */
  token(): string | undefined;
  readonly log: Log;
}

export class MenderSidecar implements ChannelPart {
  readonly #options: SidecarOptions;
  readonly #http: Server;
  readonly #listeners = new Set<() => void>();
  #socket: WebSocket | undefined;
  #link: Link | undefined;

  private constructor(options: SidecarOptions) {
    this.#options = options;
    this.#http = createServer((_request, response) => void response.writeHead(404).end());
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: SIDECAR_FRAME_BYTES_MAX,
    });
    this.#http.on('upgrade', (request, socket, head) => {
      const token = this.#options.token();
      const isAllowed = token !== undefined && request.headers.authorization === `Bearer ${token}`;
      if (request.url === CHANNEL_PATH && isAllowed)
        sockets.handleUpgrade(request, socket, head, (opened) => this.#opened(opened));
      else socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
  }

  /** Listens on a free port of this machine. */
  static async start(options: SidecarOptions): Promise<MenderSidecar> {
    const sidecar = new MenderSidecar(options);
    await new Promise<void>((resolve, reject) => {
      sidecar.#http.once('error', reject);
      sidecar.#http.listen(0, '127.0.0.1', resolve);
    });
    return sidecar;
  }

  /** What mender-connect takes for the server. */
  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** The protos that sessions can use, while mender-connect is there. */
  get protos(): readonly number[] {
    return this.#socket === undefined ? [] : PROTOS;
  }

  get handlers(): [proto: number, handler: Handler][] {
    return PROTOS.map((proto) => [proto, this.#handle]);
  }

  /** The token and the URL, as mender-client tells them; empty without a token. */
  get authorization(): { readonly token: string; readonly server_url: string } {
    const token = this.#options.token();
    return token === undefined ? { token: '', server_url: '' } : { token, server_url: this.url };
  }

  /** Calls `listener` whenever there is a new authorization, until the function that it returns is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  connected(link: Link): void {
    this.#link = link;
    for (const listener of this.#listeners) listener();
  }

  disconnected(): void {
    this.#link = undefined;
  }

  /** A session that the server closes may be one of mender-connect's. */
  sessionClosed(frame: Frame): void {
    if (controlClose.is(frame) && frame.sid !== '') this.#socket?.send(encodeFrame(frame));
  }

  async close(): Promise<void> {
    this.#socket?.terminate();
    await new Promise<void>((resolve) => void this.#http.close(() => resolve()));
  }

  readonly #handle: Handler = (frame, link) => {
    if (this.#socket === undefined) refuseProto(frame, link);
    else this.#socket.send(encodeFrame(frame));
  };

  #opened(socket: WebSocket): void {
    const { log } = this.#options;
    this.#socket?.terminate();
    this.#socket = socket;
    log.info('mender-connect is here');
    socket.on('message', (data, isBinary) => {
      if (isBinary && data instanceof Uint8Array) this.#received(socket, data);
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      log.info('mender-connect has left');
    });
  }

  #received(socket: WebSocket, bytes: Uint8Array): void {
    try {
      const { proto, sid } = decodeFrame(bytes, SIDECAR_FRAME_BYTES_MAX);
      // What belongs to no session is between mender-connect and a server of its own.
      if (sid === '' || !(PROTOS.includes(proto) || proto === PROTO.control)) return;
      // Its sessions wait for acknowledgements of the other side, so a full link is a program gone wild.
      if (this.#link?.isFull) socket.terminate();
      else this.#link?.sendEncoded(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      socket.terminate();
    }
  }
}
