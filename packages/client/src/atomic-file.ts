/** Files that are whole or absent, whatever happens while they are written. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file so that after a power loss either the old or the new content is there. */
export function writeFileAtomic(path: string, content: string, mode = 0o600): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** The same for what the client can do without: false, and nothing changed, when the disk refuses (full, read-only). */
export function tryWriteFileAtomic(path: string, content: string): boolean {
  try {
    writeFileAtomic(path, content);
    return true;
  } catch (error) {
    if (isDiskError(error)) return false;
    throw error;
  }
}

/** Whether the system refused, as opposed to a bug of ours. */
export function isDiskError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code);
}

/** Makes a file's creation, renaming or removal durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The file's text, or undefined when there is no such file. */
export function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
