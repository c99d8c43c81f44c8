/** For those who run the system: is it alive, is it ready, what does it count. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Caller } from './caller.ts';
import { bearerToken } from './tokens.ts';

export interface Operations {
  readonly registry: Registry;
  /** Answers /livez, /readyz and /metrics; undefined for every other path. */
  answer(request: Request, caller: Caller): Promise<Response> | undefined;
}

export interface OperationsOptions {
  /** What must answer before traffic is welcome. */
  readonly parts: readonly Readiness[];
  /** What /metrics asks for; undefined: it answers this machine only. */
  readonly metricsToken: string | undefined;
  /** Names that this machine has: pages of others can point theirs here, but not use ours. */
  readonly hosts: ReadonlySet<string>;
}

/** One part that must work before traffic is welcome; `check` throws when it doesn't. */
export interface Readiness {
  readonly name: string;
  check(): Promise<void>;
}

const CHECK_TIMEOUT_MS = 2_000;
const LOOPBACK = /^127\.|^::1$/;

export function createOperations({ parts, metricsToken, hosts }: OperationsOptions): Operations {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  async function ready(): Promise<Response> {
    const failed: string[] = [];
    for (const { name, check } of parts) {
      const tooLate = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS).unref(),
      );
      await Promise.race([check(), tooLate]).catch(() => failed.push(name));
    }
    return failed.length === 0 ? text('ok\n', 200) : text(`not ready: ${failed.join(', ')}\n`, 503);
  }

  /** Numbers about all tenants are for whoever runs the machine, and not for whom a proxy on it forwards. */
  function mayRead(request: Request, { address, isForwarded }: Caller): boolean {
    if (metricsToken !== undefined) return isEqual(bearerToken(request) ?? '', metricsToken);
    return LOOPBACK.test(address) && !isForwarded && hosts.has(new URL(request.url).hostname);
  }

  return {
    registry,
    answer(request, caller) {
      switch (new URL(request.url).pathname) {
        case '/livez':
          return Promise.resolve(text('ok\n', 200));
        case '/readyz':
          return ready();
        case '/metrics':
          if (!mayRead(request, caller))
            return Promise.resolve(text('Metrics need the bearer token, or are read from this machine only.\n', 403));
          return registry
            .metrics()
            .then((metrics) => new Response(metrics, { headers: { 'content-type': registry.contentType } }));
        default:
          return undefined;
      }
    },
  };
}

function text(body: string, status: number): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}

function isEqual(given: string, expected: string): boolean {
  const hash = (value: string): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
