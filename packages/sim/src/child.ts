/** A part of the demo: a child process with its output read by lines, in a process group of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SimError } from './error.ts';
import { DEMO_LINES_KEPT, DEMO_START_MS, DEMO_STOP_MS } from './limits.ts';

export interface ChildOptions {
  /** As people call it, such as "the server". */
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: { readonly [name: string]: string };
  /** What it reads from its standard input, which then ends. */
  readonly input?: string;
  /** Gets each line of both outputs. */
  line(text: string): void;
}

export class Child {
  readonly name: string;
  /** Resolves when the process is gone, with how: "status 1", "SIGKILL". */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<(line: string) => void>();
  #isStopping = false;

  constructor({ name, command: [program = '', ...args], environment, input = '', line }: ChildOptions) {
    this.name = name;
    // A terminal sends Ctrl-C to its whole process group; a group of its own lets the demo stop its parts in order.
    this.#process = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#process.stdin?.on('error', () => undefined);
    this.#process.stdin?.end(input);
    for (const stream of [this.#process.stdout, this.#process.stderr])
      createInterface({ input: stream! }).on('line', (text) => {
        this.#lines.push(text);
        if (this.#lines.length > DEMO_LINES_KEPT) this.#lines.shift();
        for (const look of this.#waiting) look(text);
        line(text);
      });
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message));
      this.#process.once('close', (status, signal) => resolve(signal ?? `status ${status}`));
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Rejects with SimError 'part-died' when the process ends before it is told to. */
  async watch(): Promise<never> {
    const how = await this.ended;
    if (this.#isStopping) return await new Promise<never>(() => undefined);
    const last = this.#lines.map((line) => `\n  ${line}`).join('');
    throw new SimError('part-died', `${this.name} has ended by itself (${how})${last && `; its last lines:${last}`}`);
  }

  /** The first line from now on that matches. Rejects when the process ends before, or is too slow. */
  async lineLike(pattern: RegExp, signal: AbortSignal): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    const look = (line: string): void => {
      const match = pattern.exec(line);
      if (match) found.resolve(match);
    };
    const stop = (): void => found.reject(signal.reason);
    const slow = new SimError('part-died', `${this.name} is not ready after ${DEMO_START_MS / 1000} s`);
    const timer = setTimeout(() => found.reject(slow), DEMO_START_MS);
    this.#waiting.add(look);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await Promise.race([found.promise, this.watch()]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Asks it to end and waits; one that doesn't within the deadline is killed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), DEMO_STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }
}
