/** The policies that we ship for the system bus, on a real one. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync } from 'node:fs';
import { createClient, type MessageBus } from 'dbus-native';
import { removeTemporaryFolders } from '../../test/folder.ts';
import { DBUS_DAEMON, TestBus } from '../../test/test-bus.ts';
import { until } from '../../test/until.ts';

const MONITOR = Bun.which('dbus-monitor', { PATH: '/usr/bin:/bin' });
const POLICY = new URL('../../../../deploy/dbus/io.mender.AuthenticationManager.conf', import.meta.url).pathname;
const NAME = 'io.mender.AuthenticationManager';
const NOBODY = 65_534;

afterAll(removeTemporaryFolders);

/** A program that keeps what it hears. */
function listen(bus: TestBus, as: readonly string[]): { text(): string; end(): Promise<void> } {
  const program = Bun.spawn([...as, MONITOR!, '--address', bus.address, "type='signal'"], {
    stdout: 'pipe',
    stderr: 'ignore',
  });
  let text = '';
  const reading = program.stdout.pipeTo(
    new WritableStream({ write: (bytes) => void (text += new TextDecoder().decode(bytes)) }),
  );
  return {
    text: () => text,
    async end() {
      program.kill();
      await program.exited;
      await reading;
    },
  };
}

function signal(bus: MessageBus, member: string, body: readonly string[]): void {
  const message = { type: 4, serial: 1000, path: '/io/mender', interface: 'io.mender.Authentication1', member };
  bus.connection.message({ ...message, signature: 's'.repeat(body.length), body: [...body] });
}

const isPossible = DBUS_DAEMON !== null && MONITOR !== null && process.getuid?.() === 0;

test.skipIf(!isPossible)('a token is told to nobody but root', async () => {
  const bus = await TestBus.start(POLICY);
  chmodSync(bus.folder, 0o755);
  chmodSync(bus.path, 0o777);
  const [stranger, root] = [listen(bus, ['setpriv', `--reuid=${NOBODY}`, '--clear-groups']), listen(bus, [])];
  const [owner, other] = [0, 1].map(() => createClient({ busAddress: bus.address, fdTransport: false }));
  const where = {
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
  };
  await owner!.invoke({ ...where, member: 'RequestName', signature: 'su', body: [NAME, 4] });
  // Who is told of one that is no secret listens by now.
  await until(() => {
    signal(other!, 'Before', []);
    return [stranger, root].every((one) => one.text().includes('Before'));
  });
  signal(owner!, 'JwtTokenStateChange', ['a secret', 'http://127.0.0.1']);
  await until(() => root.text().includes('a secret'));
  signal(other!, 'After', []);
  await until(() => stranger.text().includes('After'));
  expect(stranger.text()).not.toContain('a secret');
  await Promise.all([owner!.close(), other!.close(), stranger.end(), root.end()]);
  await bus.stop();
});
