/** Programs that the gateway's owner has put into a folder, to be run by the names of their files. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** A program of the owner's folder; nothing that somebody else may have put or changed there. */
export function ownProgram(folder: string, name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) return undefined;
  const path = join(folder, name);
  try {
    const { mode, uid } = statSync(path);
    const isOurs = uid === 0 || uid === process.getuid?.();
    const isFile = (mode & 0o170000) === 0o100000;
    return isOurs && isFile && (mode & 0o111) !== 0 && (mode & 0o022) === 0 ? path : undefined;
  } catch {
    return undefined;
  }
}
