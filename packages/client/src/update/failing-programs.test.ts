/** What is told of a module or script that fails: what it printed, and the cause that the kernel had. */
import { expect, test } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateReport } from '@lovely/protocol';
import { updateBed } from '../../test/update/update-bed.ts';
import {
  artifactOf,
  endOf,
  fileOf,
  offerTo,
  payloadOf,
  writeProgram,
  type RigOptions,
} from '../../test/update/update-rig.ts';

const bed = updateBed((folder) => mkdirSync(join(folder, 'modules')));

/** The end of an update whose module does this, and whose artifact has this script. */
async function endWith(
  module: string,
  script = 'exit 0',
  updates: RigOptions['updates'] = {},
): Promise<UpdateReport['cause']> {
  writeProgram(join(bed.folder, 'modules/thing'), module);
  const scripts = [{ name: 'ArtifactInstall_Enter_00', content: Buffer.from(`#!/bin/sh\n${script}\n`) }];
  const bytes = await artifactOf('thing-2', [payloadOf('thing', [fileOf('data', 'data')])], { scripts });
  const rig = bed.open({ updates });
  offerTo(rig, { deployment: 'd', attempt: 1, artifact: bed.server.serve('/a', 'thing-2', bytes) });
  return (await endOf(rig)).cause;
}

const atInstall = (lines: string): string => `[ "$1" = ArtifactInstall ] || exit 0\n${lines}\n`;

test('a module says what it complained of last, and nothing of what it printed besides', async () => {
  const module = atInstall('echo "the door is jammed" >&2; echo "see you"; exit 3');
  expect(await endWith(module)).toEqual({
    code: 'module-failed',
    step: 'ArtifactInstall',
    message: 'the update module ended with 3: the door is jammed',
  });
});

test.each([
  ['cp: error writing /var/app: No space left on device', 'no-space'],
  ['tar: app: Disk quota exceeded', 'no-space'],
  ["mv: cannot move 'a' to 'b': Read-only file system", 'disk-failed'],
  ['dd: error writing /dev/sda2: Input/output error', 'disk-failed'],
])('what the kernel refused is the cause: %s', async (line, code) => {
  const module = atInstall(`echo "${line}" >&2; echo "giving up" >&2; exit 1`);
  expect(await endWith(module)).toMatchObject({
    code,
    step: 'ArtifactInstall',
    message: `the update module ended with 1: ${line}`,
  });
});

test('what a module got over long before it failed is no cause', async () => {
  const module = atInstall('echo "No space left on device" >&2; seq 50; echo "the door is jammed" >&2; exit 3');
  expect(await endWith(module)).toMatchObject({ code: 'module-failed', message: expect.stringContaining('jammed') });
});

test('a state script is listened to in the same way', async () => {
  expect(await endWith('exit 0', 'echo "cat: write error: No space left on device"; exit 1')).toMatchObject({
    code: 'no-space',
    step: 'ArtifactInstall_Enter_00',
    message: 'the state script ended with 1: cat: write error: No space left on device',
  });
});

test('a full disk that is in the way of the client itself is the cause, however it shows', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const steps = {
    begin: () => Promise.resolve(),
    perform: () => Promise.reject(new Error('the payload could not be kept', { cause: full })),
    tidy: () => Promise.resolve(),
  };
  expect(await endWith('exit 0', 'exit 0', { steps: () => Promise.resolve(steps) })).toMatchObject({
    code: 'no-space',
    message: 'the payload could not be kept: ENOSPC: no space left on device, write',
  });
});
