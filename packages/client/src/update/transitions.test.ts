import { expect, test } from 'bun:test';
import type { UpdateOffer } from '@lovely/protocol';
import { UPDATE_STEPS_STORED_MAX } from '../limits.ts';
import { advance, resume, type StepFacts } from './transitions.ts';
import { newRecord, STEPS, type Step, type UpdateRecord } from './update-record.ts';

const OFFER: UpdateOffer = {
  deployment: 'd',
  attempt: 1,
  artifact: { name: 'a', bytes: 1, sha256: '0'.repeat(64), path: '/a', expiresMs: 1 },
};
const at = (step: Step, more: Partial<UpdateRecord> = {}): UpdateRecord => ({
  ...newRecord(OFFER, 'boot-1'),
  step,
  ...more,
});
const FAILURE = { code: 'module-failed', step: 'x', message: 'm' } as const;

/** All steps of an update of which those in `failing` fail. */
function walk(record: UpdateRecord, facts: StepFacts = {}, failing: readonly Step[] = []): Step[] {
  const steps: Step[] = [];
  for (let now: UpdateRecord | undefined = record; now;) {
    steps.push(now.step);
    now = advance(
      now,
      failing.includes(now.step) ? { kind: 'failed', failure: FAILURE } : { kind: 'done', facts: { ...facts } },
    );
  }
  return steps;
}

test('an update that goes well goes through all steps, and waits where it is told to', () => {
  const waiting = at('fetch', { pauseBefore: ['install', 'reboot', 'commit'] });
  expect(walk(waiting, { rebootNeeds: ['automatic'] })).toEqual([
    ...STEPS.slice(0, STEPS.indexOf('rollback')),
    'cleanup',
    'report',
  ]);
  expect(walk(at('install'), { rebootNeeds: ['no'] })).toEqual([
    'install',
    'commit',
    'after-first-commit',
    'after-commit',
    'cleanup',
    'report',
  ]);
});

const END = ['failure', 'cleanup', 'report'] as const;
const failures: readonly [Step, Partial<UpdateRecord>, readonly Step[]][] = [
  ['fetch', {}, ['cleanup', 'report']],
  ['store', {}, ['cleanup', 'report']],
  ['after-store', {}, ['cleanup', 'report']],
  ['pause-install', { canRollBack: true }, END],
  ['install', { canRollBack: false }, END],
  ['install', { canRollBack: true }, ['rollback', ...END]],
  [
    'verify-reboot',
    { canRollBack: true, rebootNeeds: ['automatic'] },
    ['rollback', 'rollback-reboot', 'verify-rollback-reboot', 'after-rollback-reboot', ...END],
  ],
  ['commit', { canRollBack: true }, ['rollback', ...END]],
  ['after-first-commit', { canRollBack: true }, ['cleanup', 'report']],
  ['after-commit', { canRollBack: true }, ['cleanup', 'report']],
  ['rollback', { canRollBack: true }, END],
  ['failure', {}, ['cleanup', 'report']],
  ['cleanup', {}, ['report']],
];
for (const [step, more, path] of failures)
  test(`a failure in ${step} ${more.canRollBack ? 'with' : 'without'} a way back leads to ${path.join(', ')}`, () => {
    expect(walk(at(step, more), {}, [step])).toEqual([step, ...path]);
  });

test('what can’t be gone back from leaves software that nobody can vouch for, and a cleanup that fails changes nothing', () => {
  const isInconsistent = (step: Step, more: Partial<UpdateRecord> = {}): boolean | undefined =>
    advance(at(step, more), { kind: 'failed', failure: FAILURE })?.isInconsistent;
  expect(isInconsistent('install')).toBe(true);
  expect(isInconsistent('install', { canRollBack: true })).toBe(false);
  expect(isInconsistent('rollback', { canRollBack: true })).toBe(true);
  expect(isInconsistent('after-commit', { canRollBack: true })).toBe(true);
  expect(isInconsistent('store')).toBe(false);
  expect(advance(at('cleanup'), { kind: 'failed', failure: FAILURE })?.failure).toBeUndefined();
});

test('the first thing that goes wrong is what it fails of', () => {
  const first = advance(at('install', { canRollBack: true }), { kind: 'failed', failure: FAILURE })!;
  const second = advance(first, { kind: 'failed', failure: { ...FAILURE, step: 'later' } })!;
  expect(second.failure).toEqual(FAILURE);
});

const reboots = { rebootNeeds: ['automatic'] } as const;
const resumes: readonly [Step, Partial<UpdateRecord>, boolean, Step | undefined][] = [
  ['fetch', {}, true, undefined],
  ['store', {}, true, 'cleanup'],
  ['after-store', {}, true, 'cleanup'],
  ['pause-install', {}, false, 'pause-install'],
  ['install', { canRollBack: true }, true, 'rollback'],
  ['install', {}, true, 'failure'],
  ['install', { patience: [true] }, true, 'install'],
  ['install', { patience: [false, true], canRollBack: true }, true, 'rollback'],
  ['install', { patience: [false, true], installed: 1 }, true, 'install'],
  ['pause-reboot', { canRollBack: true }, true, 'pause-reboot'],
  ['pause-reboot', { canRollBack: true }, false, 'rollback'],
  ['reboot', reboots, false, 'verify-reboot'],
  ['reboot', reboots, true, 'reboot'],
  ['reboot', { rebootNeeds: ['yes'] }, true, 'verify-reboot'],
  ['verify-reboot', { canRollBack: true }, true, 'rollback'],
  ['after-reboot', { canRollBack: true }, true, 'rollback'],
  ['commit', { canRollBack: true }, true, 'rollback'],
  ['commit', {}, true, 'failure'],
  ['after-first-commit', {}, true, 'after-first-commit'],
  ['after-commit', {}, true, 'after-commit'],
  ['rollback', {}, true, 'rollback'],
  ['rollback-reboot', reboots, false, 'verify-rollback-reboot'],
  ['rollback-reboot', reboots, true, 'rollback-reboot'],
  ['verify-rollback-reboot', reboots, true, 'verify-rollback-reboot'],
  ['after-rollback-reboot', reboots, true, 'verify-rollback-reboot'],
  ['failure', {}, true, 'failure'],
  ['cleanup', {}, true, 'cleanup'],
  ['report', {}, true, 'report'],
];
for (const [step, more, isSameLife, next] of resumes)
  test(`cut off in ${step} ${JSON.stringify(more)}, in ${isSameLife ? 'the same' : 'another'} life of the machine: ${next ?? 'forgotten'}`, () => {
    expect(resume(at(step, more), isSameLife ? 'boot-1' : 'boot-2')?.step).toBe(next);
  });

test('a reboot that never works out is given up after some rounds, and a restart while waiting is no step', () => {
  const record = at('rollback-reboot', { ...reboots, canRollBack: true, failure: FAILURE });
  const steps = walk(record, {}, ['verify-rollback-reboot']);
  expect(steps.length).toBeLessThan(UPDATE_STEPS_STORED_MAX + 5);
  expect(steps.slice(-2)).toEqual(['cleanup', 'report']);
  const last = resume(at('verify-reboot', { stored: UPDATE_STEPS_STORED_MAX, canRollBack: true }), 'boot-1')!;
  expect(last).toMatchObject({ step: 'cleanup', isInconsistent: true, failure: { code: 'loop' } });
  expect(resume(at('pause-install', { stored: UPDATE_STEPS_STORED_MAX }), 'x')?.step).toBe('pause-install');
});
