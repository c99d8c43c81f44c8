/** A plan in one artifact, by the whole engine: software of the gateway, then the firmware of two kinds of sensors. */
import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateReport } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/folder.ts';
import { LocalRig } from '../../../test/local-rig.ts';
import { NEW, OLD, SensorHouse } from '../../../test/sensors/house.ts';
import { ArtifactServer } from '../../../test/update/artifact-server.ts';
import * as rigs from '../../../test/update/update-rig.ts';
import { systemClock } from '../../clock.ts';
import { driversIn } from './executable-driver.ts';
import { openSensorFirmware } from './sensor-firmware.ts';

/** A module of the gateway's that says what it was asked for. */
const MODULE = 'case $1 in SupportsRollback) echo Yes ;; Artifact*) echo $1 >>"$SANDBOX/calls" ;; esac';

let server: ArtifactServer;
beforeEach(async () => (server = await ArtifactServer.start()));
afterEach(() => server.stop());
afterAll(removeTemporaryFolders);

/** Carries the plan out in a house whose oven has these faults. */
async function carryOut(faults: readonly string[]) {
  const folder = temporaryFolder();
  const house = new SensorHouse(
    folder,
    [
      { id: 'bulb', firmware: OLD },
      { id: 'oven', kind: 'oven', firmware: OLD, faults },
    ],
    { metaData: {} },
  );
  const local = new LocalRig(join(folder, 'gateway'));
  const open = openSensorFirmware({
    host: local.api,
    findDriver: driversIn(join(folder, 'drivers')),
    clock: systemClock,
  });
  const firmware = (kind: string) => {
    const metaData = { version: NEW, driver: 'test', kinds: [kind] };
    const file = rigs.fileOf('firmware.bin', readFileSync(join(folder, 'firmware.bin')));
    const provides = { [`sensor-firmware.${kind}.version`]: NEW };
    return rigs.payloadOf('sensor-firmware', [file], {
      metaData,
      provides,
      clearsProvides: [`sensor-firmware.${kind}.*`],
    });
  };
  const payloads = [rigs.payloadOf('own', [rigs.fileOf('a', 'b')]), firmware('light-bulb'), firmware('oven')];
  const artifact = server.serve('/a', 'house-7', await rigs.artifactOf('house-7', payloads));
  const handlers = new Map([['sensor-firmware', async () => open]]);
  const rig = rigs.openRig({ folder, server: server.url, host: { handlers } });
  rigs.writeProgram(join(folder, 'modules/own'), MODULE);
  rigs.offerTo(rig, { deployment: 'd1', attempt: 1, artifact });
  const end = await rigs.endOf(rig);
  const told = new Map(
    rigs
      .reportsOf(rig)
      .flatMap(({ sensors = [] }: UpdateReport) => sensors)
      .map(({ id, state }) => [id, state]),
  );
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  return {
    end,
    house,
    told,
    calls,
    provided: rigs.providedOf(rig),
    leftovers: existsSync(join(folder, 'update/payloads')),
  };
}

test('a plan is carried out in its order, and all of it is provided then', async () => {
  const { end, house, told, calls, provided, leftovers } = await carryOut([]);
  expect(end).toMatchObject({ state: 'success' });
  expect(house.steps.filter((step) => step.endsWith(' activate'))).toEqual(['bulb activate', 'oven activate']);
  expect(calls).toEqual(['ArtifactInstall', 'ArtifactCommit']);
  expect([told.get('bulb'), told.get('oven')]).toEqual(['success', 'success']);
  expect(provided).toMatchObject({ 'sensor-firmware.light-bulb.version': NEW, 'sensor-firmware.oven.version': NEW });
  expect(leftovers).toBe(false);
}, 30_000);

test('when a later payload fails, sensors of an earlier one and the gateway go back too', async () => {
  const { end, house, told, calls, provided } = await carryOut(['activate refuse']);
  expect(end).toMatchObject({
    state: 'failure',
    isRolledBack: true,
    cause: { code: 'sensor-failed', step: 'ArtifactInstall', message: 'sensor oven: activate is not for me' },
  });
  expect([house.running('bulb'), house.running('oven')]).toEqual([OLD, OLD]);
  expect([told.get('bulb'), told.get('oven')]).toEqual(['rolled-back', 'rolled-back']);
  expect(calls).toEqual(['ArtifactInstall', 'ArtifactRollback', 'ArtifactFailure']);
  expect(provided).not.toHaveProperty('sensor-firmware.oven.version');
}, 30_000);
