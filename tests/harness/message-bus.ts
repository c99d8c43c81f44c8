/** A private system bus, as a gateway has one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../tools.ts';
import { startProcess, type RunningProcess } from './process.ts';
import { until } from './wait.ts';

export class MessageBus implements AsyncDisposable {
  readonly #folder: string;
  #daemon: RunningProcess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<MessageBus> {
    const folder = await mkdtemp(join(tmpdir(), 'lovely-bus-'));
    const bus = new MessageBus(folder);
    await writeFile(join(folder, 'bus.conf'), configuration(bus.#path));
    await bus.start();
    return bus;
  }

  get address(): string {
    return `unix:path=${this.#path}`;
  }

  /** For programs that look for the system bus. */
  get environment(): Record<string, string> {
    return { DBUS_SYSTEM_BUS_ADDRESS: this.address };
  }

  async start(): Promise<void> {
    const config = `--config-file=${join(this.#folder, 'bus.conf')}`;
    this.#daemon = startProcess([requireTool('dbus-daemon'), config, '--nofork', '--nopidfile']);
    await until('the bus listens', () => isListening(this.#path));
  }

  async kill(): Promise<void> {
    this.#daemon?.signal('SIGKILL');
    await this.#daemon?.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #path(): string {
    return join(this.#folder, 'bus');
  }
}

async function isListening(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const configuration = (path: string): string => `<!DOCTYPE busconfig PUBLIC
  "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow send_type="*"/>
  </policy>
</busconfig>
`;
