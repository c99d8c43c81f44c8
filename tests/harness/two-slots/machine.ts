/**
 * A gateway with two slots, as far as that can be had without a machine: each slot is a loop device, a stand-in boot loader
 * with a real environment chooses one, and what is on it becomes `/` of a process in namespaces of its own. The power can be
 * cut at any time. Needs root.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subprocess } from 'bun';
import { until } from '../wait.ts';
import { makeBootLoader, type BootLoaderKind, type StandInBootLoader } from './boot-loaders.ts';
import { IMAGE_BYTES } from './images.ts';
import { machineTools } from './tools.ts';

const REPO = new URL('../../..', import.meta.url).pathname;
export const SLOT_BYTES = 8 * 1024 * 1024;
/** How often a machine that does not come up is started before it counts as bricked. */
const STARTS_MAX = 5;
const PANIC = 70;

export interface MachineOptions {
  readonly bootLoader: BootLoaderKind;
  /** What is on the first slot when the machine is new; the other one has garbage. */
  readonly image: Uint8Array;
  /** What the system starts, in its own view: the repository is at /repo. */
  readonly client: (slots: readonly [string, string]) => readonly string[];
}

/** What befalls one life of the machine, from power-on to power-off. */
export type Mishap =
  | { readonly kind: 'none' }
  /** The power goes before or after the nth call of a boot loader's tool, or in the middle of one that writes. */
  | { readonly kind: 'tool'; readonly when: 'before' | 'torn' | 'after'; readonly call: number }
  /** It goes before the kernel runs. */
  | { readonly kind: 'booting' }
  | { readonly kind: 'time'; readonly afterMs: number }
  /** The client alone is killed after a time, and started again as a service is. */
  | { readonly kind: 'client'; readonly afterMs: number };

/** What lasts from a start of the kernel to the next. */
interface Life {
  readonly slot: string;
  readonly part: string;
  readonly bootId: string;
}

/** From power-on to power-off. */
export interface Run {
  /** What /etc/release says. */
  readonly release: string;
  readonly part: string;
  /** `reboot`: it wanted to; `off`: the power went, or the client ended. */
  readonly ended: Promise<'reboot' | 'off'>;
  /** The power goes now. Resolves when nothing of it is left. */
  cut(): Promise<void>;
}

/** Whether this machine lets us have loop devices and namespaces. */
export function canHaveSlots(): boolean {
  return (
    spawnSync('losetup', ['--find']).status === 0 &&
    spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0
  );
}

export class Machine implements AsyncDisposable {
  readonly folder: string;
  readonly #options: MachineOptions;
  readonly #slots: readonly [string, string];
  readonly #loader: StandInBootLoader;
  /** Whole file systems, by their checksum: a slot that is started must have one. */
  readonly #known = new Map<string, string>();
  #system: Subprocess | undefined;
  #life: Life | undefined;

  private constructor(
    folder: string,
    options: MachineOptions,
    slots: readonly [string, string],
    loader: StandInBootLoader,
  ) {
    this.folder = folder;
    this.#options = options;
    this.#slots = slots;
    this.#loader = loader;
  }

  static async make(options: MachineOptions): Promise<Machine> {
    const folder = await mkdtemp(join(tmpdir(), 'lovely-machine-'));
    const slots: string[] = [];
    try {
      for (const name of ['boot', 'data', 'power', 'tools', 'root']) await mkdir(join(folder, name));
      for (const [name, content] of Object.entries(machineTools(options.bootLoader))) {
        await writeFile(join(folder, 'tools', name), content);
        await chmod(join(folder, 'tools', name), 0o755);
      }
      for (const name of ['a', 'b']) {
        const file = join(folder, `slot-${name}`);
        await writeFile(file, name === 'a' ? options.image : 'garbage');
        await truncate(file, SLOT_BYTES);
        slots.push((await Bun.$`losetup --find --show ${file}`.quiet().text()).trim());
      }
      const [a, b] = slots as [string, string];
      const loader = await makeBootLoader(options.bootLoader, join(folder, 'boot'), [partOf(a), partOf(b)]);
      const machine = new Machine(folder, options, [a, b], loader);
      machine.knows('first', options.image);
      return machine;
    } catch (error) {
      await dispose(folder, slots);
      throw error;
    }
  }

  /** The numbers that the boot loader knows the slots by. */
  get parts(): readonly [string, string] {
    const [a, b] = this.#slots;
    return [partOf(a), partOf(b)];
  }

  /** From now on a slot with this image may be started. */
  knows(name: string, image: Uint8Array): void {
    this.#known.set(checksum(image), name);
  }

  /** Which known image each slot has. */
  async contents(): Promise<(string | undefined)[]> {
    return await Promise.all(this.#slots.map(async (slot) => this.#known.get(await this.#checksumOf(slot))));
  }

  async bootVariables(): Promise<{ readonly [name: string]: string }> {
    return await this.#loader.read();
  }

  /** As somebody does by hand. */
  async setBootVariables(values: { readonly [name: string]: string }): Promise<void> {
    await this.#loader.write(values);
  }

  /**
   * Power on. Throws when no slot comes up, or when the boot loader chooses one that is not whole: on a real machine that
   * would be the end.
   */
  async start(mishap: Mishap = { kind: 'none' }): Promise<Run> {
    await this.#clear();
    if (mishap.kind === 'tool') await writeFile(this.#power('cut'), `${mishap.when} ${mishap.call}\n`);
    if (mishap.kind === 'booting') await this.#loader.choose();
    for (let start = 0; start < STARTS_MAX; start++) {
      const part = await this.#loader.choose();
      const slot = this.#slots.find((path) => partOf(path) === part)!;
      const image = this.#known.get(await this.#checksumOf(slot));
      if (image === undefined) throw new Error(`bricked: the boot loader starts ${slot}, which is not whole`);
      this.#life = { slot, part, bootId: randomUUID() };
      const run = await this.#boot(this.#life);
      if (run) return run;
    }
    throw new Error('bricked: no slot comes up');
  }

  /** Starts the client again that has ended, without the machine having been off. */
  async startClientAgain(): Promise<Run> {
    await this.#clear();
    const run = this.#life && (await this.#boot(this.#life));
    if (!run) throw new Error('the machine is off');
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#off();
    await dispose(this.folder, this.#slots);
  }

  async #boot({ slot, part, bootId }: Life): Promise<Run | undefined> {
    await writeFile(join(this.folder, 'cmdline'), `console=ttyS0 root=${slot} ro quiet\n`);
    await writeFile(join(this.folder, 'boot-id'), `${bootId}\n`);
    const system = Bun.spawn(
      ['unshare', '--mount', '--pid', '--fork', '--kill-child=SIGKILL', 'sh', '-c', SYSTEM, 'system'].concat(
        [slot, this.folder, REPO],
        this.#options.client(this.#slots),
      ),
      { stdin: 'ignore', stdout: Bun.file(join(this.folder, 'console')), stderr: 'inherit' },
    );
    this.#system = system;
    const isUp = await until('the system comes up or panics', () =>
      existsSync(this.#power('client.pid')) ? 'up' : system.exitCode === null ? undefined : 'panic',
    );
    if (isUp === 'panic' && system.exitCode !== PANIC) throw new Error(`the system ended with ${system.exitCode}`);
    if (isUp === 'panic') return undefined;
    return {
      release: readFileSync(this.#power('release'), 'utf8'),
      part,
      ended: system.exited.then(async () => {
        await this.#off();
        return existsSync(this.#power('rebooting')) ? 'reboot' : 'off';
      }),
      cut: () => this.#off(),
    };
  }

  async #off(): Promise<void> {
    this.#system?.kill('SIGKILL');
    await this.#system?.exited;
    // The kernel takes the namespace down on its own time.
    for (const slot of this.#slots) await until(`${slot} is free`, () => isFree(slot));
    await this.#tear();
  }

  /** What was being written when the power went is half there. */
  async #tear(): Promise<void> {
    const before = this.#power('environment-before');
    if (!existsSync(before)) return;
    const [file] = this.#loader.files as [string];
    const [old, now] = [await readFile(before), await readFile(file)];
    for (const start of [0, 0x8000])
      if (!old.subarray(start, start + 0x4000).equals(now.subarray(start, start + 0x4000)))
        now.fill(0xff, start + 24, start + 0x4000);
    writeFileSync(file, now);
    await rm(before);
  }

  async #clear(): Promise<void> {
    for (const name of ['client.pid', 'rebooting', 'cut', 'release']) await rm(this.#power(name), { force: true });
  }

  async #checksumOf(slot: string): Promise<string> {
    const file = await open(slot, 'r');
    try {
      const { buffer } = await file.read(Buffer.alloc(IMAGE_BYTES), 0, IMAGE_BYTES, 0);
      return checksum(buffer);
    } finally {
      await file.close();
    }
  }

  #power(name: string): string {
    return join(this.folder, 'power', name);
  }
}

/** Process 1 of the machine: `slot folder repo client…`. The root is read-only, so that it stays as it was written. */
const SYSTEM = `
slot=$1; machine=$2; repo=$3; shift 3
root=$machine/root
mount --make-rprivate / &&
mount -t ext4 -o ro "$slot" "$root" 2>/dev/null && [ -e "$root/etc/boots" ] || exit ${PANIC}
set -e
mount -t proc proc "$root/proc"
mount --bind "$machine/cmdline" "$root/proc/cmdline"
mount --bind "$machine/boot-id" "$root/proc/sys/kernel/random/boot_id"
for shared in dev sys usr; do mount --rbind "/$shared" "$root/$shared"; done
mount --bind "$machine/tools" "$root/usr/local/sbin"
for own in run tmp; do mount -t tmpfs tmpfs "$root/$own"; done
mkdir "$root/run/lock"
for kept in boot data power; do mount --bind "$machine/$kept" "$root/$kept"; done
mount --bind -o ro "$repo" "$root/repo"
cp "$root/etc/release" "$machine/power/release"
chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/sbin:/usr/bin HOME=/root \\
  sh -c 'echo $$ > /power/client.new && mv /power/client.new /power/client.pid && exec "$@"' client "$@" &
wait
`;

async function dispose(folder: string, slots: readonly string[]): Promise<void> {
  for (const slot of slots) await Bun.$`losetup --detach ${slot}`.quiet();
  await rm(folder, { recursive: true, force: true });
}

/** Nobody has it mounted. */
function isFree(slot: string): boolean {
  try {
    closeSync(openSync(slot, constants.O_RDONLY | constants.O_EXCL));
    return true;
  } catch {
    return false;
  }
}

function partOf(slot: string): string {
  return /\d+$/.exec(slot)![0];
}

function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
