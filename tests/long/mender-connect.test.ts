/** Debian's mender-connect beside our client: ports over the client's own channel, and the client's terminal stays. */
import { expect } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestGateway } from '../harness/gateway.ts';
import { MessageBus } from '../harness/message-bus.ts';
import { startProcess } from '../harness/process.ts';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { requireTool, testWith } from '../tools.ts';
import { MenderCli, QUIT } from '../mender/mender-cli.ts';

const FIRST_BYTES_MS = 2_000;
const FORWARDED_MS = 60_000;

testWith('dbus-daemon', 'mender-connect', 'mender-cli')(
  'mender-connect forwards ports through the client, whose channel and terminal stay as they are',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lovely-beside-'));
    await using server = await TestServer.start();
    await using bus = await MessageBus.start();
    await using gateway = await TestGateway.start(server, {
      args: ['--dbus', bus.address, '--mender-dbus', 'yes', '--shell', '/bin/sh'],
    });
    try {
      const device = await server.deviceWith(gateway.serial);
      await server.accept(device);
      await gateway.process.line(/ connected /);
      await gateway.process.line(/on the bus/);
      const config = join(folder, 'mender-connect.conf');
      await writeFile(
        config,
        JSON.stringify({ ShellCommand: '/bin/sh', User: process.env.USER ?? 'root', ReconnectIntervalSeconds: 1 }),
      );
      const command = [requireTool('mender-connect'), '--config', config, '--fallback-config', config, 'daemon'];
      await using _connect = startProcess(command, { env: bus.environment });
      await gateway.process.line(/mender-connect is here/);
      await using cli = await MenderCli.login(server);
      const house = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('x'.repeat(200_000)) });
      const port = freePort();
      const forward = ['port-forward', device.id, `${port}:127.0.0.1:${house.port}`];
      await using _forward = startProcess(
        [requireTool('mender-cli'), ...forward, '--server', server.url, '--token-value', await server.token()],
        { env: { SSL_CERT_FILE: server.caFile, HOME: folder } },
      );
      // mender-cli sends the first bytes right behind its wish for a connection, and mender-connect may look at them first: then
      // they are lost, and whoever waits tries again.
      const page = await until(
        'the port is forwarded',
        async () => {
          const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(FIRST_BYTES_MS) });
          return await answer.text();
        },
        FORWARDED_MS,
      );
      expect(page).toHaveLength(200_000);
      await house.stop(true);
      await using terminal = cli.terminal(device.id, { columns: 80, rows: 24 });
      terminal.type('echo $((6 * 7))\r');
      await terminal.shows(/42/);
      terminal.type(QUIT);
      await terminal.exited;
      expect(gateway.process.output()).not.toContain('disconnected');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

function freePort(): number {
  const listener = Bun.listen({ port: 0, hostname: '127.0.0.1', socket: { data: () => undefined } });
  listener.stop(true);
  return listener.port;
}
