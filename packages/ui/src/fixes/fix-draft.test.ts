import { expect, test } from 'bun:test';
import type { FixParameter, Rule } from '@lovely/api';
import { blankFix, checkDraft } from './fix-draft.ts';

const DISK: Pick<Rule, 'watch' | 'of'> = {
  watch: { kind: 'threshold', metric: 'disk.*.usedPercent', direction: 'above', raiseAt: 90, clearAt: 85, forMs: 0 },
  of: { kind: 'gateway' },
};
const wrong = (part: Partial<ReturnType<typeof blankFix>>): string[] => [
  ...checkDraft({ ...blankFix('disk-almost-full'), title: 'Make room', ...part }, DISK as Rule).problems.keys(),
];
const command = (parameters: Record<string, string>) =>
  ({ kind: 'command', name: 'remove', parameters, onSensor: false, timeoutMs: 1000 }) as const;

test('a fix is for the alerts of a rule', () => {
  expect(checkDraft({ ...blankFix(''), title: 'Make room' }, undefined).problems.get('rule')).toBe(
    'Choose the rule whose alerts it is for.',
  );
});

test('a command with a {name} that its alerts never have is refused there', () => {
  const parameters: FixParameter[] = [{ name: 'days', title: 'Days', type: 'number', choices: [], default: 3 }];
  expect(wrong({ actions: [command({ path: '{mount}', days: '{days}' })], parameters })).toEqual([]);
  expect(wrong({ actions: [command({ path: '{mnt}' })], steps: ['Frees {days}.'], parameters })).toEqual([
    'steps',
    'actions.0.parameters.path',
  ]);
});

test('a script that is too long and a duration of nothing are refused at their fields', () => {
  const script = { kind: 'script', interpreter: 'sh', content: 'x'.repeat(1024 * 1024), timeoutMs: 0 } as const;
  expect(wrong({ actions: [script], checkMs: 0 })).toEqual(['actions.0.content', 'actions.0.timeoutMs', 'checkMs']);
});
