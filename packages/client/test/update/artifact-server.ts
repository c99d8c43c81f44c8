/** Serves artifacts as the backend does, with parts and ETags, and as badly as a test wants. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UpdateOffer } from '@lovely/protocol';

interface Served {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export class ArtifactServer {
  /** Requests so far, by their Range. */
  readonly ranges: (string | undefined)[] = [];
  /** Called with the number of each request; what it returns is the answer. */
  interfere: ((count: number) => { status: number; location?: string } | undefined) | undefined;
  /** Each connection is cut after so many bytes. */
  cutAfterBytes = Infinity;
  knowsRanges = true;
  readonly #served = new Map<string, Served>();
  readonly #server: Server;

  static async start(): Promise<ArtifactServer> {
    const server = createServer((request, response) => artifacts.#answer(request, response));
    const artifacts = new ArtifactServer(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return artifacts;
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  /** Puts bytes at a path; tells what an offer says of them. */
  serve(path: string, name: string, bytes: Uint8Array): UpdateOffer['artifact'] {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#served.set(path, { bytes, etag: `"${sha256}"` });
    return { name, bytes: bytes.length, sha256, path, expiresMs: 253_000_000_000_000 };
  }

  async stop(): Promise<void> {
    const stopped = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await stopped;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { range, 'if-range': ifRange } = request.headers;
    this.ranges.push(range);
    const other = this.interfere?.(this.ranges.length);
    if (other) {
      response.writeHead(other.status, other.location === undefined ? {} : { location: other.location }).end();
      return;
    }
    const served = this.#served.get(request.url ?? '');
    if (!served) {
      response.writeHead(404).end();
      return;
    }
    const { bytes, etag } = served;
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const isPart = this.knowsRanges && from !== undefined && (ifRange === undefined || ifRange === etag);
    const part = isPart ? bytes.subarray(Number(from), Number(to) + 1) : bytes;
    const contentRange = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    response.writeHead(isPart ? 206 : 200, {
      etag,
      'content-length': part.length,
      ...(isPart ? { 'content-range': contentRange } : {}),
    });
    if (part.length <= this.cutAfterBytes) response.end(part);
    else response.write(part.subarray(0, this.cutAfterBytes), () => setTimeout(() => request.socket.destroy(), 5));
  }
}
