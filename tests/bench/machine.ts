// The processes of a benchmark: servers and the load on them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUpOnSignal } from '@lovely/server/testing';
import { Management, type ServerAddress } from '@lovely/sim';
import { startProcess, type RunningProcess } from '../harness/process.ts';
import type { LoadAnswer, LoadCommand } from './load.ts';
import { descendantsCpuSeconds } from './proc.ts';

const START_MS = 120_000;
export const BENCH_ADMIN = { email: 'bench@example.com', password: 'correct-horse-battery-staple' };
const SERVER = join(import.meta.dir, '../../packages/server/src/main.ts');
/** Long enough that no heartbeat falls into a measurement. */
const HEARTBEAT_MS = '300000';

export interface MeasuredServer extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly caFile: string;
  /** CPU seconds so far of its PostgreSQL; 0 where there is none. */
  databaseCpuSeconds(): number;
}

export class OurServer implements MeasuredServer {
  readonly name = 'ours';
  readonly url: string;
  readonly dataDir: string;
  readonly #folder: string;
  readonly #process: RunningProcess;
  readonly #forget = cleanUpOnSignal(() => this[Symbol.asyncDispose]());

  private constructor(folder: string, dataDir: string, process: RunningProcess, url: string) {
    this.#folder = folder;
    this.dataDir = dataDir;
    this.#process = process;
    this.url = url;
  }

  /** @param profileDir where Bun writes a CPU profile when the server ends */
  static async start(profileDir?: string): Promise<OurServer> {
    const folder = mkdtempSync(join(tmpdir(), 'lovely-bench-'));
    const dataDir = join(folder, 'data');
    const profile = profileDir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDir];
    const process = startProcess([globalThis.process.execPath, ...profile, SERVER], {
      env: {
        LOVELY_DATA_DIR: dataDir,
        LOVELY_LISTEN: '127.0.0.1:0',
        LOVELY_HTTP_LISTEN: 'off',
        LOVELY_LOG_LEVEL: 'warn',
        LOVELY_HEARTBEAT_MS: HEARTBEAT_MS,
        LOVELY_ADMIN_EMAIL: BENCH_ADMIN.email,
        LOVELY_ADMIN_PASSWORD: BENCH_ADMIN.password,
      },
    });
    const [, url = ''] = await process.line(/^ready (\S+)$/m, START_MS);
    return new OurServer(folder, dataDir, process, url);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get caFile(): string {
    return join(this.dataDir, 'ca.crt');
  }

  /** The server's certificate and key, for a rival that must be trusted as well. */
  get pemFile(): string {
    return join(this.dataDir, 'tls/server.pem');
  }

  get address(): ServerAddress {
    return { url: new URL(this.url), ca: readFileSync(this.caFile, 'utf8') };
  }

  signIn(): Promise<Management> {
    return Management.signIn(this.address, BENCH_ADMIN, new AbortController().signal);
  }

  databaseCpuSeconds(): number {
    return descendantsCpuSeconds(this.pid);
  }

  /** What the server itself says it has stored. */
  async storedStatusMessages(): Promise<number> {
    const { url, ca } = this.address;
    const response = await fetch(new URL('/metrics', url), { tls: { ca } });
    return Number(/^lovely_worker_stored_total\{noun="status"\} (\d+)$/m.exec(await response.text())?.[1] ?? 0);
  }

  /** What it printed: nothing but "ready" when all went well. */
  complaints(): string {
    return this.#process
      .output()
      .replace(/^ready .*$/m, '')
      .trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    this.#forget();
  }
}

export async function startBareServer(pemFile: string, caFile: string): Promise<MeasuredServer> {
  const process = startProcess([globalThis.process.execPath, join(import.meta.dir, 'bare-server.ts'), pemFile]);
  const [, url = ''] = await process.line(/^ready (\S+)$/m, START_MS);
  return {
    name: 'bare Bun',
    pid: process.pid,
    url,
    caFile,
    databaseCpuSeconds: () => 0,
    [Symbol.asyncDispose]: async () => void (await process.stop()),
  };
}

/** Connections in one or more processes, as one process may have 20,000 open files. */
export class Load implements AsyncDisposable {
  readonly #processes: LoadProcess[];

  constructor(processes: number) {
    this.#processes = Array.from({ length: processes }, () => new LoadProcess());
  }

  /** Opens a connection for each token, spread evenly. */
  async open(server: MeasuredServer, tokens: readonly string[]): Promise<LoadAnswer> {
    const each = Math.ceil(tokens.length / this.#processes.length);
    return await this.#all((index) => ({
      kind: 'open',
      url: server.url,
      caFile: server.caFile,
      tokens: tokens.slice(index * each, (index + 1) * each),
    }));
  }

  async send(connections: number, unacked: number, reports: number): Promise<LoadAnswer> {
    return await this.#all(() => ({
      kind: 'send',
      connections: Math.ceil(connections / this.#processes.length),
      unacked,
      reports,
    }));
  }

  async provide(deviceType: string): Promise<LoadAnswer> {
    return await this.#all(() => ({ kind: 'provide', deviceType }));
  }

  async tell(kind: 'speak' | 'finish' | 'count' | 'close'): Promise<LoadAnswer> {
    return await this.#all(() => ({ kind }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }

  async #all(command: (index: number) => LoadCommand): Promise<LoadAnswer> {
    const answers = await Promise.all(this.#processes.map((process, index) => process.ask(command(index))));
    const sum = (member: keyof LoadAnswer): number => answers.reduce((total, answer) => total + answer[member], 0);
    return {
      open: sum('open'),
      acked: sum('acked'),
      refused: sum('refused'),
      offers: sum('offers'),
      firstOfferMs: Math.min(...answers.map(({ firstOfferMs }) => firstOfferMs)),
      lastOfferMs: Math.max(...answers.map(({ lastOfferMs }) => lastOfferMs)),
    };
  }
}

class LoadProcess {
  #answer = Promise.withResolvers<LoadAnswer>();
  readonly #process = Bun.spawn([process.execPath, join(import.meta.dir, 'load.ts')], {
    stdout: 'inherit',
    stderr: 'inherit',
    serialization: 'json',
    ipc: (answer: LoadAnswer) => this.#answer.resolve(answer),
    onExit: () => {
      this.#forget();
      this.#answer.reject(new Error('a process of the load has ended by itself'));
    },
  });
  readonly #forget = cleanUpOnSignal(() => this.stop());

  constructor() {
    this.#answer.promise.catch(() => undefined);
  }

  async ask(command: LoadCommand): Promise<LoadAnswer> {
    this.#answer = Promise.withResolvers();
    this.#process.send(command);
    return await this.#answer.promise;
  }

  async stop(): Promise<void> {
    this.#answer.promise.catch(() => undefined);
    this.#process.kill();
    await this.#process.exited;
  }
}
