/** Debian's unmodified mender-client takes deployments from the real server; all that can happen is in tests/long. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { testWithDevice } from './mender-device.ts';
import { UpdateScene } from './update-scene.ts';
import { expectLog, sequence } from './update-expectations.ts';
import { MenderCli } from './mender-cli.ts';
import { validateMenderArtifact, writeMenderArtifact } from './written-artifact.ts';

const testUpdates = testWithDevice('mender-artifact');
const testCli = testWithDevice('mender-artifact', 'mender-cli');
const resources = new AsyncDisposableStack();
let scene: UpdateScene;
beforeAll(async () => {
  if (testUpdates === test.skip) return;
  scene = resources.use(await UpdateScene.start());
}, 60_000);
afterAll(() => resources.disposeAsync());

testUpdates(
  'one device gets new software, another rolls it back and says why, in the words of the vectors',
  async () => {
    const [good, bad] = await Promise.all([
      scene.addDevice({ hasScripts: true }),
      scene.addDevice({ hasScripts: true }),
    ]);
    await bad.device.behave('answer-SupportsRollback', 'Yes');
    await bad.device.behave('fail-ArtifactInstall');
    await scene.addArtifact({ name: 'new-software', hasScripts: true });
    const deployment = await scene.deploy('new-software', [good, bad]);
    await Promise.all([scene.reaches(deployment, good, 'success'), scene.reaches(deployment, bad, 'failure')]);
    expect(good.told(deployment)).toEqual(sequence('delivered via GET v1 fallback'));
    expect(await good.device.file('test/calls')).toContain('ArtifactCommit');
    await expectLog(scene, deployment, bad);
    expect(bad.told(deployment)).toEqual(sequence('ArtifactInstall fails, rollback supported'));
    const counts = await scene.management('GET', `/v1/deployments/deployments/${deployment}/statistics`, 200);
    expect(await counts.json()).toMatchObject({ success: 1, failure: 1, pending: 0 });
  },
);

testUpdates('a configuration is deployed to a device that has mender-configure', async () => {
  const device = await scene.addDevice();
  const path = `/v1/deviceconfig/configurations/device/${device.id}`;
  await scene.management('PUT', path, 204, { 'report.seconds': '60', greeting: 'Grüß dich' });
  const answer = await scene.management('POST', `${path}/deploy`, 200, {});
  const { deployment_id: deployment } = (await answer.json()) as { deployment_id: string };
  await scene.reaches(deployment, device, 'success');
  expect(JSON.parse((await device.device.file('test/configuration'))!)).toEqual({
    'report.seconds': '60',
    greeting: 'Grüß dich',
  });
});

testUpdates(
  'what the server makes of a plain file is an artifact that mender-artifact accepts, and that is installed',
  async () => {
    const device = await scene.addDevice();
    const form = new FormData();
    form.set('name', 'made-here');
    form.set('description', 'of a plain file');
    form.set('device_types_compatible', 'lovely-box,other-box');
    form.set('type', 'single_file');
    form.set('args', JSON.stringify({ filename: 'greeting.txt', dest_dir: '/var/lib/mender/test' }));
    form.set('file', new Blob(['hello there\n']), 'greeting.txt');
    const made = await scene.server.fetch('/api/management/v1/deployments/artifacts/generate', {
      method: 'POST',
      headers: { authorization: `Bearer ${await scene.server.token()}` },
      body: form,
    });
    expect(made.status).toBe(201);
    const id = made.headers.get('location')!.split('/').at(-1)!;
    const link = await scene.management('GET', `/v1/deployments/artifacts/${id}/download`, 200);
    const { uri } = (await link.json()) as { uri: string };
    const path = join(scene.folder, 'made-here.mender');
    await Bun.write(path, await scene.server.fetch(uri.slice(scene.server.url.length)));
    await validateMenderArtifact(path);
    const deployment = await scene.deploy('made-here', [device]);
    await scene.reaches(deployment, device, 'success');
    expect(await device.device.file('test/greeting.txt')).toBe('hello there\n');
  },
);

testCli(
  'mender-cli uploads, lists and deletes artifacts, and is told what is wrong with one before it has sent it',
  async () => {
    const path = await writeMenderArtifact(scene.folder, { name: 'by-mender-cli' });
    await using cli = await MenderCli.login(scene.server);
    await cli.run('artifacts', 'upload', path, '--description', 'by hand', '--no-progress');
    const listed = await cli.run('artifacts', 'list', '-d', '3');
    expect(listed).toContain('by-mender-cli');
    expect(listed).toContain('by hand');
    expect(await cli.run('artifacts', 'upload', path, '--no-progress').catch(String)).toContain('status 409');

    const garbage = join(scene.folder, 'garbage.mender');
    await Bun.write(garbage, Buffer.alloc(40_000_000, 'no artifact '));
    expect(await cli.run('artifacts', 'upload', garbage, '--no-progress').catch(String)).toContain('status 422');

    const id = /ID: (\S+)\nName: by-mender-cli/.exec(listed)![1]!;
    await cli.run('artifacts', 'delete', id);
    expect(await cli.run('artifacts', 'list')).not.toContain('by-mender-cli');
  },
);
