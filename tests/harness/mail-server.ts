/** A real mail server that keeps what it is given. */
import { SMTPServer } from 'smtp-server';
import { until } from './wait.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header lines and body, as they came over the wire. */
  readonly source: string;
}

export interface MailServer extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** How many times somebody tried to hand a mail over. */
  tries(): number;
  /** The next mail to an address, which is taken out. */
  take(to: string): Promise<ReceivedMail>;
}

export interface MailServerOptions {
  /** Whoever sends must sign in with these. */
  readonly login?: { readonly user: string; readonly password: string };
  /** For each try the answer to the recipient: an SMTP status, or nothing to take the mail. */
  readonly refuse?: (attempt: number) => number | undefined;
}

export async function startMailServer({ login, refuse }: MailServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  let tries = 0;
  const server = new SMTPServer({
    // Its own certificate is one that nobody trusts, and on loopback there is nobody to hide from.
    disabledCommands: login ? ['STARTTLS'] : ['STARTTLS', 'AUTH'],
    allowInsecureAuth: true,
    authOptional: login === undefined,
    onAuth(auth, _session, done) {
      if (auth.username === login?.user && auth.password === login?.password) done(null, { user: auth.username });
      else done(new Error('wrong user or password'));
    },
    onRcptTo(_address, _session, done) {
      const status = refuse?.(tries++);
      done(status === undefined ? null : Object.assign(new Error('refused'), { responseCode: status }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  const address = await new Promise<{ port: number }>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => resolve(listening.address() as { port: number }));
  });
  return {
    port: address.port,
    mails,
    tries: () => tries,
    async take(to) {
      const index = await until(`a mail to ${to} arrives`, () => {
        const found = mails.findIndex((mail) => mail.to.includes(to));
        return found < 0 ? undefined : { found };
      });
      return mails.splice(index.found, 1)[0]!;
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The text of a mail's plain part, its quoted-printable undone (RFC 2045 section 6.7). */
export function plainText({ source }: ReceivedMail): string {
  const part = source.split(/^--.*$/m).find((one) => /content-type: text\/plain/i.test(one)) ?? source;
  const body = part.slice(part.search(/\r?\n\r?\n/)).trim();
  if (!/content-transfer-encoding: quoted-printable/i.test(part)) return body;
  const bytes = body
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
