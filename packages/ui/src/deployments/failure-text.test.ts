import { expect, test } from 'bun:test';
import { UPDATE_CAUSES } from '@lovely/protocol';
import { causeTitle, rolledBackText, stepText } from './failure-text.ts';

test('every cause that a gateway can tell has words, and one that is not known is told as it is', () => {
  for (const code of UPDATE_CAUSES) expect(causeTitle(code)).not.toBe(code);
  expect(causeTitle('toString')).toBe('toString');
});

test('the step of a failure is told in words, with its name for who looks into the log', () => {
  expect(stepText('ArtifactInstall_Enter_00')).toBe('while it installed (ArtifactInstall_Enter_00)');
  expect(stepText('ArtifactRollbackReboot')).toBe('while it rebooted into what it had before (ArtifactRollbackReboot)');
  expect(stepText('Elsewhere')).toBe('in Elsewhere');
});

test('houses that failed run what they ran before, or not, each in its own words', () => {
  expect(rolledBackText(1, 1)).toBe('it runs what it ran before');
  expect(rolledBackText(0, 1)).toBe('it did not go back to what it ran before');
  expect(rolledBackText(412, 412)).toBe('all run what they ran before');
  expect(rolledBackText(0, 412)).toBe('none went back to what they ran before');
  expect(rolledBackText(1000, 1200)).toBe('1,000 of 1,200 run what they ran before');
});
