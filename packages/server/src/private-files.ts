/** Keeps what lies in the data folder from other users of the machine, also after somebody copied or unpacked it loosely. */
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from './log.ts';

const FOLDER = 0o700;
const FILE = 0o600;
/** The embedded database may run as another user: it must be able to pass through, nobody needs to list. */
const PASSED_THROUGH = 0o711;

/** By path in the data folder, the mode that is the most allowed. */
const MODES: readonly (readonly [path: string, mode: number])[] = [
  ['tls', FOLDER],
  ['tls/ca.pem', FILE],
  ['tls/server.pem', FILE],
  ['postgres', PASSED_THROUGH],
  ['postgres/password', FILE],
  ['postgres/cluster', FOLDER],
  ['blobs', FOLDER],
  ['spool', FOLDER],
];

/**
 * Makes the data folder and takes away what others may do in it.
 * @throws Error that says what to do, where something there belongs to somebody else or is a link
 */
export async function makePrivate(dataDir: string, log: Log): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, PASSED_THROUGH);
  for (const [name, mode] of MODES) {
    const path = join(dataDir, name);
    const entry = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!entry) continue;
    // Whoever may put a link here chooses the file whose mode we change, or the key that we use.
    if (entry.isSymbolicLink() && (mode & 0o111) === 0)
      throw new Error(`${path} is a symbolic link: put the file itself there, so that its owner and mode are known.`);
    const now = entry.mode & 0o777;
    if (entry.isSymbolicLink() || (now & ~mode) === 0) continue;
    await tighten(path, now & mode);
    log.warn({ path, mode: now.toString(8) }, 'other users of this machine could get at this; took that away');
  }
}

async function tighten(path: string, mode: number): Promise<void> {
  try {
    await chmod(path, mode);
  } catch (cause) {
    throw new Error(
      `${path} is open to other users of this machine, and this process may not change that. Start as its owner, or run ` +
        `"chmod ${mode.toString(8)} ${path}".`,
      { cause },
    );
  }
}
