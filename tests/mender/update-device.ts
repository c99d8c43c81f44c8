/**
 * Debian's unmodified mender-client as a device that takes updates: a mount namespace of its own, state scripts, an update
 * module that says what it does and fails, reboots or loses power where a test wants it, and a `reboot` that ends the
 * client, which is then started again as a machine would.
 */
import { generateKeyPairSync } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../tools.ts';
import { startProcess, type RunningProcess } from '../harness/process.ts';

const MODULES = '/usr/share/mender/modules/v3';
const HERE = new URL('.', import.meta.url).pathname;

export interface UpdateDeviceOptions {
  readonly url: string;
  readonly caFile: string;
  readonly mac: string;
  readonly deviceType?: string;
  /** PEM of a public key that artifacts must be signed with. */
  readonly verifyKey?: string;
  /** Whether it has state scripts of its own, which are told as substates. */
  readonly hasScripts?: boolean;
}

export class UpdateDevice implements AsyncDisposable {
  readonly #folder: string;
  #client: RunningProcess;
  #isStopping = false;
  /** Ends when the client is no longer started again. */
  readonly #life: Promise<void>;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#client = this.#start();
    this.#life = this.#keepAlive();
  }

  /** @param admit is told its public key as PEM before it asks to join */
  static async start(options: UpdateDeviceOptions, admit: (publicKey: string) => Promise<void>): Promise<UpdateDevice> {
    const folder = await mkdtemp(join(tmpdir(), 'lovely-mender-update-'));
    try {
      await admit(await prepare(folder, options));
      return new UpdateDevice(folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Tells the test's update module how to behave from now on, see trace-mod.sh. */
  async behave(name: string, value = ''): Promise<void> {
    await writeFile(join(this.#folder, 'data/test', name), value);
  }

  /** Takes that back. */
  async behaveAgain(name: string): Promise<void> {
    await rm(join(this.#folder, 'data/test', name), { force: true });
  }

  /** States that update modules were called with, state scripts that ran and reboots, in their order. */
  async calls(): Promise<string[]> {
    const text = await readFile(join(this.#folder, 'data/test/calls'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }

  /** A file of the device's file system below /data/mender. */
  async file(path: string): Promise<string | undefined> {
    return await readFile(join(this.#folder, 'data', path), 'utf8').catch(() => undefined);
  }

  log(): string {
    return this.#client.output();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await this.#client.stop();
    await this.#life;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(): RunningProcess {
    return startProcess(['unshare', '--mount', '--propagation', 'private', '/bin/sh', join(this.#folder, 'run.sh')], {
      env: { PATH: `${join(this.#folder, 'bin')}:${process.env.PATH ?? ''}` },
    });
  }

  /** A machine that was rebooted, or lost power, comes up again. */
  async #keepAlive(): Promise<void> {
    for (;;) {
      await this.#client.exited;
      if (this.#isStopping) return;
      this.#client = this.#start();
    }
  }
}

/** Returns the public key. */
async function prepare(folder: string, options: UpdateDeviceOptions): Promise<string> {
  const { url, caFile, mac, deviceType = 'lovely-box', verifyKey, hasScripts = false } = options;
  const make = (path: string, content: string, mode = 0o644): Promise<void> =>
    writeFile(join(folder, path), content, { mode });
  for (const name of ['etc/scripts', 'data/test', 'identity', 'inventory', 'bin', 'modules'])
    await mkdir(join(folder, name), { recursive: true });
  for (const path of ['/etc/mender', '/data/mender']) await mkdir(path, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await make('data/auth.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 0o600);
  await make('data/device_type', `device_type=${deviceType}\n`);
  await make('etc/artifact_info', 'artifact_name=initial\n');
  if (verifyKey !== undefined) await make('etc/verify.pem', verifyKey);
  await make(
    'etc/mender.conf',
    JSON.stringify({
      ServerURL: url,
      ServerCertificate: caFile,
      UpdatePollIntervalSeconds: 1,
      InventoryPollIntervalSeconds: 30,
      RetryPollIntervalSeconds: 1,
      StateScriptRetryIntervalSeconds: 1,
      DBus: { Enabled: false },
      Security: { AuthPrivateKey: '/var/lib/mender/auth.pem' },
      ...(verifyKey === undefined ? {} : { ArtifactVerifyKey: '/etc/mender/verify.pem' }),
    }),
  );
  await make('identity/mender-device-identity', `#!/bin/sh\necho mac=${mac}\n`, 0o755);
  await make('inventory/mender-inventory-basic', `#!/bin/sh\necho hostname=${mac}\n`, 0o755);
  await make(
    'bin/reboot',
    '#!/bin/sh\necho reboot >>/var/lib/mender/test/calls\nkill -9 "$(cat /var/lib/mender/test/pid)"\n',
    0o755,
  );
  if (hasScripts) {
    await make('etc/scripts/version', '3');
    for (const name of ['Sync_Leave_00', 'Download_Enter_00', 'Download_Error_00'])
      await make(`etc/scripts/${name}`, '#!/bin/sh\nexit 0\n', 0o755);
  }
  for (const module of await readdir(MODULES)) await copyFile(join(MODULES, module), join(folder, 'modules', module));
  for (const module of ['trace-mod', 'mender-configure']) {
    await copyFile(join(HERE, `${module}.sh`), join(folder, 'modules', module));
    await chmod(join(folder, 'modules', module), 0o755);
  }
  const mounts = [
    ['etc', '/etc/mender'],
    ['data', '/data/mender'],
    ['identity', '/usr/share/mender/identity'],
    ['inventory', '/usr/share/mender/inventory'],
    ['modules', MODULES],
  ].map(([from, to]) => `mount --bind "${join(folder, from!)}" ${to}`);
  await make(
    'run.sh',
    [
      'set -e',
      ...mounts,
      'echo $$ >/var/lib/mender/test/pid',
      `exec ${requireTool('mender')} --no-syslog --log-level debug daemon`,
      '',
    ].join('\n'),
  );
  return publicKey.export({ format: 'pem', type: 'spki' }).toString();
}
