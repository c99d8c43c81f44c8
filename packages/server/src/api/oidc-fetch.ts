/**
 * `fetch` for what an OpenID Connect provider names: its own address and those of its description. Whoever may add a
 * provider must not reach with it what only this server can (pinned-request.ts). Bounded in time and size.
 */
import type { CustomFetch } from 'openid-client';
import { hostOf, problemOfWebhookUrl } from '../domain/webhook-url.ts';
import { OIDC_ANSWER_BYTES_MAX, OIDC_TIMEOUT_MS } from '../limits.ts';
import { requestAt, resolveAllowed, type PinnedRequest } from '../pinned-request.ts';

/** @param allowPrivate whether private addresses, and plain HTTP to this machine, are allowed */
export function createOidcFetch(allowPrivate: boolean): CustomFetch {
  return async (text, { method, headers, body, signal }) => {
    const problem = problemOfOidcUrl(text, allowPrivate);
    if (problem !== undefined) throw new Error(`${text} is not allowed: ${problem}`);
    const url = new URL(text);
    const address = await resolveAllowed(hostOf(url), allowPrivate);
    const timeout = AbortSignal.timeout(OIDC_TIMEOUT_MS);
    const given = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : undefined;
    return await send(url, address, { method, headers, body: given, signal: signal ?? timeout });
  };
}

/** What is wrong with an address of a provider as far as the text says; undefined: nothing. */
export function problemOfOidcUrl(text: string, allowPrivate: boolean): string | undefined {
  const problem = problemOfWebhookUrl(text, allowPrivate);
  if (problem !== undefined) return problem;
  const url = new URL(text);
  const isLoopback = ['localhost', '127.0.0.1', '::1'].includes(hostOf(url));
  return url.protocol === 'https:' || isLoopback ? undefined : 'It must begin with https://.';
}

function send(url: URL, address: string, given: PinnedRequest): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  requestAt(
    url,
    address,
    given,
    (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > OIDC_ANSWER_BYTES_MAX) response.destroy(new Error(`${url.host} answers with too much.`));
      });
      response.on('error', reject);
      response.on('end', () => {
        const headers = new Headers();
        for (const [name, value] of Object.entries(response.headers))
          for (const one of [value ?? []].flat()) headers.append(name, one);
        const status = response.statusCode ?? 502;
        const hasBody = ![101, 204, 205, 304].includes(status);
        resolve(new Response(hasBody ? Buffer.concat(chunks) : null, { status, headers }));
      });
    },
    reject,
  );
  return promise;
}
