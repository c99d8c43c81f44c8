/** Debian's PostgreSQL 15 on data of its own, which can be killed and started again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Subprocess } from 'bun';
import { PostgresClient } from '@lovely/server/testing';
import { until } from '../harness/wait.ts';

const START_MS = 60_000;
/** PostgreSQL refuses to run as root, so root runs it as Debian's user for it. */
const AS_USER = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

export class DebianPostgres implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #command: readonly string[];
  #process: Subprocess | undefined;

  private constructor(program: string, folder: string, port: number) {
    this.#folder = folder;
    this.url = `postgres://lovely@127.0.0.1:${port}/postgres`;
    // Without fsync: a killed process loses nothing that it has written, only a power cut would.
    const settings = ['-c', 'fsync=off', '-c', 'restart_after_crash=on'];
    this.#command = [
      ...AS_USER,
      program,
      '-D',
      join(folder, 'data'),
      '-p',
      `${port}`,
      '-h',
      '127.0.0.1',
      '-k',
      '',
    ].concat(settings);
  }

  /** @param program the path of postgres, beside which initdb stands */
  static async start(program: string): Promise<DebianPostgres> {
    const folder = await mkdtemp('/dev/shm/lovely-faults-');
    if (AS_USER.length > 0) await Bun.$`chown postgres ${folder}`.quiet();
    const initdb = join(program, '../initdb');
    await Bun.$`${AS_USER} ${initdb} -D ${join(folder, 'data')} -U lovely --auth=trust --encoding=UTF8 --locale=C --no-sync`
      .cwd(folder)
      .quiet();
    const postgres = new DebianPostgres(program, folder, await freePort());
    await postgres.start();
    return postgres;
  }

  /** Starts it, and again while what a killed one left is still in its way, until it answers. */
  async start(): Promise<void> {
    await until(
      'PostgreSQL answers',
      async () => {
        if (this.#process === undefined || this.#process.exitCode !== null)
          this.#process = Bun.spawn([...this.#command], { cwd: this.#folder, stdout: 'ignore', stderr: 'ignore' });
        await this.query('select 1');
        return true;
      },
      START_MS,
    );
  }

  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#process?.exited;
    this.#process = undefined;
  }

  /** Asks on a connection of its own. */
  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = new PostgresClient({ connectionString: this.url, connectionTimeoutMillis: START_MS });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows as Row[];
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process?.kill('SIGINT');
    await this.#process?.exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
