// The programs from outside npm that tests drive, and their installation where we are root on Debian.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Each program with the Debian package that brings it. */
const packageOfTool = {
  chromium: 'chromium',
  'nats-server': 'nats-server',
  postgres: 'postgresql',
  initdb: 'postgresql',
  mender: 'mender-client',
  'mender-connect': 'mender-connect',
  'mender-cli': 'mender-cli',
  'mender-artifact': 'mender-artifact',
  xz: 'xz-utils',
  'dbus-daemon': 'dbus',
  busctl: 'systemd',
  'python3-dbus': 'python3-dbus',
  gcc: 'gcc',
  'libc6-dev': 'libc6-dev',
  'libsystemd-dev': 'libsystemd-dev',
  haproxy: 'haproxy',
  ip: 'iproute2',
  tc: 'iproute2',
  iptables: 'iptables',
  ps: 'procps',
  fw_setenv: 'libubootenv-tool',
  'grub-editenv': 'grub-common',
  losetup: 'mount',
  mke2fs: 'e2fsprogs',
} as const;

export type Tool = keyof typeof packageOfTool;

/** What is no program, by a file of it. */
const fileOfTool: { readonly [name in Tool]?: string } = {
  'python3-dbus': '/usr/lib/python3/dist-packages/dbus/__init__.py',
  'libc6-dev': '/usr/include/stdio.h',
  'libsystemd-dev': '/usr/include/systemd/sd-bus.h',
};

const APT_TIMEOUT_MS = 300_000;
const POSTGRES_VERSIONS_DIR = '/usr/lib/postgresql';
const POLICY_FILE = '/usr/sbin/policy-rc.d';

if (import.meta.main) main();

/** The path of a program, or undefined where it is not installed. Looks in the administrator's folders as well. */
export function findTool(tool: Tool): string | undefined {
  const file = fileOfTool[tool];
  if (file !== undefined) return existsSync(file) ? file : undefined;
  const onPath = (process.env.PATH ?? '').split(delimiter);
  return [...onPath, '/usr/sbin', '/sbin', ...postgresDirs()]
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, tool))
    .find(isExecutable);
}

function main(): void {
  const missing = findMissing();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => packageOfTool[tool]))];
  if (canInstall()) install(packages);
  const stillMissing = findMissing();
  if (stillMissing.length === 0) return;
  console.log(`not installed: ${stillMissing.join(', ')}; tests that need them are skipped`);
  console.log(`on Debian: apt-get install --no-install-recommends ${packages.join(' ')}`);
  if (process.env.CI === 'true') process.exitCode = 1;
}

function findMissing(): Tool[] {
  return (Object.keys(packageOfTool) as Tool[]).filter((tool) => findTool(tool) === undefined);
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

function install(packages: string[]): void {
  console.log(`installing ${packages.join(' ')}`);
  const isOurPolicy = forbidServices();
  try {
    // Package lists may be missing or old, so a failure is tried once more with fresh ones.
    if (!aptGet('install', ...packages)) {
      aptGet('update');
      aptGet('install', ...packages);
    }
  } finally {
    if (isOurPolicy) rmSync(POLICY_FILE);
  }
}

function aptGet(verb: 'install' | 'update', ...packages: string[]): boolean {
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60'];
  const { status } = spawnSync('apt-get', [...options, verb, ...packages], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: APT_TIMEOUT_MS,
  });
  return status === 0;
}

/** Debian starts what it installs (a PostgreSQL cluster, brokers, agents) unless this file says no. */
function forbidServices(): boolean {
  if (existsSync(POLICY_FILE)) return false;
  writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return true;
}

/** Newest version first; Debian keeps PostgreSQL's server programs off the PATH. */
function postgresDirs(): string[] {
  if (!existsSync(POSTGRES_VERSIONS_DIR)) return [];
  return readdirSync(POSTGRES_VERSIONS_DIR)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(POSTGRES_VERSIONS_DIR, version, 'bin'));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
