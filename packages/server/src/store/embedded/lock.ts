// One launcher for each data directory. The lock is the kernel's (flock), so it ends with its process, however that died;
// the pid inside the file is for people.
import { dlopen } from 'bun:ffi';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface DirectoryLock {
  release(): void;
}

/** Another process works with the directory. */
export class DirectoryInUseError extends Error {}

export function lockDirectory(dataDir: string): DirectoryLock {
  const path = join(dataDir, 'lock');
  // Children do not inherit it: the runtime opens files close-on-exec.
  const descriptor = openSync(path, 'a+', 0o600);
  if (loadFlock()(descriptor, LOCK_EXCLUSIVE | LOCK_NON_BLOCKING) !== 0) {
    closeSync(descriptor);
    const holder = readFileSync(path, 'utf8').trim() || 'unknown';
    throw new DirectoryInUseError(
      `The data directory ${dataDir} is in use by another process (pid ${holder}). ` +
        'Stop that one first, or give this one a data directory of its own.',
    );
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      // The file stays: removing it would let two processes lock two different files of the same name.
      ftruncateSync(descriptor);
      closeSync(descriptor);
    },
  };
}

// flock(2)
const LOCK_EXCLUSIVE = 2;
const LOCK_NON_BLOCKING = 4;

type Flock = (descriptor: number, operation: number) => number;
let flock: Flock | undefined;

function loadFlock(): Flock {
  flock ??= openLibc().symbols.flock;
  return flock;
}

function openLibc() {
  const declarations = { flock: { args: ['i32', 'i32'], returns: 'i32' } } as const;
  try {
    return dlopen('libc.so.6', declarations);
  } catch {
    // musl has another name, one for each architecture.
    const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    return dlopen(`libc.musl-${architecture}.so.1`, declarations);
  }
}
