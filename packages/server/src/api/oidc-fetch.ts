/**
 * `fetch` for what an OpenID Connect provider names: its own address and those of its description. Whoever may add a
 * provider must not reach with it what only this server can, so a name is resolved once, judged, and the connection goes
 * to that very address. No redirects, no pooled connections, bounded in time and size.
 */
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import type { CustomFetch } from 'openid-client';
import { hostOf, isPublicAddress, problemOfWebhookUrl } from '../domain/webhook-url.ts';
import { OIDC_ANSWER_BYTES_MAX, OIDC_TIMEOUT_MS } from '../limits.ts';
import { readAddress } from '../network.ts';

/** @param allowPrivate whether private addresses, and plain HTTP to this machine, are allowed */
export function createOidcFetch(allowPrivate: boolean): CustomFetch {
  return async (text, { method, headers, body, signal }) => {
    const problem = problemOfOidcUrl(text, allowPrivate);
    if (problem !== undefined) throw new Error(`${text} is not allowed: ${problem}`);
    const url = new URL(text);
    const address = await resolve(hostOf(url), allowPrivate);
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

/** All that a name stands for must be allowed: which of them answers is not ours to choose. */
async function resolve(host: string, allowPrivate: boolean): Promise<string> {
  const literal = readAddress(host);
  const addresses =
    literal === undefined ? (await lookup(host, { all: true })).map(({ address }) => address) : [literal];
  if (!allowPrivate && !addresses.every(isPublicAddress)) throw new Error(`${host} leads into a private network.`);
  return addresses[0]!;
}

function send(
  url: URL,
  address: string,
  given: { method: string; headers: Record<string, string>; body: string | undefined; signal: AbortSignal },
): Promise<Response> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<Response>();
  const isTls = url.protocol === 'https:';
  const host = hostOf(url);
  const request = (isTls ? https : http).request(
    {
      host: address,
      port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      method: given.method,
      headers: {
        ...given.headers,
        host: url.host,
        ...(given.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(given.body)) }),
      },
      agent: false,
      signal: given.signal,
      // The certificate must be the name's, not the address's.
      ...(isTls && readAddress(host) === undefined ? { servername: host } : {}),
    },
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
        settle(new Response(hasBody ? Buffer.concat(chunks) : null, { status, headers }));
      });
    },
  );
  request.on('error', reject);
  request.end(given.body);
  return promise;
}
