/** The way out for e-mail. Without one, links are shown to whoever may pass them on. */

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /** Takes a mail to be sent soon; no caller waits for it or hears of a failure, which is logged. */
  send(mail: Mail): void;
  /** Gives mails under way a moment, and forgets those that wait for another try. */
  close(): Promise<void>;
}
