/**
 * HTTP requests to whom somebody outside has named: the name is resolved once, judged, and the connection goes to that very
 * address, so that a name can't change its mind in between. No redirects, no pooled connections.
 */
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { hostOf, isPublicAddress } from './domain/webhook-url.ts';
import { readAddress } from './network.ts';

export interface PinnedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * The address to connect to. All that a name stands for must be allowed: which of them answers is not ours to choose.
 * Throws an Error that says in words for people what is wrong with the name.
 */
export async function resolveAllowed(host: string, allowPrivate: boolean): Promise<string> {
  const literal = readAddress(host);
  const addresses = literal === undefined ? await lookUp(host) : [literal];
  const first = addresses[0];
  if (first === undefined) throw new Error(`The name ${host} is not known.`);
  if (!allowPrivate && !addresses.every(isPublicAddress))
    throw new Error(`The name ${host} leads into a private network, which is not allowed.`);
  return first;
}

async function lookUp(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new Error(`The name ${host} is not known.`, { cause });
  }
}

/** Sends a request for the URL to this address; what goes wrong before the answer begins goes to `failed`. */
export function requestAt(
  url: URL,
  address: string,
  { method, headers, body, signal }: PinnedRequest,
  answered: (response: http.IncomingMessage) => void,
  failed: (error: Error) => void,
): void {
  const isTls = url.protocol === 'https:';
  const host = hostOf(url);
  const request = (isTls ? https : http).request(
    {
      host: address,
      port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      method,
      headers: {
        ...headers,
        host: url.host,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
      agent: false,
      signal,
      // The certificate must be the name's, not the address's.
      ...(isTls && readAddress(host) === undefined ? { servername: host } : {}),
    },
    answered,
  );
  request.on('error', failed);
  request.end(body);
}
