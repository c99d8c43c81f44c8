// A lock between processes of one machine: a file naming its holder. A holder that died has no lock.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Waits until the lock is ours and returns the function that gives it back.
 * @param {string} path file of the lock, in a folder that exists
 * @param {(pid: number) => void} [onWait] called once with the holder when somebody else has it
 * @returns {Promise<() => void>}
 */
export async function acquireLock(path, onWait) {
  const ours = identify(process.pid);
  let hasWaited = false;
  for (;;) {
    if (tryTake(path, ours)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder === undefined) continue;
    const pid = Number.parseInt(holder, 10);
    if (identify(pid) !== holder) {
      discard(path, holder);
      continue;
    }
    if (!hasWaited) onWait?.(pid);
    hasWaited = true;
    await sleep(POLL_MS);
  }
}

/** The pid and, where the system tells it, the start time, for a pid alone is used again after a restart. */
function identify(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${pid} ${startTime}`;
  } catch {
    return `${pid} -`;
  }
}

/** A link either makes the whole file or fails, so nobody reads a lock that is half written. */
function tryTake(path, text) {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes a dead holder's file away, and puts it back when somebody new got the lock between reading and renaming. */
function discard(path, holder) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (readHolder(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, path);
}
