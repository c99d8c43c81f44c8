/**
 * One POST to a receiver that somebody named: the name is resolved once, judged, and the connection goes to that very
 * address, so that a name can't change its mind in between. No redirects, no pooled connections, bounded in time and size.
 */
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { hostOf, isPublicAddress, problemOfWebhookUrl } from '../../domain/webhook-url.ts';
import { WEBHOOK_EXCERPT_LENGTH_MAX, WEBHOOK_RESPONSE_BYTES_MAX } from '../../limits.ts';
import { readAddress } from '../../network.ts';

export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether private addresses and plain HTTP are allowed. */
  readonly allowPrivate: boolean;
}

export interface Posted {
  readonly status: number;
  /** How the answer begins. */
  readonly excerpt: string;
}

/** Throws an Error that says in words for people why there is no answer. */
export async function post({ url: text, headers, body, allowPrivate }: Posting, signal: AbortSignal): Promise<Posted> {
  const problem = problemOfWebhookUrl(text, allowPrivate);
  if (problem !== undefined) throw new Error(`The URL is not allowed: ${problem}`);
  const url = new URL(text);
  const address = await within(signal, resolve(hostOf(url), allowPrivate));
  return await send(url, address, headers, body, signal);
}

/** The address to connect to. All that a name stands for must be allowed: which of them answers is not ours to choose. */
async function resolve(host: string, allowPrivate: boolean): Promise<string> {
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

function send(
  url: URL,
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<Posted> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<Posted>();
  const fail = (error: Error): void =>
    reject(signal.aborted ? reasonOf(signal) : new Error(wordsOf(error), { cause: error }));
  const isTls = url.protocol === 'https:';
  const host = hostOf(url);
  const bytes = Buffer.from(body);
  const request = (isTls ? https : http).request(
    {
      host: address,
      port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      method: 'POST',
      headers: { ...headers, host: url.host, 'content-length': String(bytes.length) },
      agent: false,
      signal,
      // The certificate must be the name's, not the address's.
      ...(isTls && readAddress(host) === undefined ? { servername: host } : {}),
    },
    (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void =>
        settle({ status: response.statusCode ?? 0, excerpt: excerptOf(Buffer.concat(chunks)) });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size < WEBHOOK_RESPONSE_BYTES_MAX) return;
        finish();
        response.destroy();
      });
      response.on('end', finish);
      response.on('error', fail);
    },
  );
  request.on('error', fail);
  request.end(bytes);
  return promise;
}

/** Text that PostgreSQL takes and a page can show. */
function excerptOf(bytes: Buffer): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 4 * WEBHOOK_EXCERPT_LENGTH_MAX));
  // oxlint-disable-next-line no-control-regex -- exactly these must not get through
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd').slice(0, WEBHOOK_EXCERPT_LENGTH_MAX);
}

async function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(reasonOf(signal));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('The try was ended.');
}

function wordsOf(error: Error & { code?: string }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
    case 'ConnectionRefused':
      return 'Nothing listens at the address.';
    case 'ECONNRESET':
      return 'The receiver broke the connection off.';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'The certificate of the receiver is for another name.';
    case 'CERT_HAS_EXPIRED':
      return 'The certificate of the receiver has expired.';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'The certificate of the receiver is of an authority that nobody knows.';
    default:
      return `The connection failed${error.code === undefined ? '' : ` (${error.code})`}.`;
  }
}
