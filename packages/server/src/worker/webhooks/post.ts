/** One POST to a receiver that somebody named (pinned-request.ts), bounded in time and size. */
import { hostOf, problemOfWebhookUrl } from '../../domain/webhook-url.ts';
import { WEBHOOK_EXCERPT_LENGTH_MAX, WEBHOOK_RESPONSE_BYTES_MAX } from '../../limits.ts';
import { requestAt, resolveAllowed } from '../../pinned-request.ts';

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
  const address = await within(signal, resolveAllowed(hostOf(url), allowPrivate));
  return await send(url, address, headers, body, signal);
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
  requestAt(
    url,
    address,
    { method: 'POST', headers, body, signal },
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
    fail,
  );
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
