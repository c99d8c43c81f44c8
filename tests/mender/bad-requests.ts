/** What every endpoint of the server must refuse or survive, request by request; long/limits.test.ts sends all of them. */
import { BODY_BYTES_MAX } from '@lovely/api';
import { listEndpoints, type HttpEndpoint } from './endpoints.ts';
import { BAD_NAMES, NO_JSON, ODD_JSON, spoil } from './garbage.ts';
import type { Probe } from './probe.ts';

export interface BadRequests {
  /** With the codes of errors that are right for them. */
  readonly [what: string]: { readonly probes: readonly Probe[]; readonly isExpected: (code: string) => boolean };
}

export function listBadRequests(): BadRequests {
  const endpoints = listEndpoints();
  const withBody = endpoints.filter(({ body }) => body !== undefined);
  return {
    'a body that is no JSON': {
      probes: withBody.flatMap((endpoint) => NO_JSON.map((body) => ({ endpoint, body }))),
      isExpected: (code) => code !== 'ok',
    },
    'any JSON, and a good body gone bad in any place': {
      probes: withBody.flatMap((endpoint) =>
        [...ODD_JSON, ...spoil(endpoint.body).map((value) => JSON.stringify(value))].map((body) => ({
          endpoint,
          body,
        })),
      ),
      isExpected: () => true,
    },
    'a bad name': {
      probes: endpoints.flatMap((endpoint) =>
        [...endpoint.path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) =>
          BAD_NAMES.map((bad) => ({ endpoint, params: { [name!]: bad }, ...bodyOf(endpoint) })),
        ),
      ),
      isExpected: (code) => code === 'not-found',
    },
    'any query': {
      probes: endpoints.flatMap((endpoint) =>
        endpoint.query.flatMap((name) =>
          BAD_NAMES.map((bad) => ({ endpoint, query: `${name}=${bad}`, ...bodyOf(endpoint) })),
        ),
      ),
      isExpected: () => true,
    },
  };
}

/** A body that is too large for each endpoint that reads one, with its length told and without. */
export function listTooLarge(): Probe[] {
  const withBody = listEndpoints().filter(({ body }) => body !== undefined);
  return withBody.flatMap((endpoint) => {
    const body = JSON.stringify('x'.repeat(endpoint.bodyBytesMax ?? BODY_BYTES_MAX));
    return [
      { endpoint, body },
      { endpoint, body: new Blob([body]).stream() },
    ];
  });
}

/** Some of them for each endpoint: the step is a prime, so that each kind of garbage meets some endpoint. */
export function someOf(probes: readonly Probe[]): Probe[] {
  return probes.filter((_, at) => at % 7 === 0);
}

export function bodyOf({ body }: HttpEndpoint): { body?: string } {
  return body === undefined ? {} : { body: JSON.stringify(body) };
}
