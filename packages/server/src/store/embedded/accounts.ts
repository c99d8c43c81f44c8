// The system users that PostgreSQL may run as when we are root.
import { readFile } from 'node:fs/promises';
import { baseEnvironment, run } from './run.ts';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export const accountName = 'lovely';

/** The ordinary users of /etc/passwd. Root is left out, and so is "nobody", as whom a namespace shows strangers' files. */
export async function listAccounts(): Promise<Account[]> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    const account = { name: name ?? '', uid: Number(uid), gid: Number(gid) };
    const isOrdinary = account.name !== '' && account.uid > 0 && account.gid >= 0 && account.uid !== overflowUid;
    return isOrdinary ? [account] : [];
  });
}

/** Adds the system user, with the tools of Debian (and most others) or, where those are not there, of Alpine. */
export async function createAccount(signal: AbortSignal | undefined): Promise<Account> {
  const nowhere = ['/nonexistent', accountName] as const;
  const tool = (file: string, args: readonly string[]) =>
    run({ runAs: { kind: 'self' }, file, args, environment: baseEnvironment, signal });
  try {
    await tool('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', '-d', ...nowhere]);
  } catch (cause) {
    if (!isMissingProgram(cause)) throw cause;
    await tool('addgroup', ['-S', accountName]);
    await tool('adduser', ['-S', '-D', '-H', '-G', accountName, '-s', '/bin/false', '-h', ...nowhere]);
  }
  const account = (await listAccounts()).find(({ name }) => name === accountName);
  if (account === undefined) throw new Error(`the system user "${accountName}" is not there after it was added`);
  return account;
}

const overflowUid = 65_534;

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
