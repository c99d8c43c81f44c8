/** Whole updates in a sandbox, with Debian's own update modules. */
import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { ArtifactServer } from '../../test/update/artifact-server.ts';
import {
  artifactOf,
  DEVICE_TYPE,
  endOf,
  offerTo,
  openRig,
  providedOf,
  singleFile,
  statesOf,
  copyDebianModule,
} from '../../test/update/update-rig.ts';

let server: ArtifactServer;
let folder: string;
beforeEach(async () => {
  server = await ArtifactServer.start();
  folder = temporaryFolder();
  for (const name of ['modules', 'target']) mkdirSync(join(folder, name));
  copyDebianModule(folder, 'single-file');
  writeFileSync(join(folder, 'artifact_info'), 'artifact_name=release-1\n');
  writeFileSync(join(folder, 'target/app'), 'old');
});
afterEach(() => server.stop());
afterAll(removeTemporaryFolders);

test('a file is installed by Debian’s single-file, and nothing of the update stays behind', async () => {
  const artifact = server.serve(
    '/a',
    'release-2',
    await artifactOf('release-2', [singleFile(join(folder, 'target'), 'app', 'new')]),
  );
  const rig = openRig({ folder, server: server.url });
  offerTo(rig, { deployment: 'd1', attempt: 1, artifact });
  expect(await endOf(rig)).toMatchObject({ state: 'success', deployment: 'd1', attempt: 1 });
  expect(statesOf(rig)).toEqual(['downloading', 'installing', 'success']);
  expect(readFileSync(join(folder, 'target/app'), 'utf8')).toBe('new');
  expect(providedOf(rig)).toEqual({
    artifact_name: 'release-2',
    device_type: DEVICE_TYPE,
    'single-file.version': '2',
  });
  expect(readdirSync(join(folder, 'update')).sort()).toEqual(['ended.1', 'provides.1']);
});

test('whoever waits for updates to settle waits for the end of the one that is under way, and not without one', async () => {
  const bytes = await artifactOf('release-2', [singleFile(join(folder, 'target'), 'app', 'new')]);
  const rig = openRig({ folder, server: server.url });
  await rig.updates.settled();
  offerTo(rig, { deployment: 'd1', attempt: 1, artifact: server.serve('/a', 'release-2', bytes) });
  await rig.updates.settled();
  expect(statesOf(rig).at(-1)).toBe('success');
});
