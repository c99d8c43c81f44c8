/** The client's own program as a process, as an operator starts it. */
import { join } from 'node:path';
import type { Hub } from './hub.ts';
import { until } from './until.ts';

export const MAIN = join(import.meta.dir, '../src/main.ts');

export class GatewayProcess {
  readonly lines: string[] = [];
  readonly #child: Bun.Subprocess<'ignore', 'pipe', 'pipe'>;

  /** `command`: the runtime and the program, by default Bun and main.ts. */
  constructor(hub: Hub, dataDir: string, args: string[] = [], command = [process.execPath, MAIN]) {
    this.#child = Bun.spawn([...command, '--server', hub.url, '--data-dir', dataDir, ...args], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    });
    void this.#read(this.#child.stdout);
    void this.#read(this.#child.stderr);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async printed(text: string): Promise<string> {
    await until(
      () => this.lines.some((line) => line.includes(text)),
      () => `"${text}" in\n${this.lines.join('\n')}`,
    );
    return this.lines.find((line) => line.includes(text))!;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.#child.kill(signal);
    return this.#child.exited;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      this.lines.push(...lines);
    }
  }
}
