/** Asks a program of the host. */
import { COMMAND_BYTES_MAX, COMMAND_TIMEOUT_MS } from '../limits.ts';

/** The program's output, also when it exits with an error; undefined when it isn't there or takes too long. */
export async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  // Loaded on demand: most small gateways have no systemd to ask.
  const { execFile } = await import('node:child_process');
  return await new Promise((resolve) => {
    const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: COMMAND_BYTES_MAX, env: { ...PATHS, LC_ALL: 'C' } };
    execFile(program, args, options, (error, stdout) => {
      const hasRun = error === null || typeof error.code === 'number';
      resolve(hasRun ? stdout : undefined);
    });
  });
}

const PATHS = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
