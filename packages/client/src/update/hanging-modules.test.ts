/** Update modules that hang: they are ended for giving no sign of life or for taking too long, and never for working. */
import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateReport } from '@lovely/protocol';
import { updateBed } from '../../test/update/update-bed.ts';
import { artifactOf, endOf, fileOf, offerTo, payloadOf, writeProgram } from '../../test/update/update-rig.ts';
import type { StepTimes } from './step-watch.ts';

const bed = updateBed((folder) => mkdirSync(join(folder, 'modules')));

const PATIENT = 60_000;

/** Has a module do `does` in this step, and waits for the end of its update. */
async function updateWith(step: string, does: string, moduleTimes: StepTimes): Promise<UpdateReport> {
  writeProgram(
    join(bed.folder, 'modules/slow'),
    `[ "$1" = SupportsRollback ] && echo Yes
[ "$1" = ArtifactRollback ] && : > $SANDBOX/rolled-back
[ "$1" = ${step} ] || exit 0
echo $$ > $SANDBOX/pid
${does}
`,
  );
  const bytes = await artifactOf('slow-2', [payloadOf('slow', [fileOf('data', 'data')])]);
  const rig = bed.open({ host: { moduleTimes } });
  offerTo(rig, { deployment: 'd', attempt: 1, artifact: bed.server.serve('/a', 'slow-2', bytes) });
  return await endOf(rig);
}

/** Neither the module nor anything that it started is there any more. */
function expectNothingRuns(): void {
  const group = readFileSync(join(bed.folder, 'pid'), 'utf8').trim();
  const left = readdirSync('/proc').filter((pid) => {
    const [state, , itsGroup] = statOf(pid);
    // Nobody may have waited for it yet.
    return itsGroup === group && state !== 'Z';
  });
  expect(left).toEqual([]);
}

/** From the state on; nothing for what is no process, or is none any more. */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

test('one that says nothing and does nothing is ended, and what it did is undone', async () => {
  const end = await updateWith('ArtifactInstall', 'sleep 600 & wait', { timeoutMs: PATIENT, silenceMs: 400 });
  expect(end).toMatchObject({
    state: 'failure',
    isRolledBack: true,
    cause: {
      code: 'timed-out',
      step: 'ArtifactInstall',
      message: 'the update module gave no sign of life and was ended',
    },
  });
  expect(existsSync(join(bed.folder, 'rolled-back'))).toBe(true);
  expectNothingRuns();
});

test('one that never reads what is downloaded for it is ended', async () => {
  const end = await updateWith('Download', 'sleep 600', { timeoutMs: PATIENT, silenceMs: 400 });
  expect(end).toMatchObject({ state: 'failure', isRolledBack: true, cause: { code: 'timed-out', step: 'Download' } });
  expectNothingRuns();
});

test('one that prints for ever is ended when its time is over', async () => {
  const does = 'while :; do echo still there; sleep 0.1; done';
  const end = await updateWith('ArtifactInstall', does, { timeoutMs: 1500, silenceMs: PATIENT });
  expect(end).toMatchObject({
    state: 'failure',
    cause: { code: 'timed-out', message: 'the update module took too long and was ended' },
  });
  expectNothingRuns();
});

test.each([
  ['prints now and then', 'sleep 0.4; echo .'],
  ['only computes', ':'],
])('one that %s may take longer than it may be silent', async (_, does) => {
  // By the clock of the machine, in hundredths of a second, without a program for it: that would be a sign of life as well.
  const now = `read up rest < /proc/uptime; now=\${up%.*}\${up#*.}`;
  const work = `${now}; end=$((now + 220)); while [ $now -lt $end ]; do ${does}; ${now}; done`;
  const end = await updateWith('ArtifactInstall', work, { timeoutMs: PATIENT, silenceMs: 1000 });
  expect(end).toMatchObject({ state: 'success' });
});
