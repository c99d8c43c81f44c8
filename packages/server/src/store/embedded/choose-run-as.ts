// Finds somebody who may run PostgreSQL and can reach its programs and its data.
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Account, accountName, createAccount, listAccounts } from './accounts.ts';
import { type Binaries, useOwnServer } from './binaries.ts';
import { clusterName } from './cluster.ts';
import { run } from './run.ts';
import type { RunAs } from './run-as.ts';

export interface Choosing {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly onLog: (line: string) => void;
}

export interface Chosen {
  readonly runAs: RunAs;
  /** The major version of the programs, which running them told. */
  readonly major: number;
}

/**
 * Tried in this order when we are root: the owner of the data that is already there, a system user made for such work, the
 * person whose folder this is (somebody ran us with sudo), a new system user, and last a user namespace: there PostgreSQL
 * keeps root's access to root's files, though none of its powers.
 */
export async function chooseRunAs(choosing: Choosing): Promise<Chosen> {
  if (process.getuid?.() !== 0) {
    const runAs = { kind: 'self' } as const;
    return { runAs, major: await askVersion(choosing, runAs) };
  }
  const accounts = await listAccounts();
  const refusals: string[] = [];
  const paths = [choosing.dataDir, dirname(choosing.binaries.postgres)];

  const tryAccount = async (account: Account): Promise<Chosen | undefined> => {
    const closed = await closedDirectories(paths, account);
    if (closed.length > 0) {
      refusals.push(`user "${account.name}" may not enter ${closed.join(' and ')}`);
      return undefined;
    }
    return attempt({ kind: 'account', ...account });
  };
  const attempt = async (runAs: RunAs): Promise<Chosen | undefined> => {
    try {
      return { runAs, major: await askVersion(choosing, runAs) };
    } catch (error) {
      choosing.signal?.throwIfAborted();
      refusals.push(`${describe(runAs)} failed (${messageOf(error)})`);
      return undefined;
    }
  };

  for (const account of await existingCandidates(choosing.dataDir, accounts)) {
    const chosen = await tryAccount(account);
    if (chosen !== undefined) return chosen;
  }
  const closedToStrangers = await closedDirectories(paths, { uid: -1, gid: -1 });
  if (closedToStrangers.length === 0 && !accounts.some(({ name }) => name === accountName)) {
    const created = await createAccount(choosing.signal).catch((error: unknown) => {
      choosing.signal?.throwIfAborted();
      refusals.push(`the system user "${accountName}" could not be added (${messageOf(error)})`);
      return undefined;
    });
    if (created !== undefined) {
      choosing.onLog(`added the system user "${accountName}": PostgreSQL refuses to run as root`);
      const chosen = await tryAccount(created);
      if (chosen !== undefined) return chosen;
    }
  }
  // initdb wants the user that it sees to have a name, so the namespace shows root as some existing one.
  const inside = accounts[0];
  if (inside !== undefined) {
    const closed = await closedDirectories(paths, { uid: 0, gid: 0 });
    if (closed.length > 0) refusals.push(`root without its powers may not enter ${closed.join(' and ')}`);
    const chosen = closed.length === 0 ? await attempt({ kind: 'namespace', inside }) : undefined;
    if (chosen !== undefined) return chosen;
  }
  throw new Error(adviseRoot(choosing.dataDir, refusals, closedToStrangers));
}

async function existingCandidates(dataDir: string, accounts: readonly Account[]): Promise<Account[]> {
  const cluster = await stat(join(dataDir, clusterName)).catch(() => undefined);
  const folderOwner = await nearestOrdinaryOwner(dataDir);
  const candidates = [
    cluster !== undefined && cluster.uid !== 0 ? accountOf(cluster, accounts) : undefined,
    accounts.find(({ name }) => name === accountName),
    accounts.find(({ name }) => name === 'postgres'),
    accounts.find(({ uid }) => uid === folderOwner),
  ];
  const found = candidates.filter((candidate) => candidate !== undefined);
  return found.filter((candidate, index) => found.findIndex(({ uid }) => uid === candidate.uid) === index);
}

function accountOf({ uid, gid }: { uid: number; gid: number }, accounts: readonly Account[]): Account {
  return accounts.find((account) => account.uid === uid) ?? { name: `${uid}`, uid, gid };
}

async function nearestOrdinaryOwner(path: string): Promise<number | undefined> {
  for (const directory of ancestors(await realpath(path))) {
    const { uid } = await stat(directory);
    if (uid !== 0) return uid;
  }
  return undefined;
}

/** The directories on the way to the paths that this user may not enter, by owner, group and mode. */
async function closedDirectories(
  paths: readonly string[],
  { uid, gid }: { uid: number; gid: number },
): Promise<string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path)));
  const directories = [...new Set(real.flatMap((path) => ancestors(path)))];
  const closed = await Promise.all(
    directories.map(async (directory) => {
      const entry = await stat(directory);
      const mayEnter = entry.uid === uid ? 0o100 : entry.gid === gid ? 0o010 : 0o001;
      return (entry.mode & mayEnter) === 0;
    }),
  );
  return directories.filter((_, index) => closed[index]);
}

/** The path itself and all above it, nearest first. */
function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...ancestors(above)];
}

async function askVersion({ binaries, environment, signal }: Choosing, runAs: RunAs): Promise<number> {
  const output = await run({ runAs, file: binaries.postgres, args: ['--version'], environment, signal });
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (major === undefined) throw new Error(`${binaries.postgres} --version said: ${output}`);
  return Number(major);
}

function describe(runAs: RunAs): string {
  switch (runAs.kind) {
    case 'self':
      return 'running it ourselves';
    case 'account':
      return `running it as user "${runAs.name}"`;
    case 'namespace':
      return 'a user namespace';
  }
}

function adviseRoot(dataDir: string, refusals: readonly string[], closed: readonly string[]): string {
  const open = closed.length === 0 ? '' : `run "chmod o+x ${closed.join(' ')}", or `;
  return (
    `PostgreSQL refuses to run as root, and nobody else here can run it for ${dataDir}: ${refusals.join('; ')}. ` +
    `To solve it, ${open}keep the program and its data (LOVELY_DATA_DIR) where every user may enter, such as /srv, ` +
    `or start as an ordinary user. ${useOwnServer}`
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
