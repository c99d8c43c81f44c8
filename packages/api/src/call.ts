/** The typed client of the HTTP API, for the browser and the command line. */
import type { Body, Endpoint, Params, Query, Result } from './endpoint.ts';
import { problem, type Problem } from './nouns.ts';

/** The server's answer was an error; `problem.code` is from the catalogue. */
export class ApiError extends Error {
  readonly problem: Problem;
  /** How long to wait before it is worth trying again, where the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(of: Problem, retryAfterSeconds?: number) {
    super(of.detail);
    this.name = 'ApiError';
    this.problem = of;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface CallInput<E extends Endpoint> {
  readonly params?: Params<E>;
  readonly query?: Partial<Query<E>>;
  readonly body?: Body<E>;
}

/** What `call` needs of the platform; the browser's and Bun's `fetch` fit. */
export interface HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<HttpResponse>;

/** Calls an endpoint and returns its typed result. Throws ApiError for an error answer, else what `fetch` throws. */
export async function call<E extends Endpoint>(
  fetch: Fetch,
  origin: string,
  to: E,
  input: CallInput<E> = {},
  headers: Record<string, string> = {},
): Promise<Result<E>> {
  const response = await fetch(origin + urlOf(to, input), {
    method: to.method,
    headers: {
      accept: 'application/json',
      ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new ApiError(problemOf(response.status, text), retryAfterOf(response));
  return to.result.parse(to.status === 204 ? undefined : JSON.parse(text)) as Result<E>;
}

function urlOf<E extends Endpoint>(to: E, input: CallInput<E>): string {
  const params: Record<string, unknown> = { ...(input.params as object) };
  const path = to.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key])));
  const query = Object.entries({ ...(input.query as object) })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

/** In seconds; our server never sends the header's other form, a date (RFC 9110, 10.2.3). */
function retryAfterOf(response: HttpResponse): number | undefined {
  const value = response.headers.get('retry-after');
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}

function problemOf(status: number, text: string): Problem {
  try {
    return problem.parse(JSON.parse(text));
  } catch {
    return {
      type: 'about:blank',
      title: 'Unexpected answer',
      status,
      code: 'unexpected-answer',
      detail: `The server answered with status ${status}.`,
      requestId: '',
    };
  }
}
