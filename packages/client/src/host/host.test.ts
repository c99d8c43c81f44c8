/** The readers of figures, on texts of real machines and on the machine that runs the tests. */
import { matchMetric } from '@lovely/protocol';
import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { METRICS } from '../metrics.ts';
import { mountPoints } from './disks.ts';
import { parseLoad } from './load.ts';
import { parseMemory } from './memory.ts';
import { parseNetwork } from './network.ts';
import { runningProcesses } from './processes.ts';
import { createSampler, hostSampler } from './sampler.ts';
import { parseServiceStates } from './systemd.ts';
import { targetStates } from './targets.ts';
import { temperaturesIn } from './temperature.ts';

afterAll(removeTemporaryFolders);

test('this machine has its figures, each of them in the catalogue', async () => {
  const values = await hostSampler(['/dev/shm'])(0);
  for (const metric of Object.keys(values))
    expect(METRICS.some(({ pattern }) => matchMetric(pattern, metric) !== undefined)).toBe(true);
  expect(Math.abs(Number(values['load.15m']) - loadavg()[2]!)).toBeLessThan(1);
  expect(Math.abs(Number(values['uptime.seconds']) - uptime())).toBeLessThan(5);
  expect(Number(values['memory.availableBytes'])).toBeLessThan(totalmem());
  expect(Number(values['memory.usedPercent'])).toBeGreaterThan(0);
  expect(values['disk./.usedPercent']).toBeNumber();
  expect(values['disk./dev/shm.availableBytes']).toBeNumber();
});

test('load is that of one and of 15 minutes', () => {
  expect(parseLoad('0.52 0.58 0.59 2/389 12345\n')).toEqual({ 'load.1m': 0.52, 'load.15m': 0.59 });
});

test('memory that caches hold is not used', () => {
  const text =
    'MemTotal:       1000000 kB\nMemFree:          50000 kB\nMemAvailable:    600000 kB\nSwapTotal:       100000 kB\nSwapFree:         75000 kB\n';
  expect(parseMemory(text)).toEqual({
    'memory.usedPercent': 40,
    'memory.availableBytes': 614_400_000,
    'swap.usedPercent': 25,
  });
  expect(parseMemory(text.replace('SwapTotal:       100000', 'SwapTotal:       0'))).not.toHaveProperty(
    'swap.usedPercent',
  );
});

test('a disk is known once, by its shortest path, and what nobody can fill is none', () => {
  const mounts = [
    '/dev/root / ext4 rw 0 0',
    'proc /proc proc rw 0 0',
    '/dev/mmcblk0p3 /data/docker/volumes ext4 rw 0 0',
    '/dev/mmcblk0p3 /data ext4 rw 0 0',
    '/dev/loop3 /snap/core squashfs ro 0 0',
    'server:/home /home nfs4 rw 0 0',
    'tmpfs /run tmpfs rw 0 0',
    'tmpfs /run/lock tmpfs rw 0 0',
    '/dev/sda1 /media/My\\040Disk vfat rw 0 0',
    '',
  ].join('\n');
  expect(mountPoints(mounts, ['/run'])).toEqual(['/', '/data', '/run', '/media/My Disk']);
  expect(
    mountPoints('tmpfs /run/user/0 tmpfs rw 0 0\ntmpfs /scratch tmpfs rw 0 0\ntmpfs /tmp tmpfs rw 0 0', []),
  ).toEqual(['/scratch', '/tmp']);
  expect(mountPoints('overlay / overlay rw 0 0\noverlay /var/lib/docker/x overlay rw 0 0', [])).toEqual(['/']);
});

test('interfaces are counted but for loopback, inner ones and those that never carried anything', () => {
  const line = (name: string, received: number, sent: number): string =>
    `${name.padStart(6)}: ${received} 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0`;
  const text = [
    'Inter-|   Receive',
    ' face |bytes',
    line('lo', 5, 5),
    line('eth0', 10, 20),
    line('veth1a', 1, 1),
    line('wwan0', 0, 0),
  ].join('\n');
  expect(parseNetwork(text)).toEqual({ 'network.eth0.receivedBytes': 10, 'network.eth0.sentBytes': 20 });
});

test('zones of one type are told apart, and one that refuses is left out', () => {
  const folder = temporaryFolder();
  const zone = (name: string, type: string, temperature: string): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'type'), `${type}\n`);
    writeFileSync(join(folder, name, 'temp'), temperature);
  };
  zone('thermal_zone0', 'cpu-thermal', '48312\n');
  zone('thermal_zone1', 'cpu-thermal', '51000\n');
  zone('thermal_zone2', 'battery', '');
  mkdirSync(join(folder, 'cooling_device0'));
  expect(temperaturesIn(folder)).toEqual({
    'temperature.cpu-thermal.celsius': 48.3,
    'temperature.thermal_zone1.celsius': 51,
  });
  expect(temperaturesIn(join(folder, 'none'))).toEqual({});
});

test('systemd answers in the order of the question, and knows no state of what it does not know', () => {
  const output =
    'LoadState=loaded\nActiveState=active\n\nActiveState=inactive\nLoadState=not-found\n\nLoadState=loaded\nActiveState=failed\n';
  expect(parseServiceStates(['sshd', 'nothing', 'cron'], output)).toEqual(
    new Map([
      ['sshd', 'active'],
      ['cron', 'failed'],
    ]),
  );
});

test('a process is found by its name while it runs, and not when it has ended', async () => {
  const name = `lovely-${process.pid}`;
  const program = join(temporaryFolder(), name);
  writeFileSync(program, readFileSync('/bin/sleep'), { mode: 0o755 });
  expect(runningProcesses([name])).toEqual(new Set());
  const child = Bun.spawn([program, '60']);
  try {
    expect(runningProcesses([name, 'nothing'])).toEqual(new Set([name]));
    expect((await targetStates([name])).get(name)).toBe('running');
  } finally {
    child.kill('SIGKILL');
    await child.exited;
  }
  expect((await targetStates([name])).get(name)).toBe('not running');
});

test('a source that fails keeps its last good figures, and is not asked more often than it wants', async () => {
  let asked = 0;
  const sample = createSampler([
    {
      intervalMs: 0,
      read: () => {
        if (++asked === 2) throw new Error('busy');
        return { a: asked };
      },
    },
    { intervalMs: 10_000, read: () => ({ b: asked }) },
  ]);
  expect(await sample(0)).toEqual({ a: 1, b: 1 });
  expect(await sample(5000)).toEqual({ a: 1, b: 1 });
  expect(await sample(10_000)).toEqual({ a: 3, b: 3 });
});
