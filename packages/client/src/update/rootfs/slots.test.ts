import { describe, expect, test } from 'bun:test';
import { readMounts, rootOfCommandLine } from './mounts.ts';
import { deviceText, findSlots, openSlot, SlotError, type KernelView, type Slot } from './slots.ts';

const A: Slot = { path: '/dev/mmcblk0p2', part: '2', device: '179:2' };
const B: Slot = { path: '/dev/mmcblk0p3', part: '3', device: '179:3' };

const ROOT_A = '24 1 179:2 / / rw,relatime - ext4 /dev/root rw';
const ROOT_B = '24 1 179:3 / / rw,relatime - ext4 /dev/root rw';
const OVERLAY = '24 1 0:25 / / rw,relatime - overlay overlay rw,lowerdir=/media/root-ro';
const BELOW_A = '26 24 179:2 / /media/root-ro ro,relatime - ext4 /dev/mmcblk0p2 ro';
const B_SOMEWHERE = '31 24 179:3 / /mnt/with\\040space rw,relatime shared:7 - ext4 /dev/mmcblk0p3 rw';

const DEVICES: { readonly [path: string]: string } = {
  '/dev/mmcblk0p2': '179:2',
  '/dev/mmcblk0p3': '179:3',
  '/dev/disk/by-partuuid/0f0e-02': '179:2',
  '/dev/disk/by-partlabel/system_b': '179:3',
};

function kernel(commandLine: string, ...mounts: string[]): KernelView {
  return { mountInfo: mounts.join('\n'), commandLine, deviceOf: (path) => DEVICES[path] };
}

function running(view: KernelView): string {
  return findSlots([A, B], view).running.path;
}

describe('the slot that runs', () => {
  test('is the one that is mounted as the root', () => {
    expect(running(kernel('quiet', ROOT_A))).toBe(A.path);
    expect(running(kernel('quiet', ROOT_B))).toBe(B.path);
  });

  test('is the last that was mounted there', () => {
    expect(running(kernel('', '1 1 0:1 / / rw - rootfs rootfs rw', ROOT_B))).toBe(B.path);
  });

  test('is known by the name of its device where the file system has a number of its own', () => {
    expect(running(kernel('', '24 1 0:33 / / rw - btrfs /dev/mmcblk0p3 rw,subvol=/'))).toBe(B.path);
  });

  test('is the one below an overlay', () => {
    expect(running(kernel('quiet', OVERLAY, BELOW_A))).toBe(A.path);
  });

  test('is what the kernel was started with, by device, label or id, when the mounts say nothing', () => {
    expect(running(kernel('root=/dev/mmcblk0p3 rw', OVERLAY))).toBe(B.path);
    expect(running(kernel('root=PARTLABEL=system_b', OVERLAY))).toBe(B.path);
    expect(running(kernel('console=tty1 root=PARTUUID=0F0E-02', OVERLAY))).toBe(A.path);
  });

  test('is not guessed when mounts and kernel disagree', () => {
    expect(() => running(kernel('root=/dev/mmcblk0p3', ROOT_A))).toThrow('it is not clear what runs');
  });

  test('is not guessed when nobody knows', () => {
    expect(() => running(kernel('root=/dev/ram0', OVERLAY))).toThrow(SlotError);
    expect(() => running(kernel('', OVERLAY, BELOW_A, B_SOMEWHERE))).toThrow(SlotError);
    expect(() => running(kernel('root=/dev/sda1', '24 1 8:1 / / rw - ext4 /dev/sda1 rw'))).toThrow(SlotError);
  });
});

test('where the other slot is mounted is told', () => {
  expect(findSlots([A, B], kernel('', ROOT_A, B_SOMEWHERE)).otherMountedAt).toBe('/mnt/with space');
  expect(findSlots([A, B], kernel('', ROOT_A)).otherMountedAt).toBeUndefined();
});

test('one partition is not two slots, and two without different numbers are none', () => {
  expect(() => findSlots([A, { ...A, path: '/dev/other' }], kernel('', ROOT_A))).toThrow('the same partition');
  expect(() => findSlots([A, { ...B, part: '2' }], kernel('', ROOT_A))).toThrow("can't tell");
});

test('what is no block device is no slot', () => {
  expect(() => openSlot('/dev/null')).toThrow('no block device');
  expect(() => openSlot('/no/such/device')).toThrow(SlotError);
});

test("numbers of devices are the kernel's", () => {
  expect(deviceText(0x0702)).toBe('7:2');
  expect(deviceText(0x10b305)).toBe('179:261');
});

test('the last root on the command line counts, and lines that are none are passed over', () => {
  expect(rootOfCommandLine('root=/dev/a quiet root="/dev/b"\n')).toBe('/dev/b');
  expect(rootOfCommandLine('quiet')).toBeUndefined();
  expect(readMounts('\nnonsense\n1 2 - \n')).toEqual([]);
});
