/** What is installed on a gateway, unpacked into a folder that knows nothing of the repository, and started there. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlHello, shellNew, shellStarted, updateOffer, updateState, type UpdateReport } from '@lovely/protocol';
import { DOWNLOAD_PART_BYTES } from '../src/limits.ts';
import { removeTemporaryFolders, temporaryFolder } from '../test/folder.ts';
import { GatewayProcess } from '../test/gateway-process.ts';
import { CA_FILE, Hub } from '../test/hub.ts';
import { type } from '../test/terminal.ts';
import { artifactOf, DEVICE_TYPE, fileOf, payloadOf, writeProgram } from '../test/update/update-rig.ts';

const ROOT = temporaryFolder();
const GUARD = join(ROOT, 'usr/lib/nice-smart-client/trial-guard');
let entries: string[];

function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stderr: 'pipe' });
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString()}`);
  return stdout.toString();
}

beforeAll(() => {
  const archive = run(
    process.execPath,
    join(import.meta.dir, 'build-gateway.ts'),
    process.arch,
    temporaryFolder(),
  ).trim();
  entries = run('tar', '-tzf', archive).trim().split('\n');
  run('tar', '-xzf', archive, '-C', ROOT);
}, 60_000);
afterAll(removeTemporaryFolders);

test('starts on Node, joins, and opens a terminal', async () => {
  const hub = new Hub();
  const program = join(ROOT, 'usr/lib/nice-smart-client/nice-smart-client.mjs');
  // No bus is there, but the package that speaks to one must be.
  const args = ['--ca', CA_FILE, '--shell', '/bin/sh', '--dbus', 'unix:path=/nonexistent/bus'];
  const gateway = new GatewayProcess(hub, temporaryFolder(), args, [Bun.which('node')!, program]);
  try {
    await hub.received((frame) => controlHello.is(frame));
    hub.send(shellNew.frame({ user_id: 'u1', terminal_width: 80, terminal_height: 24 }, undefined, 's1'));
    await hub.received((frame) => shellStarted.is(frame));
    await type((frame) => hub.send(frame), hub.frames, 's1', 'echo the-$((1+1))-end\r', /the-2-end/);
    expect(gateway.lines.join('\n')).not.toContain('Cannot find');
  } finally {
    await gateway.stop('SIGKILL');
    await hub.stop();
  }
}, 60_000);

test('downloads software on Node, in parts, and installs it', async () => {
  const hub = new Hub();
  const folder = temporaryFolder();
  // Two parts, which nothing makes smaller.
  const firmware = randomBytes(DOWNLOAD_PART_BYTES + 100_000);
  const bytes = await artifactOf('release-2', [payloadOf('copy', [fileOf('data', firmware)])]);
  hub.files.set('/release-2', new Uint8Array(bytes));
  writeProgram(
    join(folder, 'copy'),
    `[ "$1" = ArtifactInstall ] || exit 0\ncp files/data ${join(folder, 'installed')}\n`,
  );
  const program = join(ROOT, 'usr/lib/nice-smart-client/nice-smart-client.mjs');
  const args = ['--ca', CA_FILE, '--module-dir', folder, '--device-type', DEVICE_TYPE];
  const gateway = new GatewayProcess(hub, temporaryFolder(), args, [Bun.which('node')!, program]);
  try {
    await hub.received((frame) => controlHello.is(frame));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const artifact = {
      name: 'release-2',
      bytes: bytes.length,
      sha256,
      path: '/release-2',
      expiresMs: Date.now() + DAY_MS,
    };
    hub.send(updateOffer.frame({}, { deployment: 'd', attempt: 1, artifact }));
    const states = await hub.received((frame) => updateState.is(frame) && isEnd(updateState.read(frame).body));
    expect(updateState.read(states[0]!).body).toMatchObject({ state: 'success' });
    expect(readFileSync(join(folder, 'installed')).equals(firmware)).toBe(true);
    expect(hub.ranges).toEqual([
      `bytes=0-${DOWNLOAD_PART_BYTES - 1}`,
      `bytes=${DOWNLOAD_PART_BYTES}-${bytes.length - 1}`,
    ]);
  } finally {
    await gateway.stop('SIGKILL');
    await hub.stop();
  }
}, 60_000);

const DAY_MS = 86_400_000;

function isEnd({ state, substate }: UpdateReport): boolean {
  return substate === undefined && (state === 'success' || state === 'failure');
}

test('uses nothing of the language that Node 20 does not have', () => {
  const bundle = readFileSync(join(ROOT, 'usr/lib/nice-smart-client/nice-smart-client.mjs'), 'utf8');
  const newer =
    /Promise\.(withResolvers|try)|Array\.fromAsync|(Object|Map)\.groupBy|\.(toHex|toBase64|isSubsetOf)\(|Iterator\.from/;
  expect(newer.exec(bundle)?.[0]).toBeUndefined();
});

test('touches nothing outside of /usr, and nobody but its owner may change it', () => {
  expect(entries.filter((entry) => !entry.startsWith('usr/'))).toEqual([]);
  for (const entry of entries) expect([entry, statSync(join(ROOT, entry)).mode & 0o7022]).toEqual([entry, 0]);
  expect(statSync(join(ROOT, 'usr/bin/nice-smart-client')).mode & 0o777).toBe(0o755);
});

test('names only programs and files that it brings, or that are set on the gateway', () => {
  const folder = join(ROOT, 'usr/lib/systemd/system');
  const named = readdirSync(folder).flatMap((unit) =>
    [...readFileSync(join(folder, unit), 'utf8').matchAll(/^ExecStart=(\S+)/gm)].map(([, program]) => program!),
  );
  named.push(/exec node (\S+)/.exec(readFileSync(join(ROOT, 'usr/bin/nice-smart-client'), 'utf8'))![1]!);
  expect(named).toHaveLength(3);
  for (const path of named) expect([path, statSync(join(ROOT, path)).isFile()]).toEqual([path, true]);
});

describe('the guard of a system on trial', () => {
  /** Whether it restarts a machine whose environment, and whose client, is such. */
  function restarts(variable: string, client: { readonly isActive: boolean; readonly restarts: number }): boolean {
    const tools = temporaryFolder();
    const tool = (name: string, ...lines: string[]): void => {
      writeFileSync(join(tools, name), ['#!/bin/sh', ...lines, ''].join('\n'));
      chmodSync(join(tools, name), 0o755);
    };
    mkdirSync(join(tools, 'done'));
    tool('fw_printenv', `[ "$1" = upgrade_available ] && echo ${variable}`);
    tool(
      'systemctl',
      'case $1 in',
      `is-active) exit ${client.isActive ? 0 : 3} ;;`,
      `show) echo ${client.restarts} ;;`,
      `reboot) touch ${join(tools, 'done/reboot')} ;;`,
      'esac',
    );
    const { exitCode } = Bun.spawnSync(['/bin/sh', GUARD], {
      env: { PATH: `${tools}:/usr/bin:/bin`, LOVELY_TRIAL_PAUSE_S: '0', LOVELY_TRIAL_GRUBENV: '/nonexistent' },
      stdout: 'ignore',
    });
    expect(exitCode).toBe(0);
    return readdirSync(join(tools, 'done')).includes('reboot');
  }

  test('restarts when the client is not there or ends again and again', () => {
    expect(restarts('upgrade_available=1', { isActive: false, restarts: 0 })).toBe(true);
    expect(restarts('upgrade_available=1', { isActive: true, restarts: 5 })).toBe(true);
  });

  test('leaves alone what works, and what is not on trial', () => {
    expect(restarts('upgrade_available=1', { isActive: true, restarts: 1 })).toBe(false);
    expect(restarts('upgrade_available=0', { isActive: false, restarts: 9 })).toBe(false);
    expect(restarts('upgrade_available=', { isActive: false, restarts: 9 })).toBe(false);
  });
});
