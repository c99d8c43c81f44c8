/** A gateway with two slots whose client is updated by a server, and whose power may fail meanwhile. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UpdateOffer, UpdateReport } from '@lovely/protocol';
import { until } from '../wait.ts';
import { DEVICE_TYPE } from './artifacts.ts';
import type { BootLoaderKind } from './boot-loaders.ts';
import { Machine, type Mishap, type Run } from './machine.ts';
import { UpdateServer, type OfferedArtifact } from './server.ts';

const LIVES_MAX = 40;
const UPDATE_MS = 60_000;
const NONE: Mishap = { kind: 'none' };

export class SlotGateway implements AsyncDisposable {
  readonly machine: Machine;
  readonly server: UpdateServer;
  #run: Run | undefined;

  private constructor(machine: Machine, server: UpdateServer) {
    this.machine = machine;
    this.server = server;
  }

  /** `before` is done by the system before it starts the client: shell, with both slots as $A and $B. */
  static async make(
    bootLoader: BootLoaderKind,
    image: Uint8Array,
    { before = ':', dataDir = '/data/client' }: { readonly before?: string; readonly dataDir?: string } = {},
  ): Promise<SlotGateway> {
    const server = new UpdateServer();
    const machine = await Machine.make({
      bootLoader,
      image,
      client: ([a, b]) => [
        'sh',
        '-c',
        `A=${a}; B=${b}; ${before}; exec "$@"`,
        'sh',
        '/repo/node_modules/.bin/bun',
        '/repo/packages/client/src/main.ts',
        `--server=${server.url}`,
        '--ca=/data/ca.crt',
        `--data-dir=${dataDir}`,
        `--device-type=${DEVICE_TYPE}`,
        `--rootfs-part-a=${a}`,
        `--rootfs-part-b=${b}`,
      ],
    });
    await writeFile(join(machine.folder, 'data/ca.crt'), server.ca);
    return new SlotGateway(machine, server);
  }

  /** What /etc/release says of the system that runs. */
  get release(): string | undefined {
    return this.#run?.release;
  }

  /**
   * Offers the artifact and sees the machine through until the last report has come; its lives up to then meet one mishap
   * each. Returns that report. Throws when the machine is bricked.
   */
  async update(
    deployment: string,
    artifact: OfferedArtifact,
    { mishaps = [], offer = {} }: { mishaps?: readonly Mishap[]; offer?: Partial<UpdateOffer> } = {},
  ): Promise<UpdateReport> {
    // Mishaps befall lives from their beginning.
    if (mishaps.length > 0) {
      await this.cut();
      this.#run = undefined;
    }
    this.server.offer(deployment, artifact, offer);
    for (let life = 0; life < LIVES_MAX; life++) {
      const mishap = mishaps[life] ?? NONE;
      this.#run ??= await this.machine.start(mishap);
      const run = this.#run;
      const report = await this.#until(deployment, run, mishap);
      if (report) return report;
      this.#run = mishap.kind === 'client' ? await this.machine.startClientAgain() : undefined;
    }
    throw new Error(`no end after ${LIVES_MAX} lives of the machine`);
  }

  /** The power goes. */
  async cut(): Promise<void> {
    await this.#run?.cut();
  }

  /** The power goes, and comes again. */
  async powerCycle(): Promise<void> {
    await this.cut();
    this.#run = await this.machine.start();
  }

  /** The last report, or undefined when this life of the machine ended before it. */
  async #until(deployment: string, run: Run, mishap: Mishap): Promise<UpdateReport | undefined> {
    let hasEnded = false;
    void run.ended.then(() => (hasEnded = true));
    const told = (): UpdateReport | undefined => this.server.lastOf(deployment);
    if (mishap.kind === 'time' || mishap.kind === 'client') {
      await Promise.race([Bun.sleep(mishap.afterMs), run.ended]);
      await run.cut();
      return told();
    }
    await until('the last report, or the end of the system', () => told() !== undefined || hasEnded, UPDATE_MS);
    return told();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}
