import { expect, test } from 'bun:test';
import { newDeployment, toOptions } from './deployment-wish.ts';

const WISH = { name: 'winter', artifact_name: 'new-software', all_devices: true };
const optionsOf = (more: object) => toOptions(newDeployment.parse({ ...WISH, ...more }));

test('without more it is all at once, now, and once', () => {
  expect(optionsOf({})).toMatchObject({ phases: [], startAt: null, retries: 0, force: false, pauseBefore: [] });
  expect(optionsOf({ phases: null, retries: null, update_control_map: null })).toEqual(optionsOf({}));
});

test('phases that add percent to each other say how far each goes, and the last takes the rest', () => {
  const phases = [
    { batch_size: 10, start_ts: '2026-12-01T08:00:00Z' },
    { batch_size: 20, start_ts: '2026-12-01T09:30:00+01:00' },
    { start_ts: '2026-12-02T08:30:00Z' },
  ];
  expect(optionsOf({ phases })).toMatchObject({
    startAt: '2026-12-01T08:00:00.000Z',
    phases: [
      { percent: 10, pauseMs: 30 * 60_000 },
      { percent: 30, pauseMs: 24 * 3600_000 },
      { percent: 100, pauseMs: 0 },
    ],
  });
  // One phase is all of it, at its time.
  expect(optionsOf({ phases: [{ batch_size: 100, start_ts: '2026-12-01T08:00:00Z' }] })).toMatchObject({
    startAt: '2026-12-01T08:00:00.000Z',
    phases: [],
  });
});

test('phases of nothing, or of more than all, are refused', () => {
  for (const sizes of [
    [0, 100],
    [60, 60],
    [undefined, 50],
  ])
    expect(() => optionsOf({ phases: sizes.map((batch_size) => ({ batch_size })) })).toThrow('batch_size');
});

test('retries, force and pauses are taken over', () => {
  const update_control_map = { priority: 0, states: { ArtifactReboot_Enter: { action: 'pause' } } };
  expect(optionsOf({ retries: 2, force_installation: true, update_control_map })).toMatchObject({
    retries: 2,
    force: true,
    pauseBefore: ['reboot'],
  });
});
