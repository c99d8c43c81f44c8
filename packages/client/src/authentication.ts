/** How a gateway gets its token: a signed request that an operator accepts (Mender's, COMPAT 2.1). */
import { backoff } from './backoff.ts';
import { sleep, type Clock } from './clock.ts';
import { ClientError, describeError } from './error.ts';
import type { Http } from './http/http.ts';
import type { Identity } from './identity.ts';
import type { Keys } from './keys.ts';
import {
  PENDING_FIRST_MS,
  PENDING_GROWTH,
  PENDING_MAX_MS,
  RECONNECT_FIRST_MS,
  RECONNECT_MAX_MS,
  RETRY_AFTER_MS_MAX,
} from './limits.ts';
import type { Log } from './log.ts';

export const AUTHENTICATION_PATH = '/api/devices/v1/authentication/auth_requests';

/** What else speaks for a gateway that is not accepted yet. */
export interface Credentials {
  readonly joinCode?: string | undefined;
  /** PEM, the gateway's own certificate first. */
  readonly certificateChain?: string | undefined;
}

/**
 * The body of an authentication request and the headers that go with it; the signatures cover the body as it is.
 * @param previous the key that `identity` is to take the place of, which vouches for it
 */
export function authenticationRequest(
  identity: Identity,
  { joinCode = '', certificateChain }: Credentials = {},
  previous?: Identity,
): { headers: { [name: string]: string }; body: string } {
  const content = {
    id_data: identity.idData,
    tenant_token: joinCode,
    pubkey: identity.publicKey,
    ...(certificateChain === undefined ? {} : { certificate_chain: certificateChain }),
  };
  const body = `${JSON.stringify(content)}\n`;
  const signedBy = ({ sign }: Identity): string => Buffer.from(sign(new TextEncoder().encode(body))).toString('base64');
  return {
    headers: {
      'content-type': 'application/json',
      'x-men-signature': signedBy(identity),
      ...(previous ? { 'x-lovely-previous-signature': signedBy(previous) } : {}),
    },
    body,
  };
}

export type AuthenticationAnswer =
  | { readonly kind: 'accepted'; readonly token: string }
  /** Nobody accepted the gateway yet, or somebody rejected it. */
  | { readonly kind: 'pending'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs: number | undefined };

/** Asks once. Rejects only for bugs: an unreachable server is an answer too. */
export async function requestToken(
  http: Http,
  server: URL,
  identity: Identity,
  signal: AbortSignal,
  credentials?: Credentials,
  previous?: Identity,
): Promise<AuthenticationAnswer> {
  try {
    const url = new URL(AUTHENTICATION_PATH, server).href;
    const { status, body, retryAfterMs } = await http(
      { method: 'POST', url, ...authenticationRequest(identity, credentials, previous) },
      signal,
    );
    const token = body.trim();
    if (status === 200 && TOKEN.test(token)) return { kind: 'accepted', token };
    if (status === 401) return { kind: 'pending', reason: reasonIn(body) };
    return { kind: 'unavailable', reason: `status ${status}: ${reasonIn(body)}`, retryAfterMs };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { kind: 'unavailable', reason: describeError(error), retryAfterMs: undefined };
  }
}

/** What may stand in an Authorization header (RFC 6750 section 2.1). */
/** What a JWT says it is about; the server alone judges whether that is true. */
function subjectOf(token: string): string | undefined {
  try {
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub?: unknown };
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

const TOKEN = /^[\w.~+/-]+=*$/;

/** Mender's error body is {"error": "text"}. */
function reasonIn(body: string): string {
  const REASON_LENGTH_MAX = 200;
  try {
    const content: unknown = JSON.parse(body);
    if (typeof content === 'object' && content !== null && 'error' in content)
      return String(content.error).slice(0, REASON_LENGTH_MAX);
  } catch {
    // Not JSON: an answer of something on the way, such as a proxy.
  }
  return body.trim().slice(0, REASON_LENGTH_MAX);
}

export interface TokensOptions {
  readonly http: Http;
  readonly server: URL;
  readonly keys: Keys;
  /** Shown until the server accepts the gateway. */
  readonly credentials?: Credentials | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Keeps the token in memory and asks for a new one, for ever, when there is none. */
export class Tokens {
  readonly #options: TokensOptions;
  #credentials: Credentials | undefined;
  #token: string | undefined;
  #obtaining: Promise<string | undefined> | undefined;

  constructor(options: TokensOptions) {
    this.#options = options;
    this.#credentials = options.credentials;
  }

  /** Forgets the token, because the server no longer takes it. */
  discard(): void {
    this.#token = undefined;
  }

  /** The token, if there is one in this moment. */
  get current(): string | undefined {
    return this.#token;
  }

  /** The server's id of this gateway, as the token names it; undefined without a token. */
  get deviceId(): string | undefined {
    return this.#token === undefined ? undefined : subjectOf(this.#token);
  }

  /** The token, or undefined when `signal` was aborted before there was one. */
  async get(signal: AbortSignal): Promise<string | undefined> {
    if (this.#token !== undefined) return this.#token;
    this.#obtaining ??= this.#obtain(signal).finally(() => (this.#obtaining = undefined));
    return (this.#token = await this.#obtaining);
  }

  /** Makes a new key and has it take the current one's place, without a new acceptance. */
  async renewKey(signal: AbortSignal): Promise<void> {
    const { keys } = this.#options;
    keys.prepare();
    // Somebody may be asking already, with the current key.
    while (keys.next && !signal.aborted) {
      this.discard();
      await this.get(signal);
    }
  }

  async #obtain(signal: AbortSignal): Promise<string | undefined> {
    const { keys, clock, random, log } = this.#options;
    const pending = () =>
      backoff({ firstMs: PENDING_FIRST_MS, maxMs: PENDING_MAX_MS, factor: PENDING_GROWTH, steadyShare: 0.75, random });
    const unavailable = () =>
      backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS, factor: 2, steadyShare: 0, random });
    let last = '';
    for (let waits = pending(); !signal.aborted;) {
      const answer = await this.#ask(signal);
      if (signal.aborted) return undefined;
      if (answer.kind === 'accepted') {
        log.info('accepted');
        this.#credentials = undefined;
        return answer.token;
      }
      if (answer.kind !== last) waits = answer.kind === 'pending' ? pending() : unavailable();
      // The same news a hundred times would only wear the log's flash.
      if (answer.kind !== last && answer.kind === 'pending')
        log.info('waiting to be accepted', { fingerprint: keys.current.fingerprint, reason: answer.reason });
      if (answer.kind !== last && answer.kind === 'unavailable')
        log.warn('server not available', { reason: answer.reason });
      last = answer.kind;
      const imposedMs = answer.kind === 'unavailable' ? Math.min(answer.retryAfterMs ?? 0, RETRY_AFTER_MS_MAX) : 0;
      await sleep(clock, imposedMs + waits.next().value, signal);
    }
    return undefined;
  }

  /**
   * Asks with the next key, if there is one, then with the current. An answer that was lost is no harm: the server knows
   * the next key by then and gives it a token again.
   */
  async #ask(signal: AbortSignal): Promise<AuthenticationAnswer> {
    const { http, server, keys, log } = this.#options;
    const { current, next } = keys;
    if (next) {
      const answer = await requestToken(http, server, next, signal, this.#credentials, current);
      if (answer.kind === 'accepted') {
        keys.promote();
        log.info('key renewed', { fingerprint: next.fingerprint });
      }
      if (answer.kind !== 'pending') return answer;
    }
    const answer = await requestToken(http, server, current, signal, this.#credentials);
    if (next && answer.kind === 'accepted') {
      keys.abandon();
      log.warn('the server did not take the new key');
    }
    return answer;
  }
}
