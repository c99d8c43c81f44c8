// Runs a program to its end and returns what it wrote, with the end of that in the error when it fails.
import { spawn } from 'node:child_process';
import { POSTGRES_LOG_TAIL_LINES_MAX } from '../../limits.ts';
import { commandAs, type RunAs } from './run-as.ts';

export interface Run {
  readonly runAs: RunAs;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing of our own environment reaches PostgreSQL: it holds secrets and variables that change how it behaves. */
export const baseEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
} as const;

export async function run({ runAs, file, args, cwd, environment, input, signal }: Run): Promise<string> {
  signal?.throwIfAborted();
  const command = commandAs(runAs, file, args);
  const child = spawn(command.file, command.args, {
    ...command.identity,
    ...(cwd === undefined ? {} : { cwd }),
    env: environment,
    // Ctrl-C in the terminal is ours to handle, not for a half-made cluster to die of.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stop = () => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  let output = '';
  const keep = (chunk: string) => (output += chunk);
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  // A program that ends early does not read its input; its exit status tells the story.
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  try {
    const ending = await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killedBy) => resolve(code === 0 ? undefined : `${killedBy ?? `status ${code}`}`));
    });
    signal?.throwIfAborted();
    if (ending === undefined) return output;
    throw new Error(`${file} ended with ${ending}: ${tail(output)}`);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function tail(output: string): string {
  return output.trimEnd().split('\n').slice(-POSTGRES_LOG_TAIL_LINES_MAX).join('\n') || 'it wrote nothing';
}
