/**
 * The payload `rootfs-image`: a whole root file system for the slot that does not run.
 *
 *     download      the image goes onto the other slot; the boot loader knows nothing of it
 *     install       it is read back and compared; then, in one write, the boot loader is told to try that slot once
 *     verifyReboot  that slot runs, on trial
 *     commit        it stays
 *     rollback      the slot of before is started again, whatever has happened since
 *
 * Whenever the power goes, the boot loader starts a slot that is whole: the one of before until `install` has written, then
 * the new one for one try, and after `commit` the new one. Both are named by the boot loader's numbers, for the new system
 * may call its partitions by other names.
 */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UpdateCause } from '@lovely/protocol';
import { readFileIfThere, writeFileAtomic } from '../../atomic-file.ts';
import { describeError } from '../../error.ts';
import {
  UpdateError,
  type ModuleContext,
  type ModuleFile,
  type OpenModule,
  type RebootNeed,
  type UpdateModule,
} from '../update-module.ts';
import { BOOT_COUNT, BOOT_PART, BOOT_PART_HEX, UPGRADE_AVAILABLE, type BootEnvironment } from './boot-environment.ts';
import { findBootEnvironment, type BootLoaderSettings } from './find-boot-environment.ts';
import { readImage, writeImage, type Image } from './image.ts';
import { findPartitions, type PartitionSettings } from './partitions.ts';
import { deviceText, findSlots, kernelView, openSlot, SlotError, type Slots } from './slots.ts';

export type RootfsSettings = BootLoaderSettings & PartitionSettings;

/** What later steps need to know, also after the power was lost. */
interface Plan {
  readonly from: string;
  readonly to: string;
  readonly image: Image;
}

export function openRootfsImage(settings: RootfsSettings): OpenModule {
  return (context) => new RootfsImage(settings, context);
}

class RootfsImage implements UpdateModule {
  readonly #settings: RootfsSettings;
  readonly #context: ModuleContext;

  constructor(settings: RootfsSettings, context: ModuleContext) {
    this.#settings = settings;
    this.#context = context;
  }

  async download(files: AsyncIterable<ModuleFile>): Promise<void> {
    await this.#step('Download', async () => {
      const { signal, progress, log } = this.#context;
      const { running, other } = await this.#quietSlots();
      const size = await bytesOf(other.device);
      let image: Image | undefined;
      for await (const { name, bytes, content } of files) {
        if (image)
          throw new UpdateError('bad-artifact', 'Download', `a root file system is one file; ${name} is another`);
        if (bytes === 0) throw new UpdateError('bad-artifact', 'Download', `${name} is empty`);
        if (bytes > size)
          throw new UpdateError(
            'no-space',
            'Download',
            `${name} has ${bytes} bytes, the partition ${other.path} ${size}`,
          );
        log('info', `writing ${name} onto ${other.path} while ${running.path} runs`);
        image = await writeImage(other.path, content, {
          signal,
          progress: (done) => progress(percentOf(done, bytes)),
        });
        if (image.bytes !== bytes)
          throw new UpdateError('bad-artifact', 'Download', `${name} has ${image.bytes} bytes instead of ${bytes}`);
      }
      if (!image) throw new UpdateError('bad-artifact', 'Download', 'it has no image');
      this.#keep({ from: running.part, to: other.part, image });
    });
  }

  async supportsRollback(): Promise<boolean> {
    return await Promise.resolve(true);
  }

  async install(): Promise<void> {
    await this.#step('ArtifactInstall', async () => {
      const { signal, progress, log } = this.#context;
      const plan = this.#plan();
      if (!plan) throw new Error('it is not known what was downloaded');
      const { running, other } = await this.#quietSlots();
      if (running.part !== plan.from || other.part !== plan.to)
        throw new Error(`${running.path} runs, which was the slot for the new system`);
      const there = await readImage(other.path, plan.image.bytes, {
        signal,
        progress: (done) => progress(percentOf(done, plan.image.bytes)),
      });
      if (there.sha256 !== plan.image.sha256)
        throw new UpdateError(
          'bad-checksum',
          'ArtifactInstall',
          `what ${other.path} gives back is not what was written to it: it is worn out, or something else writes to it`,
        );
      const environment = await this.#environment();
      await environment.write({ ...startFrom(plan.to), [UPGRADE_AVAILABLE]: '1', [BOOT_COUNT]: '0' });
      log('info', `${environment.name} will try ${other.path}`);
    });
  }

  /**
   * Also asked after a rollback, maybe by a system that does not know its slots: unless the one that will be started is sure
   * to be running, it takes a start.
   */
  async needsReboot(): Promise<RebootNeed> {
    return await this.#step('NeedsArtifactReboot', async () => {
      const next = (await (await this.#environment()).read()).get(BOOT_PART);
      try {
        return this.#slots().running.part === next ? 'no' : 'automatic';
      } catch (error) {
        if (!(error instanceof SlotError)) throw error;
        this.#context.log('warning', error.message);
        return 'automatic';
      }
    });
  }

  async reboot(): Promise<void> {
    throw new UpdateError('reboot-failed', 'ArtifactReboot', 'the client restarts the machine');
  }

  async verifyReboot(): Promise<void> {
    await this.#step('ArtifactVerifyReboot', async () => await this.#requireTrial('ArtifactVerifyReboot'));
  }

  async commit(): Promise<void> {
    await this.#step('ArtifactCommit', async () => {
      await this.#requireTrial('ArtifactCommit');
      await (await this.#environment()).write({ [UPGRADE_AVAILABLE]: '0' });
    });
  }

  async rollback(): Promise<void> {
    await this.#step('ArtifactRollback', async () => {
      const plan = this.#plan();
      // Without one nothing was told to the boot loader.
      if (!plan) return;
      const environment = await this.#environment();
      const variables = await environment.read();
      if (variables.get(BOOT_PART) === plan.from && variables.get(UPGRADE_AVAILABLE) === '0') return;
      await environment.write({ ...startFrom(plan.from), [UPGRADE_AVAILABLE]: '0' });
    });
  }

  async rollbackReboot(): Promise<void> {
    throw new UpdateError('reboot-failed', 'ArtifactRollbackReboot', 'the client restarts the machine');
  }

  async verifyRollbackReboot(): Promise<void> {
    await this.#step('ArtifactVerifyRollbackReboot', async () => {
      const plan = this.#plan();
      if (!plan) return;
      const { running } = this.#slots();
      if (running.part !== plan.from)
        throw new Error(`${running.path} still runs, which is not the system of before the update`);
      await requireSettled(await this.#environment(), plan.from);
    });
  }

  async failure(): Promise<void> {}

  async cleanup(): Promise<void> {}

  /** Both slots, when no other update is on trial and nobody uses the one that does not run. */
  async #quietSlots(): Promise<Slots> {
    const slots = this.#slots();
    const { running, other, otherMountedAt } = slots;
    if (otherMountedAt !== undefined)
      throw new Error(`${other.path} is mounted at ${otherMountedAt}, so nothing may be written to it`);
    const device = deviceText(statSync(this.#context.folder).dev);
    if (device === running.device || device === other.device)
      throw new Error(
        'the data directory of the client lies on a slot: the new system would know nothing of the update',
      );
    await requireSettled(await this.#environment(), running.part);
    return slots;
  }

  async #requireTrial(step: string): Promise<void> {
    const plan = this.#plan();
    if (!plan) throw new Error('it is not known what was installed');
    const variables = await (await this.#environment()).read();
    const { running } = this.#slots();
    const onTrial = variables.get(UPGRADE_AVAILABLE) === '1';
    if (running.part !== plan.to)
      throw new UpdateError(
        'reboot-failed',
        step,
        onTrial
          ? `the old system runs on ${running.path}, though the boot loader was to start the new one: it was not restarted, or does not look at ${BOOT_PART}`
          : `the old system runs on ${running.path}: the boot loader has gone back to it, as the new one did not start`,
      );
    if (!onTrial || variables.get(BOOT_PART) !== plan.to)
      throw new UpdateError(
        'reboot-failed',
        step,
        `the new system runs on ${running.path}, but the boot loader is not trying it (${describe(variables)})`,
      );
  }

  #slots(): Slots {
    const [a, b] = findPartitions(this.#settings);
    return findSlots([openSlot(a), openSlot(b)], kernelView());
  }

  async #environment(): Promise<BootEnvironment> {
    return await findBootEnvironment(this.#settings);
  }

  get #planPath(): string {
    return join(this.#context.folder, 'rootfs.json');
  }

  #keep(plan: Plan): void {
    writeFileAtomic(this.#planPath, JSON.stringify(plan));
  }

  #plan(): Plan | undefined {
    const text = readFileIfThere(this.#planPath);
    // Written by us, as a whole or not at all.
    return text === undefined ? undefined : (JSON.parse(text) as Plan);
  }

  /** Whatever is thrown in a step says which one. */
  async #step<T>(name: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (cause) {
      if (cause instanceof UpdateError) throw cause;
      throw new UpdateError(causeOf(cause), name, describeError(cause), { cause });
    }
  }
}

function causeOf(error: unknown): UpdateCause {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EIO' || code === 'EROFS') return 'disk-failed';
  return code === 'ENOSPC' ? 'no-space' : 'module-failed';
}

/** The boot loader starts this one, and is not trying another. */
async function requireSettled(environment: BootEnvironment, part: string): Promise<void> {
  const variables = await environment.read();
  if (variables.get(UPGRADE_AVAILABLE) === '1')
    throw new Error(`the boot loader is trying an update that nobody has committed (${describe(variables)})`);
  if (variables.get(BOOT_PART) !== part)
    throw new Error(`partition ${part} runs, but the boot loader would start another one (${describe(variables)})`);
}

function startFrom(part: string): { readonly [name: string]: string } {
  return { [BOOT_PART]: part, [BOOT_PART_HEX]: Number(part).toString(16).toUpperCase() };
}

function describe(variables: ReadonlyMap<string, string>): string {
  return [BOOT_PART, UPGRADE_AVAILABLE, BOOT_COUNT]
    .map((name) => `${name} ${variables.get(name) ?? 'not set'}`)
    .join(', ');
}

function percentOf(done: number, all: number): number {
  return all === 0 ? 100 : Math.floor((done / all) * 100);
}

/** The kernel counts in sectors of 512 bytes, whatever the disk has. */
async function bytesOf(device: string): Promise<number> {
  return Number(await readFile(`/sys/dev/block/${device}/size`, 'utf8')) * 512;
}
