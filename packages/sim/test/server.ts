/** The real server as a process of its own, on a free port and in a folder of its own, for the tests of the simulator. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Management, type Credentials, type ServerAddress } from '../src/management.ts';

const MAIN = join(import.meta.dir, '../../server/src/main.ts');
const ADMIN: Credentials = { email: 'admin@example.com', password: 'correct-horse-battery-staple' };

export class TestServer implements AsyncDisposable {
  readonly credentials = ADMIN;
  readonly address: ServerAddress;
  readonly caFile: string;
  readonly #folder: string;
  readonly #process: ReturnType<typeof spawnServer>;

  private constructor(folder: string, process: ReturnType<typeof spawnServer>, url: string) {
    this.#folder = folder;
    this.#process = process;
    this.caFile = join(folder, 'data/ca.crt');
    this.address = { url: new URL(url), ca: readFileSync(this.caFile, 'utf8') };
  }

  static async start(): Promise<TestServer> {
    const folder = mkdtempSync(join(tmpdir(), 'lovely-sim-'));
    const process = spawnServer(folder);
    let output = '';
    for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      const url = /^ready (\S+)$/m.exec(output)?.[1];
      if (url !== undefined) return new TestServer(folder, process, url);
    }
    throw new Error(`the server did not start: ${output}`);
  }

  signIn(): Promise<Management> {
    return Management.signIn(this.address, this.credentials, new AbortController().signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM');
    await this.#process.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Flags win over whatever settings the environment holds. */
function spawnServer(folder: string) {
  const flags = {
    'data-dir': join(folder, 'data'),
    listen: '127.0.0.1:0',
    'http-listen': 'off',
    'log-level': 'error',
    'offline-after-ms': '500',
    'admin-email': ADMIN.email,
    'admin-password': ADMIN.password,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return Bun.spawn([process.execPath, MAIN, ...args], { stdout: 'pipe', stderr: 'inherit' });
}
