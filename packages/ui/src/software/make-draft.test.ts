import { expect, test } from 'bun:test';
import { EMPTY_DRAFT, isComplete, pathOf, problemsOf, safeName, wishOf, type MakeDraft } from './make-draft.ts';

const file = new File(['content'], 'oven config.txt');
const draft: MakeDraft = {
  ...EMPTY_DRAFT,
  name: ' oven-7 ',
  deviceTypes: 'gateway-1, gateway-2',
  files: [file],
  destination: '/etc/oven',
};

test('a draft is complete when all that its kind needs is there', () => {
  expect(isComplete(draft)).toBe(true);
  expect(isComplete({ ...draft, destination: 'etc/oven' })).toBe(false);
  expect(isComplete({ ...draft, kind: 'rootfs-image', destination: '' })).toBe(true);
  expect(isComplete({ ...draft, files: [] })).toBe(false);
  expect(isComplete({ ...draft, kind: 'docker', files: [], images: 'oven:7' })).toBe(true);
  expect(isComplete({ ...draft, deviceTypes: ' , ' })).toBe(false);
});

test('what is wrong with a draft is told at its field', () => {
  const fine = { name: undefined, destination: undefined, permissions: undefined };
  expect(problemsOf(EMPTY_DRAFT)).toEqual(fine);
  expect(problemsOf(draft)).toEqual(fine);
  expect(problemsOf({ ...draft, name: 'x'.repeat(300), destination: 'etc//oven', permissions: '999' })).toEqual({
    name: expect.stringContaining('at most 200'),
    destination: expect.stringContaining('whole path'),
    permissions: expect.stringContaining('digits'),
  });
  expect(problemsOf({ ...draft, kind: 'script', destination: 'etc', permissions: '' })).toEqual(fine);
});

test('it becomes a wish with the uploads of its files', () => {
  expect(wishOf(draft, ['one'])).toMatchObject({
    name: 'oven-7',
    deviceTypes: ['gateway-1', 'gateway-2'],
    content: { type: 'single-file', file: { uploadId: 'one', name: 'oven-config.txt' }, destination: '/etc/oven' },
  });
});

test('names and paths are such as artifacts may have', () => {
  expect(safeName('Übung 1.bin')).toBe('-bung-1.bin');
  expect(pathOf({ name: 'run', webkitRelativePath: 'chosen/bin/run' })).toBe('bin/run');
  expect(pathOf({ name: 'run', webkitRelativePath: '' })).toBe('run');
});
