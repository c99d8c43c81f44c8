/**
 * Follows a file as it grows, over its rotation, by looking at it now and then: works on any file system, with any
 * runtime, and without a process of its own.
 */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { Clock } from '../../clock.ts';
import { LOG_POLL_BYTES_MAX, LOG_POLL_MS } from '../../limits.ts';
import { Lines } from './lines.ts';

/**
 * Tells the lines that are added from now on; returns what ends that.
 * @param folders what it may be in, wherever links lead
 */
export function followFile(
  path: string,
  folders: readonly string[],
  clock: Clock,
  told: (lines: readonly string[]) => void,
): () => void {
  const lines = new Lines();
  const buffer = new Uint8Array(LOG_POLL_BYTES_MAX);
  /** Undefined until it was looked at; after that, a file that wasn't there is read from its beginning. */
  let place: { inode: number; offset: number } | undefined;

  function look(): void {
    const found = openIn(path, folders);
    if (found === undefined) {
      place = { inode: 0, offset: 0 };
      return;
    }
    try {
      const { ino: inode, size } = fstatSync(found);
      if (place === undefined) place = { inode, offset: size };
      if (place.inode !== inode || size < place.offset) {
        place = { inode, offset: 0 };
        lines.restart();
      }
      if (size - place.offset > buffer.length) {
        place.offset = size - buffer.length;
        lines.restart();
      }
      const read = readSync(found, buffer, 0, Math.min(size - place.offset, buffer.length), place.offset);
      place.offset += read;
      if (read > 0) told(lines.take(buffer.subarray(0, read)));
    } finally {
      closeSync(found);
    }
  }

  function lookSafely(): void {
    try {
      look();
    } catch {
      // A file that can't be read in this moment may be there the next time.
    }
    cancel = clock.after(LOG_POLL_MS, lookSafely);
  }

  let cancel = (): void => undefined;
  lookSafely();
  return () => cancel();
}

/** Undefined for what is no file, or lies elsewhere. */
function openIn(path: string, folders: readonly string[]): number | undefined {
  let descriptor: number | undefined;
  try {
    const real = realpathSync(path);
    if (!folders.some((folder) => real.startsWith(withEnd(realpathSync(folder))))) return undefined;
    // A pipe would otherwise keep us until somebody writes.
    descriptor = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
    return undefined;
  } catch {
    return undefined;
  }
}

function withEnd(folder: string): string {
  const whole = resolve(folder);
  return whole.endsWith(sep) ? whole : whole + sep;
}
