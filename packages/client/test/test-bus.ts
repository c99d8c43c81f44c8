/** A real message bus of a test's own; it can be restarted at the same address. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import { until } from './until.ts';

/** Undefined where Debian's package dbus is not installed. */
export const DBUS_DAEMON = Bun.which('dbus-daemon', { PATH: '/usr/bin:/bin:/usr/local/bin' });

const CONFIG = (
  path: string,
  policy: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
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
  ${policy === '' ? '' : `<include>${policy}</include>`}
</busconfig>
`;

export class TestBus {
  readonly path: string;
  readonly folder: string;
  #daemon: Bun.Subprocess | undefined;

  private constructor(policy: string) {
    this.folder = temporaryFolder();
    this.path = join(this.folder, 'bus');
    writeFileSync(join(this.folder, 'bus.conf'), CONFIG(this.path, policy));
  }

  /** @param policy a file of ours for the system bus */
  static async start(policy = ''): Promise<TestBus> {
    const bus = new TestBus(policy);
    await bus.start();
    return bus;
  }

  get address(): string {
    return `unix:path=${this.path}`;
  }

  async start(): Promise<void> {
    this.#daemon = Bun.spawn(
      [DBUS_DAEMON!, `--config-file=${join(this.folder, 'bus.conf')}`, '--nofork', '--nopidfile'],
      { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' },
    );
    let isListening = false;
    const look = (): void => {
      const socket = connect(this.path, () => {
        isListening = true;
        socket.destroy();
      });
      socket.on('error', () => undefined);
    };
    await until(() => {
      if (!isListening) look();
      return isListening;
    });
  }

  async stop(): Promise<void> {
    this.#daemon?.kill('SIGKILL');
    await this.#daemon?.exited;
  }
}
