/** Debian's unmodified mender-client takes deployments from us: all that can happen, as it was captured from the wire. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../harness/wait.ts';
import { testWithDevice } from '../mender/mender-device.ts';
import { expectLog, sequence } from '../mender/update-expectations.ts';
import { UpdateScene, type SceneDevice } from '../mender/update-scene.ts';
import type { UpdateDeviceOptions } from '../mender/update-device.ts';
import type { ArtifactWish } from '../mender/written-artifact.ts';

const SCENARIO_MS = 120_000;
/** The client tries a broken download again after a minute. */
const RESUMED_MS = 180_000;

const testScenario = testWithDevice('mender-artifact');
const resources = new AsyncDisposableStack();
let scene: UpdateScene;
beforeAll(async () => {
  if (testScenario === test.skip) return;
  scene = resources.use(await UpdateScene.start());
}, 120_000);
afterAll(() => resources.disposeAsync());

interface Scenario {
  /** Its name in the vectors. */
  readonly captured: string;
  readonly ends: 'success' | 'failure';
  readonly artifact?: Partial<ArtifactWish>;
  /** How the update module behaves, see trace-mod.sh. */
  readonly behave?: Readonly<Record<string, string>>;
  readonly device?: Partial<UpdateDeviceOptions>;
  /** What was called on the device. */
  readonly calls?: readonly string[];
}

const scripted = (state: string, ...inside: string[]): string[] => [
  `SCRIPT ${state}_Enter_00`,
  ...inside,
  `SCRIPT ${state}_Leave_00`,
];
const DOWNLOADED = ['Download', 'SupportsRollback'];
const INSTALLED = [...DOWNLOADED, ...scripted('ArtifactInstall', 'ArtifactInstall', 'NeedsArtifactReboot')];
const COMMITTED = [...scripted('ArtifactCommit', 'ArtifactCommit'), 'Cleanup'];
const FAILED = [...scripted('ArtifactFailure', 'ArtifactFailure'), 'Cleanup'];
const ROLLED_BACK = scripted('ArtifactRollback', 'ArtifactRollback');
const ROLLBACK = { 'answer-SupportsRollback': 'Yes' };
const REBOOT = { 'answer-NeedsArtifactReboot': 'Automatic' };

const SCENARIOS: readonly Scenario[] = [
  {
    captured: 'script module, success',
    ends: 'success',
    artifact: { type: 'script', files: { run: '#!/bin/sh\necho ran >/var/lib/mender/test/ran\n' }, hasScripts: false },
    device: { hasScripts: false },
  },
  {
    captured: 'delivered via GET v1 fallback',
    ends: 'success',
    calls: [...INSTALLED, ...COMMITTED],
  },
  {
    captured: 'automatic reboot, success',
    ends: 'success',
    behave: REBOOT,
    calls: [...INSTALLED, ...scripted('ArtifactReboot', 'reboot', 'ArtifactVerifyReboot'), ...COMMITTED],
  },
  {
    captured: 'ArtifactInstall fails, rollback supported',
    ends: 'failure',
    behave: { ...ROLLBACK, 'fail-ArtifactInstall': '' },
    calls: [
      ...DOWNLOADED,
      'SCRIPT ArtifactInstall_Enter_00',
      'ArtifactInstall',
      ...scripted('ArtifactRollback', 'ArtifactRollback', 'NeedsArtifactReboot'),
      ...FAILED,
    ],
  },
  {
    captured: 'Download fails',
    ends: 'failure',
    // One that does not take the streams at all makes the client wait for ever.
    behave: { streams: '', 'fail-Download': '' },
    calls: ['Download', 'Cleanup'],
  },
  {
    captured: 'ArtifactVerifyReboot fails, automatic reboot, streams consumed',
    ends: 'failure',
    behave: { ...ROLLBACK, ...REBOOT, streams: '', 'fail-ArtifactVerifyReboot': '' },
    calls: [
      ...INSTALLED,
      'SCRIPT ArtifactReboot_Enter_00',
      'reboot',
      'ArtifactVerifyReboot',
      ...ROLLED_BACK,
      ...scripted('ArtifactRollbackReboot', 'reboot', 'ArtifactVerifyRollbackReboot'),
      ...FAILED,
    ],
  },
  {
    captured: 'power loss in ArtifactCommit, rollback supported',
    ends: 'failure',
    behave: { ...ROLLBACK, 'kill-ArtifactCommit': '' },
    calls: [
      ...INSTALLED,
      'SCRIPT ArtifactCommit_Enter_00',
      'ArtifactCommit',
      ...scripted('ArtifactRollback', 'ArtifactRollback', 'NeedsArtifactReboot'),
      ...FAILED,
    ],
  },
  { captured: 'lzma artifact', ends: 'success', artifact: { compression: 'lzma', hasScripts: false } },
  { captured: 'uncompressed artifact', ends: 'success', artifact: { compression: 'none', hasScripts: false } },
];

describe('as captured from the wire', () => {
  testScenario.each([...SCENARIOS])(
    '$captured',
    async ({ captured, ends, artifact, behave = {}, device: options, calls }) => {
      const name = nameOf(captured);
      await scene.addArtifact({ name, hasScripts: true, ...artifact });
      const device = await scene.addDevice({ hasScripts: true, ...options });
      if (captured.includes('GET v1')) device.proxy.unknownPaths.push(/\/v2\/.*\/next$/, /\/v1\/.*\/next$/);
      for (const [what, value] of Object.entries(behave)) await device.device.behave(what, value);
      const deployment = await scene.deploy(name, [device]);
      await scene.reaches(deployment, device, ends);
      if (ends === 'failure') await expectLog(scene, deployment, device);
      expect(device.told(deployment)).toEqual(sequence(captured));
      if (calls) expect(await device.device.calls()).toEqual([...calls]);
      await device.device[Symbol.asyncDispose]();
    },
    SCENARIO_MS,
  );
});

describe('a reboot', () => {
  testScenario(
    'that the update module makes itself is verified, and what fails after it is rolled back with another',
    async () => {
      const name = 'own-reboot';
      await scene.addArtifact({ name, hasScripts: true });
      const device = await scene.addDevice();
      await device.device.behave('answer-NeedsArtifactReboot', 'Yes');
      await device.device.behave('answer-SupportsRollback', 'Yes');
      await device.device.behave('fail-ArtifactCommit');
      const deployment = await scene.deploy(name, [device]);
      await scene.reaches(deployment, device, 'failure');
      await expectLog(scene, deployment, device);
      expect(await device.device.calls()).toEqual([
        ...INSTALLED,
        ...scripted('ArtifactReboot', 'ArtifactReboot', 'ArtifactVerifyReboot'),
        'SCRIPT ArtifactCommit_Enter_00',
        'ArtifactCommit',
        ...ROLLED_BACK,
        ...scripted('ArtifactRollbackReboot', 'ArtifactRollbackReboot', 'ArtifactVerifyRollbackReboot'),
        ...FAILED,
      ]);
    },
    SCENARIO_MS,
  );
});

describe('a failure', () => {
  testScenario(
    'that can not be rolled back leaves the device inconsistent, and the next deployment mends it',
    async () => {
      await scene.addArtifact({ name: 'no-way-back' });
      await scene.addArtifact({ name: 'mended' });
      const device = await scene.addDevice();
      await device.device.behave('fail-ArtifactInstall');
      const failing = await scene.deploy('no-way-back', [device]);
      await scene.reaches(failing, device, 'failure');
      await until('it says so', () =>
        device.proxy.exchanges.some(({ body }) => body.includes('"artifact_name":"no-way-back_INCONSISTENT"')),
      );
      await device.device.behaveAgain('fail-ArtifactInstall');
      const mending = await scene.deploy('mended', [device]);
      await scene.reaches(mending, device, 'success');
    },
    SCENARIO_MS,
  );

  testScenario(
    'of a state script, and power lost while installing, are rolled back',
    async () => {
      await scene.addArtifact({ name: 'bad-script', hasScripts: true });
      const [failing, dying] = await Promise.all([scene.addDevice(), scene.addDevice()]);
      for (const { device } of [failing, dying]) await device.behave('answer-SupportsRollback', 'Yes');
      await failing.device.behave('fail-ArtifactInstall_Enter_00');
      await dying.device.behave('kill-ArtifactInstall');
      const deployment = await scene.deploy('bad-script', [failing, dying]);
      for (const each of [failing, dying]) {
        await scene.reaches(deployment, each, 'failure');
        expect(await each.device.calls()).toContain('ArtifactRollback');
        expect((await each.device.calls()).at(-1)).toBe('Cleanup');
      }
    },
    SCENARIO_MS,
  );
});

describe('an abort', () => {
  testScenario(
    'during the download ends it there',
    async () => {
      await scene.addArtifact({ name: 'aborted-early', hasScripts: true });
      const device = await scene.addDevice({ hasScripts: true });
      await device.device.behave('hold-Download');
      const deployment = await scene.deploy('aborted-early', [device]);
      await until('it downloads', async () => (await device.device.calls()).includes('Download'));
      await scene.abort(deployment);
      await device.device.behaveAgain('hold-Download');
      await until('it has cleaned up', async () => (await device.device.calls()).includes('Cleanup'));
      const expected = sequence('server abort during Download (409)');
      await until('it has told all', () => device.told(deployment).length === expected.length);
      expect(device.told(deployment)).toEqual(expected);
      expect((await scene.statusOf(deployment, device)).status).toBe('aborted');
      expect(await device.device.calls()).toEqual([...DOWNLOADED, ...FAILED]);
    },
    SCENARIO_MS,
  );

  testScenario(
    'while it installs rolls it back',
    async () => {
      await scene.addArtifact({ name: 'aborted-late' });
      const device = await scene.addDevice();
      await device.device.behave('answer-SupportsRollback', 'Yes');
      await device.device.behave('hold-ArtifactInstall');
      const deployment = await scene.deploy('aborted-late', [device]);
      await until('it installs', async () => (await device.device.calls()).includes('ArtifactInstall'));
      await scene.abort(deployment);
      await device.device.behaveAgain('hold-ArtifactInstall');
      await until('it has cleaned up', async () => (await device.device.calls()).includes('Cleanup'));
      const calls = await device.device.calls();
      expect(calls).toContain('ArtifactRollback');
      expect(calls).not.toContain('ArtifactCommit');
      expect((await scene.statusOf(deployment, device)).status).toBe('aborted');
    },
    SCENARIO_MS,
  );
});

testScenario(
  'a pause before installing and before committing waits until the control map lets it go on',
  async () => {
    await scene.addArtifact({ name: 'paused' });
    const device = await scene.addDevice();
    const states = { ArtifactInstall_Enter: { action: 'pause' }, ArtifactCommit_Enter: { action: 'pause' } };
    const deployment = await scene.deploy('paused', [device], { update_control_map: { priority: 0, states } });
    const path = `/v2/deployments/deployments/${deployment}`;
    await scene.reaches(deployment, device, 'pause_before_installing');
    await until('it asks for the map again', () => mapsOf(device).length > 1);
    expect(await device.device.calls()).not.toContain('ArtifactInstall');
    const later = { ArtifactCommit_Enter: { action: 'pause' } };
    await scene.management('PATCH', path, 204, { update_control_map: { priority: 0, states: later } });
    await scene.reaches(deployment, device, 'pause_before_committing');
    expect(await device.device.calls()).not.toContain('ArtifactCommit');
    await scene.management('PATCH', path, 204, { update_control_map: { priority: 0, states: {} } });
    await scene.reaches(deployment, device, 'success');
    expect(mapsOf(device)[0]).toEqual({ update_control_map: { id: deployment, priority: 0, states } });
  },
  SCENARIO_MS,
);

testScenario(
  'a download that is cut is gone on with from where it was, a minute later',
  async () => {
    const payload = Buffer.alloc(300_000, 'lovely ');
    await scene.addArtifact({ name: 'cut', files: { payload }, hasScripts: true, compression: 'none' });
    const device = await scene.addDevice({ hasScripts: true });
    device.proxy.cutNextDownload(100_000);
    const deployment = await scene.deploy('cut', [device]);
    await scene.reaches(deployment, device, 'success', RESUMED_MS);
    expect(device.told(deployment)).toEqual(sequence('download cut at half, resumed with Range'));
    const downloads = device.proxy.exchanges.filter(({ path }) => path.includes('/download'));
    expect(downloads.map(({ status, headers }) => [status, headers.range])).toEqual([
      [200, undefined],
      [206, expect.stringMatching(/^bytes=\d+-$/)],
    ]);
  },
  RESUMED_MS + 30_000,
);

describe('what is not for a device', () => {
  testScenario(
    'is not offered: another type, what it depends on, or what it has already',
    async () => {
      await scene.addArtifact({ name: 'for-others', deviceTypes: ['other-box'] });
      await scene.addArtifact({ name: 'needs-more', depends: ['mykey:v5'] });
      await scene.addArtifact({ name: 'has-it' });
      const device = await scene.addDevice();
      const first = await scene.deploy('has-it', [device]);
      await scene.reaches(first, device, 'success');
      for (const [name, status] of [
        ['for-others', 'noartifact'],
        ['needs-more', 'noartifact'],
        ['has-it', 'already-installed'],
      ] as const) {
        const deployment = await scene.deploy(name, [device]);
        await scene.reaches(deployment, device, status);
        expect([name, device.told(deployment)]).toEqual([name, []]);
      }
      // Asked to install it all the same, the client says so itself.
      const forced = await scene.deploy('has-it', [device], { force_installation: true });
      await scene.reaches(forced, device, 'already-installed');
      expect(device.told(forced)).toEqual(sequence('same artifact already installed'));
    },
    SCENARIO_MS,
  );
});

describe('signatures', () => {
  const KINDS = ['rsa', 'ec'] as const;
  const keys = new Map<string, { keyFile: string; publicPem: string }>();
  beforeAll(async () => {
    if (testScenario === test.skip) return;
    for (const kind of KINDS) {
      const keyFile = join(scene.folder, `${kind}.key`);
      keys.set(kind, { keyFile, publicPem: await writeKey(kind, keyFile) });
    }
  });

  testScenario.each([
    ['RSA signed, right key', 'rsa', 'rsa', 'success'],
    ['ECDSA signed, right key', 'ec', 'ec', 'success'],
    ['ECDSA signed, wrong key configured', 'ec', 'rsa', 'failure'],
    ['unsigned while ArtifactVerifyKey set', undefined, 'rsa', 'failure'],
  ] as const)(
    '%s',
    async (captured, signedWith, trusted, ends) => {
      const name = nameOf(captured);
      const keyFile = signedWith && keys.get(signedWith)!.keyFile;
      await scene.addArtifact({ name, ...(keyFile === undefined ? {} : { keyFile }) });
      const device = await scene.addDevice({ hasScripts: true, verifyKey: keys.get(trusted)!.publicPem });
      const deployment = await scene.deploy(name, [device]);
      await scene.reaches(deployment, device, ends);
      if (ends === 'failure') await expectLog(scene, deployment, device);
      expect(device.told(deployment)).toEqual(sequence(captured));
    },
    SCENARIO_MS,
  );
});

/** As mender-artifact reads it: PKCS#1 and SEC1 only. Returns the public half. */
async function writeKey(kind: 'rsa' | 'ec', path: string): Promise<string> {
  const { privateKey, publicKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(path, privateKey.export({ format: 'pem', type: kind === 'rsa' ? 'pkcs1' : 'sec1' }));
  return publicKey.export({ format: 'pem', type: 'spki' }).toString();
}

function nameOf(captured: string): string {
  return captured.toLowerCase().replaceAll(/\W+/g, '-').replace(/-$/, '');
}

function mapsOf({ proxy }: SceneDevice): unknown[] {
  return proxy.exchanges
    .filter(({ path, status }) => path.endsWith('/update_control_map') && status === 200)
    .map(({ answer }) => JSON.parse(answer) as unknown);
}
