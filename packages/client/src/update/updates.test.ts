/** Whole updates in a sandbox, with Debian's own update modules. */
import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { updateBed } from '../../test/update/update-bed.ts';
import {
  artifactOf,
  DEVICE_TYPE,
  endOf,
  offerTo,
  providedOf,
  singleFile,
  statesOf,
  copyDebianModule,
} from '../../test/update/update-rig.ts';

const bed = updateBed((folder) => {
  for (const name of ['modules', 'target']) mkdirSync(join(folder, name));
  copyDebianModule(folder, 'single-file');
  writeFileSync(join(folder, 'artifact_info'), 'artifact_name=release-1\n');
  writeFileSync(join(folder, 'target/app'), 'old');
});

test('a file is installed by Debian’s single-file, and nothing of the update stays behind', async () => {
  const artifact = bed.server.serve(
    '/a',
    'release-2',
    await artifactOf('release-2', [singleFile(join(bed.folder, 'target'), 'app', 'new')]),
  );
  const rig = bed.open();
  offerTo(rig, { deployment: 'd1', attempt: 1, artifact });
  expect(await endOf(rig)).toMatchObject({ state: 'success', deployment: 'd1', attempt: 1 });
  expect(statesOf(rig)).toEqual(['downloading', 'installing', 'success']);
  expect(readFileSync(join(bed.folder, 'target/app'), 'utf8')).toBe('new');
  expect(providedOf(rig)).toEqual({
    artifact_name: 'release-2',
    device_type: DEVICE_TYPE,
    'single-file.version': '2',
  });
  expect(readdirSync(join(bed.folder, 'update')).sort()).toEqual(['ended.1', 'provides.1']);
});

test('whoever waits for updates to settle waits for the end of the one that is under way, and not without one', async () => {
  const bytes = await artifactOf('release-2', [singleFile(join(bed.folder, 'target'), 'app', 'new')]);
  const rig = bed.open();
  await rig.updates.settled();
  offerTo(rig, { deployment: 'd1', attempt: 1, artifact: bed.server.serve('/a', 'release-2', bytes) });
  await rig.updates.settled();
  expect(statesOf(rig).at(-1)).toBe('success');
});
