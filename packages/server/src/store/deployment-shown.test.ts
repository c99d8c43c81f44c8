import { expect, test } from 'bun:test';
import { deploymentOptions } from '@lovely/api';
import type { CountRow } from '../domain/deployment-counts.ts';
import type { DeploymentRow } from './deployment-facts.ts';
import { toDeployment } from './deployment-shown.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const counted = (phase: number, state: string, houses: number): CountRow => ({
  deploymentId: 'one',
  phase,
  state,
  houses,
  wanted: 0,
  downloaded: 0,
  retried: 0,
  reconnects: 0,
});

test('a phase never ends before the houses that have begun in it', () => {
  const deployment = toDeployment(
    {
      id: 'one',
      target: { kind: 'all' },
      options: deploymentOptions.parse({ phases: [{ percent: 10 }, { percent: 100 }] }),
      state: 'running',
      phase: 1,
      phase_marks: [{ startedMs: 0, overMs: 1 }, { startedMs: 1 }],
      created_by: { type: 'system', name: 'somebody' },
      created_at: NOW,
      ended_at: null,
    } as unknown as DeploymentRow,
    // Of 21 houses three began; then six turned out to have it already, and 10 % of those that are left are two.
    [counted(0, 'success', 3), counted(-1, 'already-installed', 6), counted(-1, 'pending', 12)],
    NOW.getTime(),
  );
  expect(deployment.phases).toMatchObject([
    { end: 3, begun: 3, succeeded: 3, state: 'over' },
    { end: 15, begun: 0, state: 'running' },
  ]);
});
