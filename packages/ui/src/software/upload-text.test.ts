import { expect, test } from 'bun:test';
import type { Upload } from '@lovely/api';
import { isBrokenOff, isSameFile, stateText } from './upload-text.ts';
import type { RunningUpload } from './uploader.ts';

const running: RunningUpload = {
  key: '1',
  name: 'oven.mender',
  bytes: 4_000_000,
  sentBytes: 1_000_000,
  state: 'sending',
  reason: null,
  upload: null,
};
const upload: Upload = {
  id: '5e51fbb1-d809-42a4-8b1e-a25699843002',
  kind: 'artifact',
  name: 'oven.mender',
  bytes: 4_000_000,
  offset: 1_000_000,
  state: 'arriving',
  reason: null,
  code: null,
  artifactId: null,
  createdAt: '2026-11-23T00:00:00.000Z',
  createdBy: { type: 'user', name: 'ada@example.com' },
  expiresAt: '2026-11-24T00:00:00.000Z',
};

test('an upload says how far it is, and why it was refused', () => {
  expect(stateText(running)).toContain(' of ');
  expect(stateText({ ...running, state: 'refused', reason: 'It ends too early.' })).toBe('Refused: It ends too early.');
  const other = stateText({ ...running, state: 'refused', reason: 'It is no archive (tar).' });
  expect(other).toContain('make one from this file');
});

test('what this tab goes on with did not break off, and files to make something of are nobody’s here', () => {
  expect(isBrokenOff(upload, [])).toBe(true);
  expect(isBrokenOff(upload, [{ ...running, upload }])).toBe(false);
  expect(isBrokenOff({ ...upload, kind: 'file' }, [])).toBe(false);
  expect(isBrokenOff({ ...upload, state: 'done' }, [])).toBe(false);
});

test('the same file is known by its name and size', () => {
  expect(isSameFile({ name: 'oven.mender', size: 4_000_000 }, upload)).toBe(true);
  expect(isSameFile({ name: 'oven.mender', size: 4_000_001 }, upload)).toBe(false);
  expect(isSameFile({ name: 'other.mender', size: 4_000_000 }, upload)).toBe(false);
});
