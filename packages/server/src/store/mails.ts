/** The queue of mail that outlives a process: written with what it tells of, sent by workers, every time the same bytes. */
import { sql } from 'kysely';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface NewMail {
  readonly id: string;
  readonly tenantId: string;
  readonly address: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly threadIds: readonly string[];
  readonly unsubscribeUrl: string | null;
}

export async function insertMail(transaction: Database, mail: NewMail, now: Date): Promise<void> {
  await transaction
    .insertInto('mails')
    .values({
      id: mail.id,
      tenant_id: mail.tenantId,
      address: mail.address,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      message_id: mail.messageId,
      thread_ids: [...mail.threadIds],
      unsubscribe_url: mail.unsubscribeUrl,
      next_attempt_at: now,
      created_at: now,
    })
    .execute();
}

/** When an address got its mails of the last while, newest first, `limit` at most. */
export async function listMailTimes(
  database: Database,
  tenantId: string,
  address: string,
  since: Date,
  limit: number,
): Promise<Date[]> {
  const rows = await database
    .selectFrom('mails')
    .select('created_at as at')
    .where('tenant_id', '=', tenantId)
    .where('address', '=', address)
    .where('created_at', '>', since)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ at }) => at);
}

/** The message ids of what a recipient was mailed of a bundle, oldest first: the thread that more of it belongs to. */
export async function listThread(
  database: Database,
  tenantId: string,
  bundleId: string,
  recipientKey: string,
): Promise<string[]> {
  const { rows } = await sql<{ messageId: string }>`
    select mails.message_id as "messageId" from notifications join mails on mails.id = notifications.mail_id
    where notifications.tenant_id = ${tenantId} and notifications.bundle_id = ${bundleId}
      and notifications.recipient_key = ${recipientKey} order by mails.created_at, mails.id limit ${THREAD_MAX}`.execute(
    database,
  );
  return rows.map(({ messageId }) => messageId);
}

/** Readers need the first and some of the rest. */
const THREAD_MAX = 10;

export interface MailClaim extends NewMail {
  /** This try among them. */
  readonly attempts: number;
  readonly createdAt: Date;
}

/** Takes mails that are due, so that no other worker does: they are due again after `lostMs` unless somebody settles them. */
export async function claimMails(
  database: Database,
  { limit, lostMs, now }: { readonly limit: number; readonly lostMs: number; readonly now: Date },
): Promise<MailClaim[]> {
  const { rows } = await sql<MailClaim>`
    update mails set attempts = attempts + 1, next_attempt_at = ${new Date(now.getTime() + lostMs)}
    where id in (select id from mails where state = 'waiting' and next_attempt_at <= ${now}
      order by next_attempt_at limit ${limit} for update skip locked)
    returning id, tenant_id as "tenantId", address, subject, text, html, message_id as "messageId", thread_ids as "threadIds",
      unsubscribe_url as "unsubscribeUrl", attempts, created_at as "createdAt"`.execute(database);
  return rows;
}

export type MailOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly at: Date; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string };

/** Writes down what came of a try, for the mail and for what it tells of. */
export async function settleMail(database: Database, id: string, outcome: MailOutcome, now: Date): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const state = outcome.kind === 'retry' ? 'waiting' : outcome.kind;
    await transaction
      .updateTable('mails')
      .set({
        state,
        next_attempt_at: outcome.kind === 'retry' ? outcome.at : null,
        error: outcome.kind === 'sent' ? null : outcome.error,
        sent_at: outcome.kind === 'sent' ? now : null,
      })
      .where('id', '=', id)
      .execute();
    await transaction
      .updateTable('notifications')
      .set({
        state: state === 'waiting' ? 'sending' : state,
        reason: outcome.kind === 'sent' ? null : outcome.error,
      })
      .where('mail_id', '=', id)
      .execute();
  });
}
