/** The order in which Mender's client 3.4 calls modules and scripts, as it was traced with a module that writes it down. */
import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../test/until.ts';
import { updateBed } from '../../test/update/update-bed.ts';
import {
  artifactOf,
  bootAgain,
  endOf,
  fileOf,
  offerTo,
  payloadOf,
  statesOf,
  writeProgram,
  type Rig,
} from '../../test/update/update-rig.ts';

const SCRIPT_NAMES = [
  ...['Install', 'Reboot', 'Commit', 'Rollback', 'RollbackReboot', 'Failure'].flatMap((name) => [
    `Artifact${name}_Enter_00`,
    `Artifact${name}_Leave_00`,
  ]),
  'ArtifactInstall_Error_00',
];

const bed = updateBed((folder) => mkdirSync(join(folder, 'modules')));

interface Behaviour {
  readonly reboot?: 'No' | 'Yes' | 'Automatic';
  readonly rollback?: 'Yes' | 'No';
  readonly failsAt?: string;
}

/** Starts an update with a module that writes down how it is called. */
async function start({ reboot = 'No', rollback = 'Yes', failsAt = '' }: Behaviour): Promise<Rig> {
  writeProgram(
    join(bed.folder, 'modules/trace'),
    `
echo "$1" >> $SANDBOX/calls
[ "$(pwd)" = "$2" ] && [ $# = 2 ] || echo "called with $*" >> $SANDBOX/calls
case $1 in
  SupportsRollback) echo ${rollback};;
  NeedsArtifactReboot) echo ${reboot};;
esac
[ "$1" != "${failsAt}" ]
`,
  );
  writeProgram(join(bed.folder, 'reboot'), 'echo reboot >> $SANDBOX/calls\n');
  const scripts = SCRIPT_NAMES.map((name) => ({
    name,
    content: Buffer.from(`#!/bin/sh\necho ${name} $# >> $SANDBOX/calls\n`),
  }));
  const bytes = await artifactOf('traced', [payloadOf('trace', [fileOf('data', 'data')])], { scripts });
  const rig = open();
  offerTo(rig, { deployment: 'd', attempt: 1, artifact: bed.server.serve('/a', 'traced', bytes) });
  return rig;
}

const open = (): Rig => bed.open({ host: { rebootCommand: join(bed.folder, 'reboot') } });

/** The machine went down at the reboot that was asked for, and comes up again. */
async function goDown(rig: Rig, reboots: number): Promise<Rig> {
  await until(() => calls().filter((call) => call === 'reboot').length === reboots);
  await rig.updates.close();
  bootAgain(bed.folder);
  const next = open();
  next.updates.start();
  return next;
}

/** Scripts without their number and count of arguments, which is none. */
function calls(): string[] {
  const path = join(bed.folder, 'calls');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  return lines.filter((line) => line !== 'ProvidePayloadFileSizes').map((line) => line.replace(/_00 0$/, ''));
}

const INSTALL = [
  'Download',
  'SupportsRollback',
  'ArtifactInstall_Enter',
  'ArtifactInstall',
  'NeedsArtifactReboot',
  'ArtifactInstall_Leave',
];
const COMMIT = ['ArtifactCommit_Enter', 'ArtifactCommit', 'ArtifactCommit_Leave', 'Cleanup'];
const FAILURE = ['ArtifactFailure_Enter', 'ArtifactFailure', 'ArtifactFailure_Leave', 'Cleanup'];
const ROLLBACK = ['ArtifactRollback_Enter', 'ArtifactRollback', 'NeedsArtifactReboot', 'ArtifactRollback_Leave'];

test('without a reboot', async () => {
  const rig = await start({});
  expect(await endOf(rig)).toMatchObject({ state: 'success' });
  expect(calls()).toEqual([...INSTALL, ...COMMIT]);
  expect(statesOf(rig)).toEqual([
    'downloading',
    'installing',
    'installing[Executing script: ArtifactInstall_Enter_00]',
    'installing[finished executing script: ArtifactInstall_Enter_00]',
    'installing[Executing script: ArtifactInstall_Leave_00]',
    'installing[finished executing script: ArtifactInstall_Leave_00]',
    'installing',
    'installing[Executing script: ArtifactCommit_Enter_00]',
    'installing[finished executing script: ArtifactCommit_Enter_00]',
    'installing',
    'installing[Executing script: ArtifactCommit_Leave_00]',
    'installing[finished executing script: ArtifactCommit_Leave_00]',
    'installing',
    'success',
  ]);
});

test('with a reboot that the client makes', async () => {
  const rig = await goDown(await start({ reboot: 'Automatic' }), 1);
  expect(await endOf(rig)).toMatchObject({ state: 'success' });
  expect(calls()).toEqual([
    ...INSTALL,
    'ArtifactReboot_Enter',
    'reboot',
    'ArtifactVerifyReboot',
    'ArtifactReboot_Leave',
    ...COMMIT,
  ]);
});

test('with a reboot that the module makes, and a commit that fails: the way back has a reboot of the module’s too', async () => {
  const rig = await start({ reboot: 'Yes', failsAt: 'ArtifactCommit' });
  expect(await endOf(rig)).toMatchObject({
    state: 'failure',
    isRolledBack: true,
    cause: { code: 'module-failed', step: 'ArtifactCommit' },
  });
  expect(calls()).toEqual([
    ...INSTALL,
    'ArtifactReboot_Enter',
    'ArtifactReboot',
    'ArtifactVerifyReboot',
    'ArtifactReboot_Leave',
    'ArtifactCommit_Enter',
    'ArtifactCommit',
    'ArtifactRollback_Enter',
    'ArtifactRollback',
    'ArtifactRollback_Leave',
    'ArtifactRollbackReboot_Enter',
    'ArtifactRollbackReboot',
    'ArtifactVerifyRollbackReboot',
    'ArtifactRollbackReboot_Leave',
    ...FAILURE,
  ]);
});

test('with a reboot after which the module is not content: another one leads back', async () => {
  const first = await goDown(await start({ reboot: 'Automatic', failsAt: 'ArtifactVerifyReboot' }), 1);
  const rig = await goDown(first, 2);
  expect(await endOf(rig)).toMatchObject({ state: 'failure', isRolledBack: true });
  expect(calls()).toEqual([
    ...INSTALL,
    'ArtifactReboot_Enter',
    'reboot',
    'ArtifactVerifyReboot',
    'ArtifactRollback_Enter',
    'ArtifactRollback',
    'ArtifactRollback_Leave',
    'ArtifactRollbackReboot_Enter',
    'reboot',
    'ArtifactVerifyRollbackReboot',
    'ArtifactRollbackReboot_Leave',
    ...FAILURE,
  ]);
});

test('a Download that fails is only cleaned up', async () => {
  const rig = await start({ failsAt: 'Download' });
  expect(await endOf(rig)).toMatchObject({ state: 'failure', isRolledBack: true, cause: { step: 'Download' } });
  expect(calls()).toEqual(['Download', 'Cleanup']);
});

test('an installation that fails goes back, after its Error scripts', async () => {
  const rig = await start({ failsAt: 'ArtifactInstall' });
  expect(await endOf(rig)).toMatchObject({ state: 'failure', isRolledBack: true });
  expect(calls()).toEqual([...INSTALL.slice(0, 4), 'ArtifactInstall_Error', ...ROLLBACK, ...FAILURE]);
});

test('an installation that fails and can’t go back leaves software of which nobody can say what it is', async () => {
  const rig = await start({ failsAt: 'ArtifactInstall', rollback: 'No' });
  expect(await endOf(rig)).toMatchObject({ state: 'failure', isRolledBack: false });
  expect(calls()).toEqual([...INSTALL.slice(0, 4), 'ArtifactInstall_Error', ...FAILURE]);
  expect(readFileSync(join(bed.folder, 'update/provides.1'), 'utf8')).toContain('"traced_INCONSISTENT"');
});
