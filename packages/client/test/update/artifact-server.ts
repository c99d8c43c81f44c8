/** Serves artifacts as the backend does, with parts and ETags, and as badly as a test wants. */
import { createHash } from 'node:crypto';
import type { Server } from 'bun';
import type { UpdateOffer } from '@lovely/protocol';

interface Served {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export class ArtifactServer {
  /** Requests so far, by their Range. */
  readonly ranges: (string | null)[] = [];
  /** Decides on a request before it is answered as it should be. */
  interfere: ((range: string | null, count: number) => Response | undefined) | undefined;
  /** Ends each answer after so many bytes. */
  cutAfterBytes = Infinity;
  knowsRanges = true;
  readonly #served = new Map<string, Served>();
  readonly #server: Server<undefined>;

  constructor() {
    this.#server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => this.#answer(request) });
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#server.port}`);
  }

  /** Puts bytes at a path; tells what an offer says of them. */
  serve(path: string, name: string, bytes: Uint8Array): UpdateOffer['artifact'] {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#served.set(path, { bytes, etag: `"${sha256}"` });
    return { name, bytes: bytes.length, sha256, path, expiresMs: 253_000_000_000_000 };
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  #answer(request: Request): Response {
    const { pathname } = new URL(request.url);
    const range = request.headers.get('range');
    this.ranges.push(range);
    const other = this.interfere?.(range, this.ranges.length);
    if (other) return other;
    const served = this.#served.get(pathname);
    if (!served) return new Response(null, { status: 404 });
    const { bytes, etag } = served;
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const isPart = this.knowsRanges && from !== undefined;
    const ifRange = request.headers.get('if-range');
    if (!isPart || (ifRange !== null && ifRange !== etag))
      return new Response(this.#body(bytes), { headers: { etag, 'content-length': String(bytes.length) } });
    const part = bytes.subarray(Number(from), Number(to) + 1);
    const contentRange = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    return new Response(this.#body(part), { status: 206, headers: { etag, 'content-range': contentRange } });
  }

  #body(bytes: Uint8Array): Uint8Array<ArrayBuffer> | ReadableStream {
    if (bytes.length <= this.cutAfterBytes) return new Uint8Array(bytes);
    const head = bytes.slice(0, this.cutAfterBytes);
    return new ReadableStream({
      async start(controller) {
        controller.enqueue(head);
        await Bun.sleep(5);
        controller.error(new Error('cut'));
      },
    });
  }
}
