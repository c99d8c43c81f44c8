/** The two partitions that a root file system may start from, and which of them runs now. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { describeError } from '../../error.ts';
import { readMounts, rootOfCommandLine, type Mount } from './mounts.ts';

export interface Slot {
  /** As it is set; may be a link. */
  readonly path: string;
  /** The number that the boot loader knows it by: what its device's name ends with. */
  readonly part: string;
  /** Of the device, as `179:2`. */
  readonly device: string;
}

export interface Slots {
  readonly running: Slot;
  readonly other: Slot;
  /** Where the other one is mounted, if it is. */
  readonly otherMountedAt: string | undefined;
}

/** The slots are not as they must be, or can't be told apart. */
export class SlotError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SlotError';
  }
}

/** What the kernel says. */
export interface KernelView {
  readonly mountInfo: string;
  readonly commandLine: string;
  /** The block device of a path; undefined where there is none. */
  deviceOf(path: string): string | undefined;
}

export function kernelView(): KernelView {
  return {
    mountInfo: readFileSync('/proc/self/mountinfo', 'utf8'),
    commandLine: readFileSync('/proc/cmdline', 'utf8'),
    deviceOf(path) {
      // What is mounted may be called anything; to look at a path across the network could take for ever.
      if (!path.startsWith('/dev/')) return undefined;
      const found = statSync(path, { throwIfNoEntry: false });
      return found?.isBlockDevice() ? deviceText(found.rdev) : undefined;
    },
  };
}

/** Throws SlotError for what is no partition that can be written as a whole. */
export function openSlot(path: string): Slot {
  let real: string;
  let rdev: number;
  try {
    real = realpathSync(path);
    const found = statSync(real);
    if (!found.isBlockDevice()) throw new Error('it is no block device');
    ({ rdev } = found);
  } catch (cause) {
    throw new SlotError(`the partition ${path} can't be used: ${describeError(cause)}`, { cause });
  }
  const part = /\d+$/.exec(real)?.[0];
  if (part === undefined) throw new SlotError(`the partition ${path} (${real}) has no number for the boot loader`);
  return { path, part: String(Number(part)), device: deviceText(rdev) };
}

/** The kernel's numbers of a device, as mountinfo has them; see makedev(3). */
export function deviceText(dev: number): string {
  const major = Math.floor(dev / 256) % 4096;
  const minor = (dev % 256) + Math.floor(dev / 2 ** 20) * 256;
  return `${major}:${minor}`;
}

/**
 * Which slot runs, by two witnesses: what is mounted, and what the kernel was started with. Either may have nothing to say
 * (an overlay, an initial RAM disk); when both say something it must be the same. Throws SlotError.
 */
export function findSlots([a, b]: readonly [Slot, Slot], kernel: KernelView): Slots {
  if (a.device === b.device) throw new SlotError(`${a.path} and ${b.path} are the same partition`);
  if (a.part === b.part) throw new SlotError(`the boot loader can't tell ${a.path} and ${b.path} apart by a number`);
  const mounts = readMounts(kernel.mountInfo);
  const byMount = mountedRoot(mounts, [a, b], kernel);
  const byKernel = startedRoot(kernel, [a, b]);
  if (byMount && byKernel && byMount !== byKernel)
    throw new SlotError(
      `it is not clear what runs: ${byMount.path} is mounted as the root, but the kernel was started with ${byKernel.path}`,
    );
  const running = byMount ?? byKernel;
  if (!running)
    throw new SlotError(`it is not clear what runs: neither ${a.path} nor ${b.path} is the root file system`);
  const other = running === a ? b : a;
  return { running, other, otherMountedAt: mounts.find((mount) => isOf(mount, other, kernel))?.path };
}

function isOf(mount: Mount, slot: Slot, kernel: KernelView): boolean {
  // Some file systems have numbers of their own, and only name their device.
  return mount.device === slot.device || kernel.deviceOf(mount.source) === slot.device;
}

function mountedRoot(mounts: readonly Mount[], slots: readonly Slot[], kernel: KernelView): Slot | undefined {
  const root = mounts.findLast(({ path }) => path === '/');
  const direct = root && slots.find((slot) => isOf(root, slot, kernel));
  if (direct) return direct;
  // Below an overlay, the one that is mounted somewhere; with both, it can't be told.
  if (root?.type !== 'overlay') return undefined;
  const mounted = slots.filter((slot) => mounts.some((mount) => isOf(mount, slot, kernel)));
  return mounted.length === 1 ? mounted[0] : undefined;
}

const TAGS: { readonly [tag: string]: string } = {
  PARTUUID: '/dev/disk/by-partuuid',
  PARTLABEL: '/dev/disk/by-partlabel',
  UUID: '/dev/disk/by-uuid',
  LABEL: '/dev/disk/by-label',
};

function startedRoot(kernel: KernelView, slots: readonly Slot[]): Slot | undefined {
  const root = rootOfCommandLine(kernel.commandLine);
  if (root === undefined) return undefined;
  const [, tag, value] = /^([A-Z]+)=(.+)$/.exec(root) ?? [];
  const folder = tag === undefined ? undefined : TAGS[tag];
  // udev writes the digits of PARTUUIDs small; the kernel takes both.
  const names = folder === undefined ? [root] : [`${folder}/${value}`, `${folder}/${value?.toLowerCase()}`];
  const devices = names.map((name) => kernel.deviceOf(name));
  return slots.find((slot) => devices.includes(slot.device));
}
