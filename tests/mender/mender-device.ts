/** A real Mender device: Debian's mender-client and mender-connect, each device in a mount namespace of its own. */
import { test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tool } from '../../scripts/debian-tools.ts';
import type { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { testWith } from '../tools.ts';

/** Stands beside the repository, as do the vectors of the wire. */
const SCRIPT = join(import.meta.dir, '../../../shared/mender/device.sh');
const PROGRAMS = ['connect', 'mender', 'dbus'] as const;
type Program = (typeof PROGRAMS)[number];

const START_MS = 30_000;
const STOP_MS = 5_000;

/** `test` where such a device can run, else a skip by name; with CI=true what is missing is a failure. */
export function testWithDevice(...tools: Tool[]): ReturnType<typeof testWith> {
  const missing = missingHere();
  if (missing === undefined) return testWith('mender', 'mender-connect', 'dbus-daemon', ...tools);
  if (process.env.CI === 'true') throw new Error(`a Mender device can't run here: ${missing}`);
  return test.skip;
}

function missingHere(): string | undefined {
  if (!existsSync(SCRIPT)) return `there is no ${SCRIPT}`;
  const { status } = spawnSync('unshare', ['--mount', 'true']);
  return status === 0 ? undefined : 'making a mount namespace needs root';
}

export class MenderDevice implements AsyncDisposable {
  readonly name: string;
  readonly mac: string;
  readonly #parent: string;

  private constructor(parent: string, name: string, mac: string) {
    this.#parent = parent;
    this.name = name;
    this.mac = mac;
  }

  static async start(server: TestServer, name: string, mac: string): Promise<MenderDevice> {
    const device = new MenderDevice(await mkdtemp(join(tmpdir(), 'lovely-mender-')), name, mac);
    try {
      const script = Bun.spawn([SCRIPT, name, mac, server.url, server.caFile], {
        env: { ...process.env, DEVICES_DIR: device.#parent },
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'pipe',
        timeout: START_MS,
      });
      if ((await script.exited) !== 0) throw new Error(`${SCRIPT} failed: ${await script.stderr.text()}`);
      return device;
    } catch (error) {
      await device[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** All that a program has logged. */
  async log(program: Program): Promise<string> {
    return await readFile(this.#path(`${program}.log`), 'utf8');
  }

  /** Its token, as mender-client tells it to mender-connect. */
  async token(): Promise<string> {
    const [name, path] = ['io.mender.AuthenticationManager', '/io/mender/AuthenticationManager'];
    const child = Bun.spawn(
      ['dbus-send', '--system', '--print-reply', `--dest=${name}`, path, 'io.mender.Authentication1.GetJwtToken'],
      { env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.#path('bus.sock')}` } },
    );
    const answer = await child.stdout.text();
    const token = /string "(eyJ[^"]*)"/.exec(answer)?.[1];
    if (token === undefined) throw new Error(`mender-client has no token: ${answer}`);
    return token;
  }

  /** SHA-256 of its public key's DER as colon-separated hex. */
  async fingerprint(): Promise<string> {
    const key = createPublicKey(await readFile(this.#path('data/mender-agent.pem')));
    const hex = createHash('sha256')
      .update(key.export({ format: 'der', type: 'spki' }))
      .digest('hex');
    return hex.replaceAll(/..(?=.)/g, '$&:');
  }

  /** Ends its programs in the order that lets each end well, and removes what they left. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of PROGRAMS) {
      const pid = Number(await readFile(this.#path(`${program}.pid`), 'utf8').catch(() => ''));
      if (pid > 0) await end(pid);
    }
    await rm(this.#parent, { recursive: true, force: true });
  }

  #path(file: string): string {
    return join(this.#parent, this.name, file);
  }
}

async function end(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!(await isRunning(pid))) return;
    process.kill(pid, signal);
    const hasEnded = until(`process ${pid} ends`, async () => !(await isRunning(pid)), STOP_MS);
    await hasEnded.catch((error: unknown) => {
      if (signal === 'SIGKILL') throw error;
    });
  }
}

/** A zombie has ended: its new parent may take its time to notice. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/^\d+ \(.*\) [ZX]/.test(stat);
}
