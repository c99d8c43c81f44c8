/** Where the command line talks to, and as whom: from the surroundings, or from the sign-in before. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Fetch } from '@lovely/api';
import type { Config } from './config.ts';
import { UsageError } from './usage-error.ts';

export interface Session {
  readonly server: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string | undefined;
}

/** Throws UsageError that says how to sign in. */
export async function openSession(config: Config): Promise<Session> {
  const kept = await readKept(config.sessionFile);
  const server = config.server ?? kept?.server;
  const token = config.token ?? kept?.token;
  if (server === undefined || token === undefined)
    throw new UsageError('Sign in first: lovely login https://your-server you@example.com');
  return { server, token, ca: config.caFile === undefined ? kept?.ca : await readCa(config.caFile) };
}

/** Keeps a sign-in for the commands to come, readable for its owner alone. */
export async function keepSession(file: string, session: Session): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify(session), { mode: 0o600 });
  await chmod(file, 0o600);
}

export async function forgetSession(file: string): Promise<void> {
  await rm(file, { force: true });
}

export async function readCa(file: string): Promise<string> {
  return await readFile(resolve(file), 'utf8').catch((cause: unknown) => {
    throw new UsageError(`LOVELY_CA: ${file} can not be read.`, { cause });
  });
}

/** A fetch that trusts the given CA beside the usual ones. */
export function fetchTrusting(ca: string | undefined): Fetch {
  return (url, init) => fetch(url, ca === undefined ? init : { ...init, tls: { ca } });
}

async function readKept(file: string): Promise<Session | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Session);
}
