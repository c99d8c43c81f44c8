/** Root file systems are updated on a machine that really changes slots, and whose power really goes. */
import { afterAll, beforeAll, describe, expect, test as plainTest } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UpdateReport } from '@lovely/protocol';
import { DEVICE_TYPE, menderArtifact, ownArtifact } from './harness/two-slots/artifacts.ts';
import { SlotGateway } from './harness/two-slots/gateway.ts';
import { makeImage } from './harness/two-slots/images.ts';
import { canHaveSlots, SLOT_BYTES } from './harness/two-slots/machine.ts';
import { Rounds } from './harness/two-slots/rounds.ts';
import { until } from './harness/wait.ts';
import { testWith } from './tools.ts';

const isPossible = canHaveSlots();
const test = isPossible
  ? testWith('fw_setenv', 'grub-editenv', 'losetup', 'mke2fs', 'mender-artifact')
  : plainTest.skip;

let folder: string;
let first: Buffer;
let second: Buffer;
let secondArtifact: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-two-slots-'));
  if (!isPossible) return;
  first = await makeImage(folder, { release: 'first' });
  second = await makeImage(folder, { release: 'second' });
  secondArtifact = await ownArtifact('second', second);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** It stays when the power goes, and the boot loader tries nothing. */
async function expectSettled(gateway: SlotGateway, release: string): Promise<void> {
  await gateway.powerCycle();
  expect(gateway.release).toBe(release);
  expect((await gateway.machine.bootVariables()).upgrade_available).toBe('0');
}

/** Why it failed, as it was told first. */
function causeOf(gateway: SlotGateway, deployment: string): UpdateReport['cause'] {
  return gateway.server.reportsOf(deployment).find(({ cause }) => cause)?.cause;
}

test("one that does not come up is left again by the boot loader, Mender's artifact of a good one stays", async () => {
  await using gateway = await SlotGateway.make('u-boot', first);
  const broken = await makeImage(folder, { release: 'broken', boots: false });
  gateway.machine.knows('broken', broken);
  gateway.machine.knows('second', second);
  const report = await gateway.update('d1', { name: 'broken', bytes: await ownArtifact('broken', broken) });
  expect(report).toMatchObject({ state: 'failure', isRolledBack: true });
  expect(causeOf(gateway, 'd1')).toMatchObject({
    code: 'reboot-failed',
    step: 'ArtifactVerifyReboot',
    message: expect.stringContaining('the boot loader has gone back'),
  });
  expect([gateway.release, gateway.server.provides.artifact_name]).toEqual(['first', 'first']);

  const bytes = await menderArtifact(folder, 'release-2', second);
  expect(await gateway.update('d2', { name: 'release-2', bytes })).toMatchObject({ state: 'success' });
  expect(gateway.server.provides).toEqual({
    artifact_name: 'release-2',
    device_type: DEVICE_TYPE,
    'rootfs-image.version': 'release-2',
    'rootfs-image.checksum': createHash('sha256').update(second).digest('hex'),
  });
  await expectSettled(gateway, 'second');
});

test('GRUB starts the new one too', async () => {
  await using gateway = await SlotGateway.make('grub', first);
  gateway.machine.knows('second', second);
  const report = await gateway.update('d1', { name: 'second', bytes: secondArtifact });
  expect(report).toMatchObject({ state: 'success' });
  expect(gateway.server.provides).toMatchObject({ artifact_name: 'second', 'rootfs-image.version': 'second' });
  await expectSettled(gateway, 'second');
});

test('a power cut before the commit leads back to the old one', async () => {
  await using gateway = await SlotGateway.make('grub', first);
  gateway.machine.knows('second', second);
  const offer = { pauseBefore: ['commit' as const] };
  const updating = gateway.update('d1', { name: 'second', bytes: secondArtifact }, { offer });
  await until('it waits before the commit', () =>
    gateway.server.reportsOf('d1').some(({ state }) => state === 'pause_before_committing'),
  );
  expect(gateway.release).toBe('second');
  await gateway.cut();
  expect(await updating).toMatchObject({ state: 'failure', isRolledBack: true });
  expect(causeOf(gateway, 'd1')?.code).toBe('power-lost');
  expect(gateway.release).toBe('first');
});

test('power cuts leave the old one or the new one, and the report says which', async () => {
  await using rounds = await Rounds.make('u-boot');
  // While it is told to try the new one, and before a kernel runs.
  await rounds.play([{ kind: 'tool', when: 'torn', call: 7 }, { kind: 'booting' }]);
});

describe('what a gateway refuses changes nothing:', () => {
  let gateway: SlotGateway;
  let count = 0;
  beforeAll(async () => {
    if (!isPossible) return;
    gateway = await SlotGateway.make('u-boot', first);
    gateway.machine.knows('second', second);
    await gateway.powerCycle();
  });
  afterAll(() => gateway?.[Symbol.asyncDispose]());

  /** Why it was refused. */
  async function refusal(bytes = secondArtifact): Promise<UpdateReport['cause']> {
    const deployment = `refused-${++count}`;
    const before = [await gateway.machine.contents(), await gateway.machine.bootVariables()];
    const report = await gateway.update(deployment, { name: 'second', bytes });
    expect(report).toMatchObject({ state: 'failure', isRolledBack: true });
    expect([await gateway.machine.contents(), await gateway.machine.bootVariables()]).toEqual(before);
    expect([gateway.release, gateway.server.provides.artifact_name]).toEqual(['first', 'first']);
    return causeOf(gateway, deployment);
  }

  test('an image that is larger than the slot', async () => {
    const bytes = await ownArtifact('second', new Uint8Array(SLOT_BYTES + 1));
    expect(await refusal(bytes)).toMatchObject({ code: 'no-space', step: 'Download' });
  });

  test('an empty image', async () => {
    const bytes = await ownArtifact('second', new Uint8Array());
    expect(await refusal(bytes)).toMatchObject({ code: 'bad-artifact', step: 'Download' });
  });

  test('to write while the boot loader would start another slot than the one that runs', async () => {
    const [a, b] = gateway.machine.parts;
    await gateway.machine.setBootVariables({ mender_boot_part: b });
    expect((await refusal())?.message).toContain('the boot loader would start another one');
    await gateway.machine.setBootVariables({ mender_boot_part: a });
  });

  test('to write while the boot loader tries something that nobody has committed', async () => {
    await gateway.machine.setBootVariables({ upgrade_available: '1' });
    expect((await refusal())?.message).toContain('nobody has committed');
    await gateway.machine.setBootVariables({ upgrade_available: '0' });
  });

  test('to write to a slot that is mounted', async () => {
    await using busy = await SlotGateway.make('grub', first, { before: 'mke2fs -q -F "$B"; mount "$B" /root' });
    expect(await busy.update('d1', { name: 'second', bytes: secondArtifact })).toMatchObject({ state: 'failure' });
    expect(causeOf(busy, 'd1')?.message).toContain('is mounted at /root');
  });

  test('to update what has its memory of the update on a slot', async () => {
    const before = 'mount -o remount,rw /; mkdir -p /root/client';
    await using forgetful = await SlotGateway.make('grub', first, { before, dataDir: '/root/client' });
    expect(await forgetful.update('d1', { name: 'second', bytes: secondArtifact })).toMatchObject({ state: 'failure' });
    expect(causeOf(forgetful, 'd1')?.message).toContain('the data directory of the client lies on a slot');
  });
});
