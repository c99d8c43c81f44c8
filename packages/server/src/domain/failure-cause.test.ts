import { expect, test } from 'bun:test';
import type { LogLine } from '@lovely/api';
import { findFailureCause, sliceAroundFailure } from './failure-cause.ts';
import { failureKey, generalised, suggestionFor } from './failure-group.ts';

const line = (level: LogLine['level'], message: string): LogLine => ({ at: '2026-11-22T15:41:36Z', level, message });
/** As mender-client 3.4.0 writes it. */
const log = (...errors: string[]): LogLine[] => [
  line('info', 'Running Mender client version: 3.4.0+ds1-5+b1'),
  line('info', 'State transition: update-fetch [Download_Enter] -> update-store [Download_Enter]'),
  line('info', 'No public key was provided for authenticating the artifact'),
  line('info', 'State transition: update-after-store [Download_Leave] -> update-install [ArtifactInstall]'),
  line(
    'debug',
    'Calling module: /usr/share/mender/modules/v3/script ArtifactInstall /var/lib/mender/modules/v3/payloads/0000/tree',
  ),
  ...errors.map((message) => line('error', message)),
  line('info', 'State transition: update-install [ArtifactInstall] -> rollback [ArtifactRollback]'),
];

test('the cause and the step are found in the log of a client that does not say', () => {
  const cases: [string[], string, string][] = [
    [
      ['Artifact install failed: Update module terminated abnormally: exit status 1'],
      'module-failed',
      'ArtifactInstall',
    ],
    [
      ['write /data/x: no space left on device', 'Update module terminated abnormally: exit status 1'],
      'no-space',
      'ArtifactInstall',
    ],
    [
      ["statescript: error executing 'ArtifactInstall_Enter_00': 1 : exit status 1"],
      'script-failed',
      'ArtifactInstall_Enter',
    ],
    [['reader: expecting signed artifact, but no signature file found'], 'unsigned', 'ArtifactInstall'],
    [
      ['installer: image (device types [boat]) not compatible with device house'],
      'wrong-device-type',
      'ArtifactInstall',
    ],
    [
      ['Artifact dependency "rootfs-image.version" not satisfied by currently installed artifact ([2] != 1).'],
      'missing-depends',
      'ArtifactInstall',
    ],
    [['invalid checksum; expected: [aa]; actual: [bb]'], 'bad-checksum', 'ArtifactInstall'],
    [['Process 4711 timed out. Sending SIGTERM'], 'timed-out', 'ArtifactInstall'],
    [
      ['Module could not be executed: fork/exec /usr/share/mender/modules/v3/x: no such file or directory'],
      'missing-module',
      'ArtifactInstall',
    ],
    [['State transition loop detected'], 'loop', 'ArtifactInstall'],
    [['Something that nobody has seen before'], 'unknown', 'ArtifactInstall'],
  ];
  for (const [errors, code, step] of cases) expect(findFailureCause(log(...errors))).toMatchObject({ code, step });
});

test('errors of the reporting itself are no cause, and a log without an error has none', () => {
  expect(findFailureCause(log())).toBeUndefined();
  expect(findFailureCause(log('failed to report status to the server: 503'))).toBeUndefined();
  expect(findFailureCause([])).toBeUndefined();
});

test('the slice of a log is around the failure, without what only helps to find bugs', () => {
  const many = [...Array.from({ length: 100 }, (_, at) => line('info', `line ${at}`)), ...log('exit status 1')];
  const slice = sliceAroundFailure(many);
  expect(slice.length).toBeLessThanOrEqual(18);
  expect(slice.some(({ message }) => message === 'exit status 1')).toBe(true);
  expect(slice.some(({ level }) => level === 'debug')).toBe(false);
});

test('failures that differ in numbers, ids and temporary files alone are one group', () => {
  const cause = (message: string) => ({ code: 'no-space', step: 'Download', message });
  const one = cause(
    'write /tmp/a1b2/file: no space left, 4096 bytes of 81920 for 3f2b0a1c-1111-2222-3333-444455556666',
  );
  const other = cause('write /tmp/zz/other: no space left, 17 bytes of 5 for 00000000-9999-2222-3333-444455556666');
  expect(failureKey(one)).toBe(failureKey(other));
  expect(failureKey(one)).not.toBe(failureKey({ ...one, step: 'ArtifactInstall' }));
  expect(generalised('exit status 17 after 2.5 s')).toBe('exit status … after … s');
  expect(suggestionFor('no-space')).toMatch(/room/);
  expect(suggestionFor('never heard of')).toMatch(/log/);
});
