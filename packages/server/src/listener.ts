/**
 * The one place that knows the web server: HTTP requests go to a function, WebSockets to the object that owns them.
 * An owner is stored as the socket's data itself, so that a million idle sockets carry no closures of their own.
 */
import type { Server } from 'bun';
import { UPLOAD_BYTES_MAX } from '@lovely/api';
import { isBulk } from './bulk-paths.ts';
import { BULK_IDLE_SECONDS } from './software-limits.ts';

/** Gets everything that happens to one WebSocket. */
export interface SocketOwner {
  opened(socket: Socket): void;
  /** One binary message; text is refused before it gets here. The bytes are the owner's to keep. */
  received(socket: Socket, bytes: Uint8Array): void;
  /** What was queued has been written. */
  drained(socket: Socket): void;
  closed(socket: Socket, code: number, reason: string): void;
}

export interface Socket {
  /** Bytes written, -1 when they are queued behind others, 0 when they are dropped because the socket is closed. */
  send(bytes: Uint8Array): number;
  close(code: number, reason: string): void;
  /** Ends the connection without a closing handshake. */
  terminate(): void;
  getBufferedAmount(): number;
}

/** What a request is answered with: a response, or the owner of the WebSocket that it becomes. */
export type Answer = Response | SocketOwner;

export interface ListenerOptions {
  readonly hostname: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** A socket that says nothing for this long, not even a pong, is closed. */
  readonly idleTimeoutMs: number;
  readonly frameBytesMax: number;
  readonly bufferBytesMax: number;
  /** Lets several processes of one machine share the port. */
  readonly reusePort?: boolean;
  answer(request: Request, address: string): Answer | Promise<Answer>;
}

export interface Listener {
  readonly port: number;
  /** Stops accepting; open sockets and running requests go on. */
  stop(): void;
  /** Ends everything that is still open. */
  close(): Promise<void>;
}

const TEXT_REFUSED = 1003;
/** Routes that read a body hold it to less; this keeps everything else from being read at all. */
const REQUEST_BYTES_MAX = 16 * 1024 * 1024;
/** The parts of a form around an artifact. */
const FORM_BYTES_MAX = 1024 * 1024;

export function listen(options: ListenerOptions): Listener {
  const server: Server<SocketOwner> = Bun.serve<SocketOwner>({
    hostname: options.hostname,
    port: options.port,
    ...(options.tls ? { tls: { cert: options.tls.cert, key: options.tls.key } } : {}),
    reusePort: options.reusePort ?? false,
    // Bun knows one limit for all; a body that nobody reads stays with its sender.
    maxRequestBodySize: UPLOAD_BYTES_MAX + FORM_BYTES_MAX,
    // Or Bun would answer a bug with a page that shows paths and sources.
    development: false,
    async fetch(request, on) {
      // Without a good Host header there is no URL to speak of (RFC 9112 section 3.2).
      if (!URL.canParse(request.url)) return new Response('A Host header is needed.\n', { status: 400 });
      if (isBulk(request.method, new URL(request.url).pathname)) on.timeout(request, BULK_IDLE_SECONDS);
      else if (Number(request.headers.get('content-length') ?? 0) > REQUEST_BYTES_MAX)
        return new Response('The body is too large.\n', { status: 413, headers: { connection: 'close' } });
      const answer = await options.answer(request, on.requestIP(request)?.address ?? '');
      if (answer instanceof Response) return answer;
      if (on.upgrade(request, { data: answer })) return undefined;
      return new Response('This path takes WebSockets only.\n', { status: 426, headers: { upgrade: 'websocket' } });
    },
    websocket: {
      maxPayloadLength: options.frameBytesMax,
      backpressureLimit: options.bufferBytesMax,
      closeOnBackpressureLimit: true,
      idleTimeout: idleSeconds(options.idleTimeoutMs),
      sendPings: true,
      perMessageDeflate: false,
      open: (socket) => socket.data.opened(socket),
      message(socket, message) {
        if (typeof message === 'string') socket.close(TEXT_REFUSED, 'send binary messages');
        else socket.data.received(socket, message);
      },
      drain: (socket) => socket.data.drained(socket),
      close: (socket, code, reason) => socket.data.closed(socket, code, reason),
    },
  });
  return {
    port: server.port ?? options.port,
    stop: () => void server.stop(false),
    close: () => server.stop(true),
  };
}

/** Bun counts in whole seconds from 8 to 960. */
function idleSeconds(timeoutMs: number): number {
  return Math.min(960, Math.max(8, Math.ceil(timeoutMs / 1000)));
}
