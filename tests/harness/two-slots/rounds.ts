/** Updates under power cuts, one after the other on one machine, and what must be true after each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownArtifact } from './artifacts.ts';
import type { BootLoaderKind } from './boot-loaders.ts';
import { SlotGateway } from './gateway.ts';
import { makeImage } from './images.ts';
import type { Mishap } from './machine.ts';

export interface Outcome {
  readonly state: 'success' | 'failure';
  readonly cause: string | undefined;
}

const RELEASES = ['first', 'second', 'third'];

export class Rounds implements AsyncDisposable {
  readonly gateway: SlotGateway;
  readonly #folder: string;
  readonly #images: ReadonlyMap<string, Buffer>;
  #count = 0;

  private constructor(gateway: SlotGateway, folder: string, images: ReadonlyMap<string, Buffer>) {
    this.gateway = gateway;
    this.#folder = folder;
    this.#images = images;
  }

  static async make(bootLoader: BootLoaderKind): Promise<Rounds> {
    const folder = await mkdtemp(join(tmpdir(), 'lovely-rounds-'));
    const images = new Map<string, Buffer>();
    for (const release of RELEASES) images.set(release, await makeImage(folder, { release }));
    const gateway = await SlotGateway.make(bootLoader, images.get('first')!);
    for (const [release, image] of images) gateway.machine.knows(release, image);
    await gateway.powerCycle();
    return new Rounds(gateway, folder, images);
  }

  /**
   * One update to software that is not there yet. Throws when the machine is bricked, when what runs is neither the old nor the
   * new software as a whole, or when what was told is not so.
   */
  async play(mishaps: readonly Mishap[]): Promise<Outcome> {
    const { gateway } = this;
    const old = gateway.release!;
    const target = RELEASES[(RELEASES.indexOf(old) + 1 + (this.#count % 2)) % RELEASES.length]!;
    const deployment = `round-${++this.#count}`;
    const before = gateway.server.provides;
    const artifact = {
      name: `${target}-${deployment}`,
      bytes: await ownArtifact(`${target}-${deployment}`, this.#images.get(target)!),
    };
    const report = await gateway.update(deployment, artifact, { mishaps });
    if (report.state !== 'success' && report.state !== 'failure') throw new Error(`told ${report.state}`);
    const runs = report.state === 'success' ? target : old;
    const failed = gateway.server.reportsOf(deployment).find(({ cause }) => cause)?.cause;
    const facts = async (when: string): Promise<void> => {
      const { upgrade_available: trial } = await gateway.machine.bootVariables();
      if (gateway.release !== runs || trial !== '0')
        throw new Error(
          `${deployment} told ${report.state} (${JSON.stringify(failed)}), but ${when} ${gateway.release} runs, upgrade_available=${trial}`,
        );
    };
    await facts('now');
    if (report.state === 'failure' && report.isRolledBack !== true)
      throw new Error(`${deployment} was not rolled back: ${JSON.stringify(failed)}`);
    await gateway.powerCycle();
    await facts('after another start');
    await gateway.server.toldToProvide(
      report.state === 'success' ? artifact.name : (before.artifact_name ?? 'first'),
      `${deployment}: ${report.state}`,
    );
    return { state: report.state, cause: failed?.code };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const KINDS: readonly Mishap['kind'][] = ['none', 'tool', 'booting', 'time', 'client'];
const WHENS = ['before', 'torn', 'after'] as const;
/** How many calls of its tools one life of the machine makes at most, and how long an update takes, roughly. */
const CALLS = 12;
const LIFE_MS = 1200;

/** One to three, by a generator of numbers from 0 to 1. */
export function randomMishaps(random: () => number): Mishap[] {
  const below = (limit: number): number => Math.floor(random() * limit);
  const one = (): Mishap => {
    const kind = KINDS[below(KINDS.length)]!;
    switch (kind) {
      case 'tool':
        return { kind, when: WHENS[below(WHENS.length)]!, call: 1 + below(CALLS) };
      case 'time':
      case 'client':
        return { kind, afterMs: below(LIFE_MS) };
      case 'none':
      case 'booting':
        return { kind };
    }
  };
  return Array.from({ length: 1 + below(3) }, one);
}

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
