import { expect, test } from 'bun:test';
import type { Fix, FixRun } from '@lovely/api';
import { suggest } from './suggestion.ts';

const OPENED = '2026-11-22T12:00:00.000Z';
const fix = (id: string, part: Partial<Fix> = {}): Fix =>
  ({ id, title: id, actions: [{ kind: 'terminal' }], isRunnable: true, ...part }) as Fix;
const run = (fixId: string, state: FixRun['state'], createdAt = '2026-11-22T12:05:00.000Z'): FixRun =>
  ({ id: `${fixId} ${state}`, fixId, state, createdAt }) as FixRun;

const [restart, reboot] = [fix('restart'), fix('reboot')];

test('the most promising fix is next, and after it did not help the one after it', () => {
  expect(suggest([restart, reboot], [], OPENED).next).toBe(restart);
  const after = suggest([restart, reboot], [run('restart', 'not-helped')], OPENED);
  expect(after.next).toBe(reboot);
  expect(after.inVain.map(({ fixId }) => fixId)).toEqual(['restart']);
  expect(after.isExhausted).toBe(false);
});

test('when all were tried in vain the most promising is offered again, and that is said', () => {
  const runs = [run('reboot', 'failed'), run('restart', 'not-helped')];
  expect(suggest([restart, reboot], runs, OPENED)).toMatchObject({ next: restart, isExhausted: true });
});

test('what did not help before the alert opened again does not count', () => {
  const before = run('restart', 'not-helped', '2026-11-22T11:00:00.000Z');
  expect(suggest([restart, reboot], [before], OPENED)).toMatchObject({ next: restart, inVain: [] });
});

test('a run under way is told of', () => {
  const checking = run('restart', 'checking');
  expect(suggest([restart, reboot], [checking, run('reboot', 'failed')], OPENED).run).toBe(checking);
});
