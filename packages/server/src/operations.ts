/** For those who run the system: is it alive, is it ready, what does it count. */
import { collectDefaultMetrics, Registry } from 'prom-client';

export interface Operations {
  readonly registry: Registry;
  /** Answers /livez, /readyz and /metrics; undefined for every other path. */
  answer(path: string, address: string): Promise<Response> | undefined;
}

/** One part that must work before traffic is welcome; `check` throws when it doesn't. */
export interface Readiness {
  readonly name: string;
  check(): Promise<void>;
}

const CHECK_TIMEOUT_MS = 2_000;
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

export function createOperations(parts: readonly Readiness[]): Operations {
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

  return {
    registry,
    answer(path, address) {
      switch (path) {
        case '/livez':
          return Promise.resolve(text('ok\n', 200));
        case '/readyz':
          return ready();
        case '/metrics':
          // Numbers about all tenants are for whoever runs the machine.
          if (!LOOPBACK.test(address)) return Promise.resolve(text('Metrics are read from this machine only.\n', 403));
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
