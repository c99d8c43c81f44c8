/** A program under test: its output is kept, and it is gone at the end whatever happened. */
import { cleanUpOnSignal } from '@lovely/server/testing';
import { until } from './wait.ts';

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** All lines so far, of both streams. */
  output(): string;
  /** Waits for a line and returns its match. */
  line(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Resolves with the exit status, or the number of the signal as a negative. */
  readonly exited: Promise<number>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after a while; resolves when it has ended. */
  stop(): Promise<number>;
}

const STOP_MS = 20_000;
const REPO = new URL('../..', import.meta.url).pathname;

export function startProcess(
  command: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): RunningProcess {
  let text = '';
  const child = Bun.spawn([...command], {
    cwd: options.cwd ?? REPO,
    env: { ...cleanEnvironment(), ...options.env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const forget = cleanUpOnSignal(stop);
  const exited = child.exited.then(async (status) => {
    forget();
    await Promise.race([collected, Bun.sleep(500)]);
    return status;
  });

  async function stop(): Promise<number> {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const status = await exited;
    clearTimeout(timer);
    return status;
  }

  return {
    pid: child.pid,
    output: () => text,
    line: (pattern, timeoutMs) =>
      until(
        `${command.slice(0, 4).join(' ')} prints ${pattern}`,
        () => {
          const match = pattern.exec(text);
          if (!match && child.exitCode !== null)
            throw new Error(`it ended with ${child.exitCode}:\n${text.slice(-2000)}`);
          return match ?? undefined;
        },
        timeoutMs,
      ),
    exited,
    signal: (name) => child.kill(name),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** The environment of the tests without settings of ours that whoever runs them may have. */
function cleanEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('LOVELY_'),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}
