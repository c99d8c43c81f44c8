/** The way out for e-mail. Without one, links are shown to whoever may pass them on. */

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail that the database keeps (store/mails.ts) and that may go on from others. */
export interface ThreadedMail extends Mail {
  /** With its angle brackets; the same at every try. */
  readonly messageId: string;
  /** Message ids that it goes on from, oldest first. */
  readonly threadIds: readonly string[];
  /** Where whoever gets it can say that they want no more; null where that is no question. */
  readonly unsubscribeUrl: string | null;
}

export type Delivered =
  | { readonly kind: 'sent' }
  | { readonly kind: 'failed'; readonly error: string; readonly isFinal: boolean };

export interface Mailer {
  /** Takes a mail to be sent soon; no caller waits for it or hears of a failure, which is logged. */
  send(mail: Mail): void;
  /** Gives mails under way a moment, and forgets those that wait for another try. */
  close(): Promise<void>;
}

export interface QueueMailer extends Mailer {
  /** Hands a mail over, once: whoever keeps it tries again. */
  deliver(mail: ThreadedMail): Promise<Delivered>;
}
