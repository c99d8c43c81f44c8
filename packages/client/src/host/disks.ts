import { readFileSync, statfsSync } from 'node:fs';
import { DISKS_MAX } from '../limits.ts';
import { rounded, type Source, type Values } from './source.ts';

/** Reads every real disk that is mounted, every tmpfs for people, and the mount points in `extra` whatever they are. */
export function diskSource(extra: readonly string[]): Source {
  return () => {
    const mounts = mountPoints(readFileSync('/proc/self/mounts', 'utf8'), extra);
    return Object.assign({}, ...mounts.map(readDisk)) as Values;
  };
}

/** A local file system that a program could fill: not a read-only image, nor one across the network, which may hang. */
const WRITABLE_TYPES = /^(ext[234]|xfs|btrfs|f2fs|jfs|vfat|exfat|ntfs3?|fuseblk|ubifs|jffs2|yaffs2?|zfs|bcachefs)$/;

/** Smaller file systems hold something fixed; nobody fills them. */
const DISK_BYTES_MIN = 1024 * 1024;
/** Where systems keep file systems in memory for themselves. */
const SYSTEM_FOLDERS = /^\/(run|dev|sys|proc|var\/lock|var\/run)(\/|$)/;

export function mountPoints(mounts: string, extra: readonly string[]): string[] {
  const chosen = new Map<string, string>();
  for (const line of mounts.split('\n')) {
    const [device, escaped, type] = line.split(' ');
    if (device === undefined || escaped === undefined || type === undefined) continue;
    const path = escaped.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    const isRoot = path === '/' && type === 'overlay';
    // Every tmpfs is called tmpfs, so each is known by its path.
    const isMemory = type === 'tmpfs' && !SYSTEM_FOLDERS.test(path);
    if (isMemory || extra.includes(path)) chosen.set(path, path);
    // A device that is mounted several times is one disk, known by its shortest path.
    else if (isRoot || WRITABLE_TYPES.test(type)) {
      const known = chosen.get(device);
      if (known === undefined || path.length < known.length) chosen.set(device, path);
    }
  }
  return [...new Set(chosen.values())].slice(0, DISKS_MAX);
}

/** Synchronous: local disks answer from memory, and threads for this would cost a small gateway more. */
function readDisk(path: string): Values {
  try {
    const { bsize, blocks, bfree, bavail } = statfsSync(path);
    const used = blocks - bfree;
    if ((used + bavail) * bsize < DISK_BYTES_MIN) return {};
    return {
      [`disk.${path}.usedPercent`]: rounded((used / (used + bavail)) * 100, 1),
      [`disk.${path}.availableBytes`]: bavail * bsize,
    };
  } catch {
    // Unmounted in this moment.
    return {};
  }
}
