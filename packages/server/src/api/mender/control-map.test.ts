import { expect, test } from 'bun:test';
import { LovelyError } from '../../errors.ts';
import { controlMap, pausesOf, toControlMap } from './control-map.ts';

const ID = 'c70d6767-9cf4-4c4f-96e4-d4d6aef7a6f9';

test('a map says where a device waits, in the order of the steps, and is read as the same again', () => {
  const map = toControlMap(ID, ['commit', 'install']);
  expect(JSON.stringify(map)).toBe(
    `{"id":"${ID}","priority":0,"states":{"ArtifactInstall_Enter":{"action":"pause"},"ArtifactCommit_Enter":{"action":"pause"}}}`,
  );
  expect(pausesOf(controlMap.parse(map))).toEqual(['install', 'commit']);
  expect(toControlMap(ID, []).states).toEqual({});
});

test('what lets a device go on is no pause, and what would fail it is refused', () => {
  const states = {
    ArtifactInstall_Enter: { action: 'continue' },
    ArtifactReboot_Enter: { action: 'force_continue', on_map_expire: 'fail' },
    ArtifactCommit_Enter: {},
  };
  expect(pausesOf(controlMap.parse({ states }))).toEqual([]);
  const failing = controlMap.parse({ states: { ArtifactReboot_Enter: { action: 'fail' } } });
  expect(() => pausesOf(failing)).toThrow(LovelyError);
});
