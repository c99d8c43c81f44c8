/** Sends mail through a mail server. One that can't be reached is tried again for some minutes; a mail lives no longer than that. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import { MAIL_CLOSE_TIMEOUT_MS, MAIL_TIMEOUT_MS, MAILS_WAITING_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Delivered, Mail, QueueMailer, ThreadedMail } from './mailer.ts';

/** Waits between tries; the last failure is final. */
const RETRIES_MS = [2_000, 15_000, 60_000, 300_000];
const CONNECTIONS_MAX = 2;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export interface SmtpOptions {
  /** `smtps://user:password@host:465`, or `smtp://…`, which becomes TLS where the server offers it. */
  readonly url: string;
  readonly from: string;
  readonly log: Log;
  readonly retriesMs?: readonly number[];
}

export function createSmtpMailer({ url, from, log, retriesMs = RETRIES_MS }: SmtpOptions): QueueMailer {
  const transport = createTransport(poolOptions(url));
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function handOver(mail: Mail | ThreadedMail): Promise<void> {
    const { messageId } = await transport.sendMail({
      from,
      // As an object, so that no address is read as a list of several.
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...('messageId' in mail ? threadOf(mail) : {}),
    });
    log.info({ to: mail.to, messageId }, 'mail sent');
  }

  async function insist(mail: Mail): Promise<void> {
    for (const waitMs of [...retriesMs, undefined]) {
      try {
        return await handOver(mail);
      } catch (error) {
        const failure = { to: mail.to, reason: reasonOf(error) };
        if (waitMs === undefined || isFinal(error) || closing.signal.aborted) {
          log.error(failure, 'a mail could not be sent');
          return;
        }
        log.warn(failure, 'a mail could not be sent; it is tried again');
        await sleep(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  return {
    send(mail) {
      if (underWay.size >= MAILS_WAITING_MAX) {
        log.error({ to: mail.to }, 'too many mails wait to be sent; this one is not');
        return;
      }
      const delivery = insist(mail).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    },
    async deliver(mail) {
      try {
        await handOver(mail);
        return { kind: 'sent' };
      } catch (error) {
        return { kind: 'failed', error: reasonOf(error), isFinal: isFinal(error) } satisfies Delivered;
      }
    },
    async close() {
      closing.abort();
      await Promise.race([Promise.all(underWay), sleep(MAIL_CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      transport.close();
    },
  };
}

/** What puts a mail into its thread (RFC 5322 section 3.6.4), and ends what it is part of (RFC 2369 section 3.2). */
function threadOf({ messageId, threadIds, unsubscribeUrl }: ThreadedMail): SendMailOptions {
  const last = threadIds.at(-1);
  return {
    messageId,
    ...(last === undefined ? {} : { inReplyTo: last, references: [...threadIds] }),
    ...(unsubscribeUrl === null ? {} : { list: { unsubscribe: unsubscribeUrl } }),
  };
}

/** What the URL says; a password goes over a network only through TLS. */
export function poolOptions(url: string): SMTPPool.Options {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const hasPassword = username !== '' || password !== '';
  return {
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && hasPassword && !LOOPBACK.test(hostname),
    ...(hasPassword ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
    connectionTimeout: MAIL_TIMEOUT_MS,
    greetingTimeout: MAIL_TIMEOUT_MS,
    socketTimeout: MAIL_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The server will not take this mail later either (RFC 5321 section 4.2.1). Wrong credentials may be mended meanwhile. */
function isFinal(error: unknown): boolean {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
  return typeof responseCode === 'number' && responseCode >= 500 && code !== 'EAUTH';
}

/** What nodemailer keeps in an error beside this may hold what was sent. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
