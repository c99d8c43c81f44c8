import { expect, test } from 'bun:test';
import type { ArtifactHeader } from '@lovely/artifact';
import { providesAfter } from './provides-after.ts';

const artifact = (clearsProvides: readonly string[]): ArtifactHeader => ({
  version: 3,
  name: 'new',
  group: undefined,
  deviceTypes: ['house'],
  dependsOnNames: [],
  dependsOnGroups: [],
  scripts: [],
  payloads: [{ type: 'single-file', provides: {}, depends: {}, clearsProvides, metaData: {} }],
});

test.each([
  ['data-partition.*', ['data-partition.name', 'data-partition.']],
  ['*.version', ['rootfs-image.version', 'rootfs-image.a.version']],
  ['rootfs-image.*.*', ['rootfs-image.a.version']],
  ['a+b', ['a+b']],
  ['*', ['data-partition.name', 'data-partition.', 'rootfs-image.version', 'rootfs-image.a.version', 'a+b', 'aaa', '']],
  ['a*aa*a', []],
  ['a*a', ['aaa']],
])('%s clears what it fits', (glob, cleared) => {
  const keys = [
    'data-partition.name',
    'data-partition.',
    'rootfs-image.version',
    'rootfs-image.a.version',
    'a+b',
    'aaa',
    '',
  ];
  const before = Object.fromEntries(keys.map((key) => [key, '1']));
  const after = providesAfter({ ...before, artifact_name: 'old', device_type: 'house' }, artifact([glob]));
  expect(keys.filter((key) => !Object.hasOwn(after, key))).toEqual(cleared);
  expect(after).toMatchObject({ artifact_name: 'new', device_type: 'house' });
});

test('a glob of very many stars holds nothing up', () => {
  const key = 'a'.repeat(40);
  const startMs = performance.now();
  expect(providesAfter({ [key]: '1' }, artifact([`${'a*'.repeat(10)}b`]))).toHaveProperty(key);
  expect(performance.now() - startMs).toBeLessThan(500);
});
