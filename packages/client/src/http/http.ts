/** The seam for HTTP requests: bun.ts and node.ts carry them out. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Of the Retry-After header, when it holds seconds. */
  readonly retryAfterMs: number | undefined;
  readonly body: string;
}

/** Rejects with ClientError 'unreachable' when no complete answer comes in time, 'bad-answer' when it is too long. */
export type Http = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** An answer whose body is read as it arrives. */
export interface DownloadAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  /** Throws when the rest doesn't come. Whoever doesn't read it to its end aborts the signal of the download. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A GET without limits of time and size: those are the caller's. Rejects with ClientError 'unreachable'. */
export type Download = (
  url: string,
  headers: { readonly [name: string]: string },
  signal: AbortSignal,
) => Promise<DownloadAnswer>;

/** How to reach the server and whom to believe that it is the server. */
export interface Network {
  /** PEM certificates of the only authorities that count; undefined: those that the runtime trusts. */
  readonly authorities: readonly string[] | undefined;
  /** Shown to a proxy that asks for client certificates. */
  readonly certificate?: { readonly chain: string; readonly key: string } | undefined;
  /** URL of an HTTP proxy to go through. */
  readonly proxy: string | undefined;
}

export function retryAfterMs(header: string | null | undefined): number | undefined {
  return header && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
