// Ends what an earlier run left behind. Every program of PostgreSQL that we start stands in its own cluster's directory,
// which /proc shows whatever became of its parent; a pid in a file alone may since belong to anybody.
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterName } from './cluster.ts';
import {
  POSTGRES_POLL_MS,
  POSTGRES_STOP_FAST_TIMEOUT_MS,
  POSTGRES_STOP_IMMEDIATE_TIMEOUT_MS,
  POSTGRES_STOP_KILL_TIMEOUT_MS,
} from '../../limits.ts';

/** Ends our servers and half-done initialisations in this data directory, however they came to be orphans. */
export async function endLeftovers(
  dataDir: string,
  { signal, onLog }: { signal: AbortSignal | undefined; onLog: (line: string) => void },
): Promise<void> {
  const cluster = join(dataDir, clusterName);
  const found = await findProcesses(dataDir);
  if (found.length > 0) {
    const postmaster = await readPostmasterPid(cluster);
    onLog(`ending PostgreSQL left over from an earlier run (pid ${found.join(', ')})`);
    // To the postmaster SIGINT and SIGQUIT mean a fast and an immediate shutdown; its orphans know SIGTERM.
    const steps = [
      { toPostmaster: 'SIGINT', toOthers: 'SIGTERM', timeoutMs: POSTGRES_STOP_FAST_TIMEOUT_MS },
      { toPostmaster: 'SIGQUIT', toOthers: 'SIGQUIT', timeoutMs: POSTGRES_STOP_IMMEDIATE_TIMEOUT_MS },
      { toPostmaster: 'SIGKILL', toOthers: 'SIGKILL', timeoutMs: POSTGRES_STOP_KILL_TIMEOUT_MS },
    ] as const;
    let left = found;
    for (const { toPostmaster, toOthers, timeoutMs } of steps) {
      // While the postmaster lives, its children are its own business.
      if (postmaster !== undefined && left.includes(postmaster)) send(postmaster, toPostmaster);
      else for (const pid of left) send(pid, toOthers);
      left = await waitUntilGone(dataDir, timeoutMs, signal);
      if (left.length === 0) break;
    }
    if (left.length > 0) {
      throw new Error(
        `PostgreSQL processes of an earlier run still use ${dataDir} and do not end (pid ${left.join(', ')}). ` +
          'Look why they hang (a stuck disk?), end them, then start again.',
      );
    }
  }
  await removeStalePidFile(cluster);
}

/**
 * PostgreSQL itself gets over a pid file whose process is gone. It stops at one whose number has been given to somebody
 * else, or belongs to a zombie; we have just seen that this is no server of ours.
 */
async function removeStalePidFile(cluster: string): Promise<void> {
  const pid = await readPostmasterPid(cluster);
  if (pid !== undefined && isInUse(pid)) await rm(join(cluster, 'postmaster.pid'), { force: true });
}

export async function readPostmasterPid(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : undefined;
}

async function waitUntilGone(dataDir: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<number[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = await findProcesses(dataDir);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(POSTGRES_POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

async function findProcesses(dataDir: string): Promise<number[]> {
  const directories = (await readdir(dataDir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(clusterName))
    .map((entry) => join(dataDir, entry.name));
  // By device and inode: a path may lead to the same place under several names.
  const places = new Set(await Promise.all(directories.map((directory) => placeOf(directory))));
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const ours = await Promise.all(pids.map((pid) => isOurs(pid, places, directories)));
  return pids.filter((_, index) => ours[index]);
}

async function isOurs(pid: number, places: ReadonlySet<string>, directories: readonly string[]): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (!programs.has(name.trim())) return false;
  try {
    return places.has(await placeOf(`/proc/${pid}/cwd`));
  } catch {
    // A zombie stands nowhere. And root without all its powers (in a container) may not look at another user's
    // process; its command line still says which directory it was started for.
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const args = commandLine.split('\0');
    return directories.some((directory) => args[args.indexOf('-D') + 1] === directory);
  }
}

const programs: ReadonlySet<string> = new Set(['postgres', 'initdb']);

async function placeOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path);
  return `${dev}:${ino}`;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
