/** Whatever is wrong with an update, the gateway stays reachable, and the next one can be installed. */
import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { updateBed } from '../../test/update/update-bed.ts';
import {
  artifactOf,
  endOf,
  offerTo,
  payloadOf,
  reportsOf,
  writeProgram,
  type Rig,
} from '../../test/update/update-rig.ts';
import { until } from '../../test/until.ts';
import { CheckedFile } from './checked-file.ts';
import { newRecord } from './update-record.ts';

const bed = updateBed((folder) => {
  for (const name of ['modules', 'update']) mkdirSync(join(folder, name));
  writeProgram(join(folder, 'modules/thing'), 'exit 0\n');
  writeFileSync(join(folder, 'artifact_info'), 'artifact_name=release-1\n');
});

const kept = (): CheckedFile<unknown> => new CheckedFile(join(bed.folder, 'update/state'));

async function offerOf(deployment: string) {
  const artifact = bed.server.serve('/a', 'release-2', await artifactOf('release-2', [payloadOf('thing', [])]));
  return { deployment, attempt: 1, artifact };
}

async function expectNextWorks(rig: Rig): Promise<void> {
  offerTo(rig, await offerOf('next'));
  await until(() => reportsOf(rig).some(({ deployment, state }) => deployment === 'next' && state === 'success'));
}

test('what a client of another version kept and nobody understands is forgotten', async () => {
  for (const value of [7, null, {}, { step: 'polish' }, { step: 'install', offer: { deployment: 3 } }]) {
    kept().save(value);
    const rig = bed.open();
    rig.updates.start();
    await rig.updates.close();
    expect(reportsOf(rig)).toEqual([]);
    expect(kept().load()).toBeUndefined();
  }
  const rig = bed.open();
  rig.updates.start();
  await expectNextWorks(rig);
  await rig.updates.close();
});

test('of an update whose step nobody understands it is told that it failed, and not what runs', async () => {
  const offer = await offerOf('d1');
  kept().save({ ...newRecord(offer, '0'), step: 'polish' });
  const rig = bed.open();
  rig.updates.start();
  expect(await endOf(rig)).toMatchObject({ deployment: 'd1', state: 'failure', isRolledBack: false });
});

test('members that an older client did not keep are taken as they were at the beginning', async () => {
  const { patience: _, installed: __, ...older } = newRecord(await offerOf('d1'), '0');
  kept().save({ ...older, step: 'report' });
  const rig = bed.open();
  rig.updates.start();
  expect(await endOf(rig)).toMatchObject({ deployment: 'd1', state: 'success' });
});

test('a disk that became read-only costs no more than the tidying up', async () => {
  const state = kept();
  const refuse = (): never => {
    throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
  };
  const record = { load: () => undefined, save: (value: unknown) => state.save(value), clear: refuse };
  const rig = bed.open({ updates: { record } });
  rig.updates.start();
  offerTo(rig, await offerOf('d1'));
  expect(await endOf(rig)).toMatchObject({ deployment: 'd1', state: 'success' });
});

test('a part of the client that throws what nobody expected stops the update alone', async () => {
  const steps = (): never => {
    throw new TypeError('undefined is not a function');
  };
  const rig = bed.open({ updates: { steps } });
  rig.updates.start();
  offerTo(rig, await offerOf('d1'));
  await rig.updates.close();
  expect(reportsOf(rig).at(-1)).toMatchObject({
    deployment: 'd1',
    state: 'downloading',
    substate: expect.stringContaining('undefined is not a function'),
  });
});
