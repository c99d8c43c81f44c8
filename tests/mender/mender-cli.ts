/** Debian's mender-cli with a home of its own, on a real pseudo-terminal where it wants one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN, type TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { requireTool } from '../tools.ts';
import type { Size } from './terminal.ts';

/** Ctrl-] ends `mender-cli terminal`. */
export const QUIT = '\x1d';

const RUN_MS = 20_000;

export interface CliTerminal extends AsyncDisposable {
  type(text: string): void;
  /** Waits until what was printed since the last `type` matches. */
  shows(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  readonly exited: Promise<number>;
}

export class MenderCli implements AsyncDisposable {
  readonly #server: TestServer;
  readonly #home: string;

  private constructor(server: TestServer, home: string) {
    this.#server = server;
    this.#home = home;
  }

  /** Signs the administrator in. */
  static async login(server: TestServer): Promise<MenderCli> {
    const cli = new MenderCli(server, await mkdtemp(join(tmpdir(), 'lovely-mender-cli-')));
    try {
      await cli.run('login', '--username', ADMIN.email, '--password', ADMIN.password);
      return cli;
    } catch (error) {
      await cli[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a command to its end and returns what it printed; throws with that when it fails. */
  async run(...args: string[]): Promise<string> {
    const child = Bun.spawn(this.#command(args), {
      env: this.#env,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: RUN_MS,
    });
    const [out, problems, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    if (status !== 0) throw new Error(`mender-cli ${args[0]} ended with ${status}: ${problems}`);
    return out;
  }

  /** `mender-cli terminal` on a terminal of this size; it ends with Ctrl-]. */
  terminal(deviceId: string, { columns, rows }: Size): CliTerminal {
    let output = '';
    let typedAt = 0;
    const decoder = new TextDecoder();
    const child = Bun.spawn(this.#command(['terminal', deviceId]), {
      env: this.#env,
      terminal: {
        cols: columns,
        rows,
        data: (_terminal, bytes) => {
          output += decoder.decode(bytes, { stream: true });
        },
      },
    });
    return {
      type(text) {
        typedAt = output.length;
        child.terminal?.write(text);
      },
      shows: (pattern, timeoutMs) =>
        until(`it shows ${pattern}`, () => pattern.exec(output.slice(typedAt)) ?? undefined, timeoutMs).catch(
          (error: unknown) => {
            throw new Error(`mender-cli shows ${JSON.stringify(output)}`, { cause: error });
          },
        ),
      exited: child.exited,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await child.exited;
        child.terminal?.close();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }

  #command(args: readonly string[]): string[] {
    return [requireTool('mender-cli'), ...args, '--server', this.#server.url];
  }

  get #env(): Record<string, string> {
    return { PATH: process.env.PATH ?? '', HOME: this.#home, SSL_CERT_FILE: this.#server.caFile, TERM: 'xterm' };
  }
}
