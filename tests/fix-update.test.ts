/** A fix that installs software: one click rolls a release out to the red house, and it is green when the update has helped. */
import { getDeployment, getDevice, listDeployments } from '@lovely/api';
import { expect, test } from 'bun:test';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixesOn } from './harness/fixes.ts';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { uploadRelease } from './harness/software.ts';
import { until } from './harness/wait.ts';

/** A program of its own name, so that no other process of this machine is meant. */
const PROGRAM = `lss${crypto.randomUUID().slice(0, 8)}`;
const DEVICE_TYPE = 'windmill-gateway';

test('a fix installs a release on the house, and says what came of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lovely-fix-update-'));
  const pidFile = join(folder, 'pid');
  await copyFile('/bin/sleep', join(folder, PROGRAM));
  await chmod(join(folder, PROGRAM), 0o755);
  // The update module: installing is starting the program that was missing.
  await writeFile(
    join(folder, 'daemon'),
    `#!/bin/sh
[ "$1" = ArtifactInstall ] || exit 0
setsid ${join(folder, PROGRAM)} 600 >/dev/null 2>&1 & echo $! > ${pidFile}
`,
    { mode: 0o755 },
  );
  try {
    await using server = await TestServer.start();
    await using gateway = await TestGateway.join(server, {
      args: ['--sample-interval-ms', '200', '--watch', PROGRAM, '--module-dir', folder, '--device-type', DEVICE_TYPE],
    });
    const { id } = gateway;
    const { openAlert, makeFix, start, ended } = fixesOn(() => ({ server, id }));
    const alert = await openAlert();

    const nowhere = await makeFix('Install what is not there', [{ kind: 'update', artifact: 'daemon-9' }]);
    expect(await ended((await start(nowhere, alert.id)).id)).toMatchObject({ state: 'failed' });

    await uploadRelease(server, { name: 'daemon-2', type: 'daemon', deviceType: DEVICE_TYPE, content: 'x' });
    const fix = await makeFix('Install the daemon', [{ kind: 'update', artifact: 'daemon-2' }], { checkMs: 60_000 });
    expect(fix.isRunnable).toBe(true);
    expect(await ended((await start(fix, alert.id)).id)).toMatchObject({ state: 'helped', stepsDone: 1 });
    await until('the house is green', async () => (await server.call(getDevice, { params: { id } })).health === 'ok');

    const { items } = await server.call(listDeployments, { query: {} });
    expect(items.map(({ name }) => name)).toEqual(['Install the daemon']);
    await until('its deployment is over', async () => {
      const { state, counts } = await server.call(getDeployment, { params: { id: items[0]!.id } });
      return state === 'finished' && counts.success === 1;
    });
  } finally {
    const pid = await readFile(pidFile, 'utf8').catch(() => undefined);
    if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
