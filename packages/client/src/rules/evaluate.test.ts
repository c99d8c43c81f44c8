import { expect, test } from 'bun:test';
import type { DeviceRule } from '@lovely/protocol';
import { evaluate, type AlertChange, type Facts, type RuleState } from './evaluate.ts';

const rule = (parts: Partial<DeviceRule>): DeviceRule => ({
  key: 'disk',
  kind: 'threshold',
  severity: 'warning',
  description: '{source} is {value} % full',
  metric: 'disk.*.usedPercent',
  direction: 'above',
  raiseAt: 90,
  clearAt: 80,
  forMs: 0,
  targets: [],
  ...parts,
});

const service = rule({
  key: 'service',
  kind: 'service',
  description: '{target} is {state}',
  targets: ['sshd', 'cron'],
  forMs: 10_000,
});

/** Feeds facts one after the other, five seconds apart, and tells the changes of each as text. */
function run(rules: DeviceRule[], ...facts: Partial<Facts>[]): string[] {
  let state: RuleState = { open: new Map(), badSinceMs: new Map() };
  return facts.map((fact, index) => {
    const result = evaluate(state, rules, { values: {}, targets: new Map(), ...fact }, index * 5000, 100);
    state = result.state;
    return result.changes.map(textOf).join(' ');
  });
}

function textOf(change: AlertChange): string {
  return `${change.kind === 'raise' ? '+' : '-'}${change.name.rule}:${change.name.source}`;
}

const disk = (path: string, percent: number): Partial<Facts> => ({ values: { [`disk.${path}.usedPercent`]: percent } });
const targets = (states: { [name: string]: boolean }): Partial<Facts> => ({
  targets: new Map(
    Object.entries(states).map(([name, isGood]) => [name, { state: isGood ? 'active' : 'failed', isGood }]),
  ),
});

test('an alert is raised once at its limit and cleared once when back past the lower one', () => {
  const percents = [89.9, 90, 95, 85, 80.1, 80, 85, 90];
  expect(run([rule({})], ...percents.map((percent) => disk('/', percent)))).toEqual([
    '',
    '+disk:/',
    '',
    '',
    '',
    '-disk:/',
    '',
    '+disk:/',
  ]);
});

test('below works as above, mirrored', () => {
  const battery = rule({ key: 'battery', metric: 'battery.percent', direction: 'below', raiseAt: 20, clearAt: 30 });
  const percents = [21, 20, 25, 29, 30];
  expect(run([battery], ...percents.map((percent) => ({ values: { 'battery.percent': percent } })))).toEqual([
    '',
    '+battery:',
    '',
    '',
    '-battery:',
  ]);
});

test('a limit must be passed for the whole time, a dip starts it again', () => {
  const slow = rule({ forMs: 10_000 });
  const percents = [95, 95, 70, 95, 95, 95, 95];
  expect(run([slow], ...percents.map((percent) => disk('/', percent)))).toEqual(['', '', '', '', '', '+disk:/', '']);
});

test('each match of the star is watched on its own', () => {
  expect(
    run(
      [rule({})],
      { values: { 'disk./.usedPercent': 95, 'disk./data.usedPercent': 95, 'load.1m': 99 } },
      { values: { 'disk./.usedPercent': 10, 'disk./data.usedPercent': 95 } },
    ),
  ).toEqual(['+disk:/ +disk:/data', '-disk:/']);
});

test('what went away is no problem any more', () => {
  expect(run([rule({})], disk('/usb', 99), {})).toEqual(['+disk:/usb', '-disk:/usb']);
});

test('a service is a problem when it was down long enough', () => {
  expect(
    run(
      [service],
      targets({ sshd: true, cron: false }),
      targets({ sshd: false, cron: false }),
      targets({ sshd: true, cron: false }),
      targets({ sshd: true, cron: true }),
    ),
  ).toEqual(['', '', '+service:cron', '-service:cron']);
});

test('a rule that is gone clears its alerts', () => {
  const raised = evaluate(
    { open: new Map(), badSinceMs: new Map() },
    [rule({})],
    { values: { 'disk./.usedPercent': 95 }, targets: new Map() },
    0,
    100,
  );
  const cleared = evaluate(raised.state, [], { values: { 'disk./.usedPercent': 95 }, targets: new Map() }, 0, 100);
  expect(cleared.changes.map(textOf)).toEqual(['-disk:/']);
});

test('a raise carries severity, a text with its values filled in, and the values', () => {
  const template = '{usedPercent} % of {mount} ({source}, {value}, {metric}), limit {raiseAt}, {unknown}';
  const state = { open: new Map(), badSinceMs: new Map() };
  const facts = { values: { 'disk./.usedPercent': 97.5 }, targets: new Map() };
  const { changes } = evaluate(state, [rule({ severity: 'critical', description: template })], facts, 0, 100);
  expect(changes).toEqual([
    {
      kind: 'raise',
      name: { rule: 'disk', source: '/' },
      severity: 'critical',
      description: '97.5 % of / (/, 97.5, disk./.usedPercent), limit 90, {unknown}',
      values: { value: 97.5, usedPercent: 97.5, mount: '/', metric: 'disk./.usedPercent' },
    },
  ]);
});

test('a rule that clears at zero clears at zero', () => {
  const failed = rule({ key: 'failed', metric: 'services.failed', raiseAt: 1, clearAt: 0 });
  expect(run([failed], ...[0, 1, 1, 0].map((count) => ({ values: { 'services.failed': count } })))).toEqual([
    '',
    '+failed:',
    '',
    '-failed:',
  ]);
});

test('a value in words, or of another kind, never raises a threshold', () => {
  expect(run([rule({ metric: 'mode' })], { values: { mode: 'full' } }, { values: { mode: true } })).toEqual(['', '']);
});

test('no more alerts are open than the limit', () => {
  const values = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`disk.${index}.usedPercent`, 99]));
  const { changes, state } = evaluate(
    { open: new Map(), badSinceMs: new Map() },
    [rule({})],
    { values, targets: new Map() },
    0,
    4,
  );
  expect([changes.length, state.open.size]).toEqual([4, 4]);
});
