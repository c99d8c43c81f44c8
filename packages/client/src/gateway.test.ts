/** The whole program as a process, on both runtimes, against a real server. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  configurationDesired,
  configurationReported,
  controlHello,
  inventoryReport,
  shellNew,
  shellStarted,
  shellStop,
  shellStopped,
  statusReport,
  ruleFrames,
  type DeviceRule,
  type Frame,
} from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../test/folder.ts';
import { GatewayProcess, MAIN } from '../test/gateway-process.ts';
import { CA_FILE, Hub, OTHER_CA_FILE } from '../test/hub.ts';
import { Proxy } from '../test/proxy.ts';
import { outputOf, type } from '../test/terminal.ts';
import { until } from '../test/until.ts';

afterAll(removeTemporaryFolders);

const PACKAGE = join(import.meta.dir, '..');
const BUNDLE_FOLDER = join(PACKAGE, 'dist/test');

let hub: Hub;
let gateways: GatewayProcess[];

beforeEach(() => {
  hub = new Hub();
  gateways = [];
});

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')));
  await hub.stop();
});

/** The bundle stands inside the package, so that Node finds `ws` and the terminal's package. */
function buildForNode(): string {
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, join(PACKAGE, 'scripts/build-node.ts'), BUNDLE_FOLDER]);
  if (exitCode !== 0) throw new Error(stderr.toString());
  return join(BUNDLE_FOLDER, 'nice-smart-client.mjs');
}

afterAll(() => rmSync(BUNDLE_FOLDER, { recursive: true, force: true }));

const isHello = (frame: Frame): boolean => controlHello.is(frame);
const isStatus = (frame: Frame): boolean => statusReport.is(frame);

/** A program under a name that no other process has. */
function uniqueProgram(): { name: string; path: string } {
  const name = `oven-${process.pid}-${Math.floor(Math.random() * 1e6)}`;
  const path = join(temporaryFolder(), name);
  writeFileSync(path, readFileSync('/bin/sleep'));
  chmodSync(path, 0o755);
  return { name, path };
}

function serviceRule(target: string): DeviceRule {
  return {
    key: 'service-down',
    version: 1,
    severity: 'critical',
    description: '{target} is {state}',
    of: { kind: 'gateway' },
    watch: { kind: 'service', targets: [target], forMs: 0 },
  };
}

const tell = (rules: DeviceRule[], version: string): void => {
  for (const frame of ruleFrames(version, rules)) hub.send(frame);
};

/** Sockets of the process that listen, over IPv4 and IPv6, TCP and UDP. */
function listeningSockets(pid: number): string[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) => {
    const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1);
    // State 0A is LISTEN; an unconnected UDP socket (07) could receive from anybody.
    return lines.filter((line) => {
      const columns = line.trim().split(/\s+/);
      return (columns[3] === '0A' || columns[3] === '07') && inodes.includes(columns[9]!);
    });
  });
}

const runtimes: [string, () => string[]][] = [
  ['Bun', () => [process.execPath, MAIN]],
  ['Node', () => [Bun.which('node')!, buildForNode()]],
];

describe.each(runtimes)('on %s', (runtime, commandOf) => {
  let command: string[] | undefined;

  function start(dataDir: string, args: string[] = [], ca = CA_FILE): GatewayProcess {
    command ??= commandOf();
    const options = ['--ca', ca, '--sample-interval-ms', '100', ...args];
    const gateway = new GatewayProcess(hub, dataDir, options, command);
    gateways.push(gateway);
    return gateway;
  }

  test('a gateway joins, tells what it is, reports, and stops cleanly', async () => {
    const folder = temporaryFolder();
    const gateway = start(folder, ['--serial', 'sn-7', '--name', 'A house', '--log-format', 'json']);
    const made = JSON.parse(await gateway.printed('key made')) as { fingerprint: string };
    expect(made.fingerprint).toMatch(/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/);
    const [hello] = await hub.received(isHello);
    expect(controlHello.read(hello!).body).toMatchObject({ client: 'nice-smart-client', version: '0.1.0', epoch: 0 });
    const [inventory] = await hub.received((frame) => inventoryReport.is(frame));
    const attributes = inventoryReport.read(inventory!).body;
    expect(attributes).toMatchObject({ name: 'A house', serial_number: 'sn-7' });
    expect(String(attributes.client_runtime)).toStartWith(`${runtime.toLowerCase()} `);
    await hub.received(isStatus);
    expect(hub.reports[0]!.body[0]!.values).toContainKeys([
      'load.1m',
      'memory.usedPercent',
      'disk./.usedPercent',
      'uptime.seconds',
    ]);
    expect(hub.authentications.every(({ isSigned, idData }) => isSigned && idData === '{"sn":"sn-7"}')).toBe(true);
    expect(listeningSockets(gateway.pid)).toEqual([]);
    expect(await gateway.stop()).toBe(0);
    await until(() => hub.farewells.length === 1);
    expect(hub.farewells).toEqual([1000]);
    const printed = gateway.lines.join('\n');
    expect(printed).toContain('"event":"stopped"');
    for (const secret of ['token-1', 'PRIVATE KEY', readFileSync(join(folder, 'key.pem'), 'utf8').split('\n')[1]!])
      expect(printed).not.toContain(secret);
  }, 60_000);

  test('a terminal works, byte by byte', async () => {
    start(temporaryFolder(), ['--shell', '/bin/sh']);
    await hub.received(isHello);
    const send = (frame: Frame): void => hub.send(frame);
    send(shellNew.frame({ terminal_width: 90, terminal_height: 20, user_id: 'u1' }, undefined, 's1'));
    expect((await hub.received((frame) => shellStarted.is(frame)))[0]!.props.status).toBe(1);
    await type(send, hub.frames, 's1', 'stty size; pwd | tr a-z A-Z\r', /20 90\r\n\//);
    await type(
      send,
      hub.frames,
      's1',
      "printf 'Grüße 😀' | od -An -tx1 | tr -d ' \\n'; echo\r",
      /4772c3bcc39f6520f09f9880/,
    );
    await type(send, hub.frames, 's1', 'seq 1 20000; echo the-$((1+1))-end\r', /the-2-end/);
    expect(outputOf(hub.frames, 's1')).toContain(
      Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join(''),
    );
    send(shellStop.frame({ user_id: 'u1' }, undefined, 's1'));
    expect((await hub.received((frame) => shellStopped.is(frame)))[0]!.props.status).toBe(1);
  }, 60_000);

  test('a refused token is replaced', async () => {
    start(temporaryFolder());
    await hub.received(isHello);
    hub.revoke();
    await hub.received(isHello, 2);
    expect(hub.upgrades.at(-1)).toBe('Bearer token-2');
  }, 60_000);

  test('an untrusted server gets neither identity nor token', async () => {
    const gateway = start(temporaryFolder(), [], OTHER_CA_FILE);
    await gateway.printed('server not available');
    expect([hub.authentications, hub.upgrades]).toEqual([[], []]);
  }, 60_000);

  test('a link that died without a word is noticed, also through a proxy', async () => {
    const proxy = await Proxy.start();
    try {
      // Long enough that a crowded machine does not miss one before the link is frozen.
      hub.heartbeatMs = 500;
      const gateway = start(temporaryFolder(), ['--proxy', proxy.url]);
      // Before the welcome has come through, it would be the welcome that is missing.
      await gateway.printed('connected');
      proxy.freeze();
      await hub.received(isHello, 2);
      expect(gateway.lines.join('\n')).toContain('missing=heartbeat');
      expect(new Set(proxy.authorities)).toEqual(new Set([`localhost:${hub.port}`]));
    } finally {
      await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')));
      await proxy[Symbol.asyncDispose]();
    }
  }, 60_000);
});

describe('a gateway', () => {
  function start(dataDir: string, args: string[] = []): GatewayProcess {
    const gateway = new GatewayProcess(hub, dataDir, ['--ca', CA_FILE, '--sample-interval-ms', '100', ...args]);
    gateways.push(gateway);
    return gateway;
  }

  test('raises an alert for a process that is down, and clears it when it runs', async () => {
    const { name, path } = uniqueProgram();
    start(temporaryFolder());
    await hub.received(isHello);
    tell([serviceRule(name)], 'v1');
    await until(() => hub.raised.length === 1);
    expect(hub.raised[0]!.body).toMatchObject({
      source: name,
      rule: 'service-down',
      severity: 'critical',
      description: `${name} is not running`,
      values: { target: name, state: 'not running' },
    });
    const oven = Bun.spawn([path, '60']);
    try {
      await until(() => hub.cleared.length === 1);
      expect(hub.cleared[0]!.body).toMatchObject({ source: name, rule: 'service-down' });
    } finally {
      oven.kill('SIGKILL');
      await oven.exited;
    }
  }, 60_000);

  test('keeps watching without a server, and its alerts survive kill -9 until they are acknowledged', async () => {
    const { name, path } = uniqueProgram();
    const folder = temporaryFolder();
    const oven = Bun.spawn([path, '60']);
    const first = start(folder);
    await hub.received(isHello);
    tell([serviceRule(name)], 'v1');
    await first.printed('rules told');
    hub.isAcknowledging = false;
    hub.refuseWith = 503;
    hub.cut();
    await first.printed('disconnected');
    oven.kill('SIGKILL');
    await first.printed('alert raised');
    await first.stop('SIGKILL');

    // Nobody to talk to: the rules come from the disk, and what is raised already is not raised again.
    const second = start(folder);
    await second.printed('refused');
    await Bun.sleep(300);
    await second.stop('SIGKILL');
    expect(second.lines.join('\n')).not.toContain('alert raised');
    expect(hub.raised).toEqual([]);

    hub.refuseWith = undefined;
    start(folder);
    await until(() => hub.raised.length >= 1);
    const { id } = hub.raised[0]!.props;
    hub.cut();
    await until(() => hub.raised.length >= 2);
    expect(hub.raised[1]!.props.id).toBe(id);
    hub.isAcknowledging = true;
    hub.acknowledge(hub.frames.flatMap((frame) => (typeof frame.props.id === 'number' ? [frame.props.id] : [])));
    const hellos = hub.frames.filter(isHello).length;
    hub.cut();
    await hub.received(isHello, hellos + 1);
    await hub.received(isStatus, hub.reports.length);
    await Bun.sleep(300);
    expect(hub.raised.length).toBe(2);
  }, 30_000);

  test('tells the same epoch after a restart that it was given before', async () => {
    const folder = temporaryFolder();
    const first = start(folder);
    await first.printed('connected epoch=1');
    await first.stop();
    start(folder);
    const hellos = await hub.received(isHello, 2);
    expect(controlHello.read(hellos[1]!).body.epoch).toBe(1);
  }, 60_000);

  test('does not start with settings or files it cannot use, and says which', () => {
    const run = (ca: string, dataDir: string, ...more: string[]): { exitCode: number; text: string } => {
      const args = ['--server', hub.url, '--ca', ca, '--data-dir', dataDir, ...more];
      const { exitCode, stderr } = Bun.spawnSync([process.execPath, MAIN, ...args], {
        env: { PATH: '/usr/bin:/bin' },
      });
      return { exitCode, text: stderr.toString() };
    };
    expect(run(CA_FILE, temporaryFolder(), '--sever', 'x')).toEqual({
      exitCode: 1,
      text: 'unknown flag --sever; did you mean --server?\n',
    });
    expect(run('/nonexistent', temporaryFolder())).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('--ca'),
    });
    expect(run(MAIN, temporaryFolder())).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('no certificate'),
    });
    expect(run(OTHER_CA_FILE, '/proc/nonexistent/x')).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('data directory'),
    });
  });
});

describe('a configure script that wants the machine to start anew', () => {
  async function configured(...args: string[]): Promise<{ gateway: GatewayProcess; restarts: string }> {
    const folder = temporaryFolder();
    const restarts = join(temporaryFolder(), 'restarts');
    const reboot = join(temporaryFolder(), 'reboot');
    writeFileSync(join(folder, '10-timezone'), '#!/bin/sh\nexit 20\n', { mode: 0o755 });
    writeFileSync(reboot, `#!/bin/sh\necho "$@" >> ${restarts}\n`, { mode: 0o755 });
    const own = ['--ca', CA_FILE, '--configure-dir', folder, '--reboot-command', `${reboot} now`];
    const gateway = new GatewayProcess(hub, temporaryFolder(), [...own, ...args]);
    gateways.push(gateway);
    await hub.received(isHello);
    hub.send(configurationDesired.frame({}, { version: 1, values: { timezone: 'Europe/Rome' } }));
    await hub.received((frame) => configurationReported.is(frame));
    return { gateway, restarts };
  }

  test('has it once the server has been told', async () => {
    const { restarts } = await configured();
    await until(() => statSync(restarts, { throwIfNoEntry: false }) !== undefined);
    expect(readFileSync(restarts, 'utf8')).toBe('now\n');
  });

  test('does not where the owner allows no restarts', async () => {
    const { gateway, restarts } = await configured('--actions', 'commands');
    await gateway.printed('configure script ran');
    await gateway.stop();
    expect(gateway.lines.join('\n')).not.toContain('needs a restart');
    expect(statSync(restarts, { throwIfNoEntry: false })).toBeUndefined();
  });
});
