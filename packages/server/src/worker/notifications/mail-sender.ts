/**
 * Sends the queue of mail (store/mails.ts). A worker that dies leaves its mails to be taken for lost and sent again: at
 * least once, with the same Message-ID and the same bytes.
 */
import {
  MAIL_LOST_MS,
  MAIL_RETRY_FIRST_MS,
  MAIL_RETRY_MAX_MS,
  MAIL_TRIES_MS,
  MAILS_AT_ONCE_MAX,
} from '../../limits.ts';
import type { QueueMailer } from '../../mail/mailer.ts';
import { claimMails, settleMail, type MailClaim, type MailOutcome } from '../../store/mails.ts';
import type { Store } from '../../store/store.ts';

export async function sendMails(
  { database }: Store,
  mailer: Pick<QueueMailer, 'deliver'>,
  now: () => Date,
): Promise<void> {
  for (;;) {
    const claims = await claimMails(database, { limit: MAILS_AT_ONCE_MAX, lostMs: MAIL_LOST_MS, now: now() });
    await Promise.all(
      claims.map(async (claim) => await settleMail(database, claim.id, await send(claim, mailer, now), now())),
    );
    if (claims.length < MAILS_AT_ONCE_MAX) return;
  }
}

async function send(claim: MailClaim, mailer: Pick<QueueMailer, 'deliver'>, now: () => Date): Promise<MailOutcome> {
  const { address: to, ...mail } = claim;
  const delivered = await mailer.deliver({ to, ...mail });
  if (delivered.kind === 'sent') return delivered;
  const { error, isFinal } = delivered;
  const retryAt = retryTimeOf(claim, now());
  return isFinal || !retryAt ? { kind: 'failed', error } : { kind: 'retry', at: retryAt, error };
}

/** Twice as long after each try, spread by half; undefined when it has been tried for long enough. */
export function retryTimeOf(
  { attempts, createdAt }: Pick<MailClaim, 'attempts' | 'createdAt'>,
  now: Date,
  random: () => number = Math.random,
): Date | undefined {
  if (now.getTime() - createdAt.getTime() >= MAIL_TRIES_MS) return undefined;
  const fullMs = Math.min(MAIL_RETRY_FIRST_MS * 2 ** (attempts - 1), MAIL_RETRY_MAX_MS);
  return new Date(now.getTime() + fullMs * (0.5 + random() / 2));
}
