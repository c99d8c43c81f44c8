/** A real Nice Smart Client as a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess, type RunningProcess } from './process.ts';
import type { TestServer } from './server.ts';

interface GatewayOptions {
  readonly serial?: string;
  readonly dataDir?: string;
  readonly args?: readonly string[];
}

const MAIN = new URL('../../packages/client/src/main.ts', import.meta.url).pathname;

export class TestGateway implements AsyncDisposable {
  readonly dataDir: string;
  readonly serial: string;
  process: RunningProcess;
  readonly #arguments: readonly string[];

  private constructor(dataDir: string, serial: string, args: readonly string[]) {
    this.dataDir = dataDir;
    this.serial = serial;
    this.#arguments = args;
    this.process = this.#start();
  }

  static async start(
    server: TestServer,
    { serial = `test-${crypto.randomUUID().slice(0, 8)}`, dataDir, args = [] }: GatewayOptions = {},
  ): Promise<TestGateway> {
    const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'lovely-gateway-')));
    return new TestGateway(folder, serial, [
      '--server',
      server.url,
      '--ca',
      server.caFile,
      '--data-dir',
      folder,
      '--serial',
      serial,
      ...args,
    ]);
  }

  /** One that is accepted when it asks first, for tests of what comes then: who waits for a person asks every three seconds. */
  static async join(
    server: TestServer,
    { args = [], ...options }: GatewayOptions = {},
  ): Promise<TestGateway & { readonly id: string }> {
    const joining = ['--join-code', await server.joinCode(), ...args];
    const gateway = await TestGateway.start(server, { ...options, args: joining });
    const { id } = await server.deviceWith(gateway.serial);
    return Object.assign(gateway, { id });
  }

  /** Starts again on the same data after the process ended. */
  restart(): void {
    this.process = this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  #start(): RunningProcess {
    return startProcess([globalThis.process.execPath, MAIN, ...this.#arguments]);
  }
}
