import { expect, test } from 'bun:test';
import { chooseArtifact, expectedAfter, type ChoosableArtifact } from './artifact-choice.ts';

const artifact = (over: Partial<ChoosableArtifact> = {}): ChoosableArtifact => ({
  id: 'a',
  name: 'v2',
  deviceTypes: ['house'],
  provides: { artifact_name: 'v2' },
  depends: { device_type: ['house'] },
  clears: [],
  payloadTypes: ['script'],
  bytes: 1,
  sha256: '',
  ...over,
});

test('a device gets an artifact for its type whose depends it satisfies, and none otherwise', () => {
  const onTop = artifact({ id: 'b', depends: { 'rootfs-image.version': ['1', '2'] } });
  expect(chooseArtifact([artifact()], { device_type: 'boat' }, false)).toEqual({ kind: 'noartifact' });
  expect(chooseArtifact([onTop], { device_type: 'house', 'rootfs-image.version': '3' }, false)).toEqual({
    kind: 'noartifact',
  });
  expect(chooseArtifact([onTop], { device_type: 'house' }, false)).toEqual({ kind: 'noartifact' });
  expect(chooseArtifact([onTop], { device_type: 'house', 'rootfs-image.version': '2' }, false)).toEqual({
    kind: 'artifact',
    artifact: onTop,
  });
  expect(chooseArtifact([artifact()], { artifact_name: 'v1' }, false)).toEqual({ kind: 'unknown' });
});

test('of several that fit, the one that asks for most is chosen', () => {
  const whole = artifact();
  const delta = artifact({ id: 'b', depends: { device_type: ['house'], checksum: ['x'] } });
  expect(chooseArtifact([whole, delta], { device_type: 'house', checksum: 'x' }, false)).toMatchObject({
    artifact: delta,
  });
  expect(chooseArtifact([whole, delta], { device_type: 'house', checksum: 'y' }, false)).toMatchObject({
    artifact: whole,
  });
});

test('what is installed is not installed again, unless forced', () => {
  const device = { device_type: 'house', artifact_name: 'v2' };
  expect(chooseArtifact([artifact()], device, false)).toMatchObject({ kind: 'already-installed' });
  expect(chooseArtifact([artifact()], device, true)).toMatchObject({ kind: 'artifact' });
});

test('an application that another artifact came after is known by what it brought', () => {
  const app = artifact({ provides: { artifact_name: 'app-2', 'app.version': '2' }, name: 'app-2' });
  const device = { device_type: 'house', artifact_name: 'system-7', 'app.version': '2' };
  expect(chooseArtifact([app], device, false)).toMatchObject({ kind: 'already-installed' });
  expect(chooseArtifact([app], { ...device, 'app.version': '1' }, false)).toMatchObject({ kind: 'artifact' });
  // The same name, but a part of it is not as it should be.
  const broken = { ...device, artifact_name: 'app-2', 'app.version': '1' };
  expect(chooseArtifact([app], broken, false)).toMatchObject({ kind: 'artifact' });
});

test('what sensors run only the gateway knows', () => {
  const firmware = artifact({ payloadTypes: ['sensor-firmware'] });
  const device = { device_type: 'house', artifact_name: 'v2' };
  expect(chooseArtifact([firmware], device, false)).toMatchObject({ kind: 'artifact' });
});

test('names of objects are no things that a device provides', () => {
  const strange = artifact({ depends: { constructor: ['x'], toString: ['y'] } });
  expect(chooseArtifact([strange], { device_type: 'house' }, false)).toEqual({ kind: 'noartifact' });
});

test('an artifact takes the place of what it clears and leaves the rest', () => {
  const before = { artifact_name: 'v1', 'rootfs-image.version': '1', 'rootfs-image.checksum': 'x', 'app.version': '3' };
  const provides = { artifact_name: 'v2', 'rootfs-image.version': '2' };
  expect(expectedAfter(before, { provides, clears: ['rootfs-image.*'] })).toEqual({ ...provides, 'app.version': '3' });
  expect(expectedAfter(before, { provides, clears: ['*.vers*n'] })).toEqual({
    ...provides,
    'rootfs-image.checksum': 'x',
  });
  expect(expectedAfter(before, { provides, clears: null })).toEqual(provides);
});
