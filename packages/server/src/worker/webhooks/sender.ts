/**
 * Makes the deliveries of webhooks: takes what is due from the database, posts it, and writes down what came of it. A
 * worker that dies leaves its tries to be taken for lost and made again: at least once, with the same `webhook-id`.
 */
import { Webhook } from 'standardwebhooks';
import { WEBHOOK_TEST_EVENT } from '@lovely/api';
import { startTask, type Task } from '../../background-task.ts';
import {
  WEBHOOK_CARE_MS,
  WEBHOOK_DEAD_MS,
  WEBHOOK_FAILURES_BEFORE_REST,
  WEBHOOK_LOST_MS,
  WEBHOOK_REST_MAX_MS,
  WEBHOOK_RETRY_FIRST_MS,
  WEBHOOK_RETRY_MAX_MS,
  WEBHOOK_TICK_MS,
  WEBHOOK_TIMEOUT_MS,
  WEBHOOK_TRIES_MAX,
  WEBHOOK_TRIES_MS,
  WEBHOOK_TRIES_PER_TENANT_MAX,
  WEBHOOK_TRIES_PER_WEBHOOK_MAX,
  WEBHOOK_WAITING_MAX,
} from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { Seal } from '../../seal.ts';
import { webhookSecret } from '../../store/sealed.ts';
import type { Store } from '../../store/store.ts';
import {
  claimDeliveries,
  disableDeadWebhooks,
  noteWebhookFailure,
  noteWebhookSuccess,
  returnDelivery,
  settleDelivery,
  type Claim,
  type Outcome,
} from '../../store/webhook-deliveries.ts';
import { createWakeable } from '../wakeable.ts';
import { post } from './post.ts';

export interface SenderOptions {
  readonly store: Store;
  readonly seal: Seal;
  readonly log: Log;
  readonly allowPrivate: boolean;
}

const USER_AGENT = 'lovely-smart-system';
/** What is under way may take this long to end when the process stops. */
const CLOSE_MS = 3_000;

export function startWebhookSender({ store, seal, log, allowPrivate }: SenderOptions): Task {
  const { database } = store;
  const closing = new AbortController();
  const underWay = new Map<Claim, Promise<void>>();

  function busy(of: (claim: Claim) => string, max: number): string[] {
    const counts = Map.groupBy(underWay.keys(), of);
    return [...counts].filter(([, claims]) => claims.length >= max).map(([id]) => id);
  }

  /** Takes as much as may be under way; again, while there is more of what is not busy. */
  async function take(): Promise<void> {
    while (!closing.signal.aborted && underWay.size < WEBHOOK_TRIES_MAX) {
      const claims = await claimDeliveries(database, {
        limit: WEBHOOK_TRIES_MAX - underWay.size,
        perWebhook: WEBHOOK_TRIES_PER_WEBHOOK_MAX,
        perTenant: WEBHOOK_TRIES_PER_TENANT_MAX,
        lostMs: WEBHOOK_LOST_MS,
        busy: {
          webhookIds: busy(({ webhookId }) => webhookId, WEBHOOK_TRIES_PER_WEBHOOK_MAX),
          tenantIds: busy(({ tenantId }) => tenantId, WEBHOOK_TRIES_PER_TENANT_MAX),
        },
      });
      if (claims.length === 0) return;
      for (const claim of claims) {
        const trying = deliver(claim)
          .catch((error: unknown) =>
            log.error({ error, delivery: claim.id }, 'a delivery could not be settled; it is tried again'),
          )
          .finally(() => {
            underWay.delete(claim);
            taking.wake();
          });
        underWay.set(claim, trying);
      }
    }
  }

  async function deliver(claim: Claim): Promise<void> {
    const outcome = await attempt(claim);
    if (outcome === 'stopped') return await returnDelivery(database, claim);
    const retryMs = outcome.error === null || claim.event === WEBHOOK_TEST_EVENT ? undefined : retryAfterMs(claim);
    await settleDelivery(database, claim, outcome, retryMs);
    if (outcome.error === null) return await noteWebhookSuccess(database, claim.webhookId);
    if (claim.event === WEBHOOK_TEST_EVENT) return;
    const { webhookId: webhook, id: delivery, attempts } = claim;
    log.info({ webhook, delivery, attempts, reason: outcome.error }, 'a webhook could not be delivered');
    await noteWebhookFailure(database, webhook, {
      failuresBeforeRest: WEBHOOK_FAILURES_BEFORE_REST,
      restMaxMs: WEBHOOK_REST_MAX_MS,
    });
  }

  async function attempt(claim: Claim): Promise<Outcome | 'stopped'> {
    const startedMs = performance.now();
    const timeout = AbortSignal.timeout(WEBHOOK_TIMEOUT_MS);
    const done = (status: number | null, error: string | null, responseExcerpt: string | null): Outcome => ({
      status,
      error,
      responseExcerpt,
      durationMs: Math.round(performance.now() - startedMs),
    });
    try {
      const { status, excerpt } = await post(
        { url: claim.url, headers: headersOf(claim), body: claim.payload, allowPrivate },
        AbortSignal.any([timeout, closing.signal]),
      );
      return done(status, problemOf(status), excerpt);
    } catch (error) {
      if (closing.signal.aborted) return 'stopped';
      const late = `No answer within ${WEBHOOK_TIMEOUT_MS / 1000} seconds.`;
      return done(null, timeout.aborted ? late : error instanceof Error ? error.message : String(error), null);
    }
  }

  /** As standardwebhooks 1.1 has them; while a secret is replaced, one signature with each. */
  function headersOf({ id, webhookId, payload, secret, oldSecret }: Claim): Record<string, string> {
    const now = new Date();
    const signatures = [secret, oldSecret]
      .filter((sealed) => sealed !== null)
      .map((sealed) => new Webhook(seal.open(webhookSecret(webhookId), sealed)).sign(id, now, payload));
    return {
      'content-type': 'application/json',
      'user-agent': USER_AGENT,
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    };
  }

  const taking = createWakeable('webhook deliveries', WEBHOOK_TICK_MS, log, take);
  const care = startTask('webhook care', WEBHOOK_CARE_MS, log, async () => {
    const webhooks = await disableDeadWebhooks(database, { deadMs: WEBHOOK_DEAD_MS, waitingMax: WEBHOOK_WAITING_MAX });
    for (const webhook of webhooks) log.warn({ webhook }, 'disabled a webhook: its receiver does not keep up');
  });
  return {
    async close() {
      await Promise.all([taking.close(), care.close()]);
      const deadline = setTimeout(() => closing.abort(), CLOSE_MS);
      await Promise.all(underWay.values());
      clearTimeout(deadline);
    },
  };
}

/** Only 2xx is success; a redirect may lead anywhere and is not followed. */
function problemOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `The receiver answered ${status}; redirects are not followed.`;
  return `The receiver answered ${status}.`;
}

/** Doubles with each try and is spread by half; undefined when the time for tries is over. */
export function retryAfterMs(
  { attempts, triedMs }: Pick<Claim, 'attempts' | 'triedMs'>,
  random: () => number = Math.random,
): number | undefined {
  if (triedMs >= WEBHOOK_TRIES_MS) return undefined;
  const full = Math.min(WEBHOOK_RETRY_FIRST_MS * 2 ** (attempts - 1), WEBHOOK_RETRY_MAX_MS);
  return full * (0.5 + random() / 2);
}
