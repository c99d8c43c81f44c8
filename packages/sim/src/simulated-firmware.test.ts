/** Firmware of simulated sensors: all of a house have it in the end, or all have what they had. */
import { expect, test } from 'bun:test';
import { memoryKeeper, memoryProvides, memoryUpdateLog, silentLog, Updates } from '@lovely/client';
import { IdleClock } from '@lovely/client/testing';
import { updateOffer, updateState, type Frame, type UpdateReport } from '@lovely/protocol';
import { createHouses, type House } from './house.ts';
import { SimulatedFirmware } from './simulated-firmware.ts';
import { SimulatedSteps, softwareOf } from './simulated-steps.ts';
import { sensorsOf, type HouseSensor } from './sensors.ts';

const SEED = 11;

/** How the update of a house ended, and what its sensors run then, as they say and as was told of them. */
async function update(house: House, name: string, clock: IdleClock) {
  let sensors: readonly HouseSensor[] = sensorsOf(SEED, house);
  const before = sensors;
  const told = new Map<string, string>();
  const { promise, resolve } = Promise.withResolvers<UpdateReport>();
  const submit = (make: (id: number) => Frame): void => {
    const frame = make(1);
    if (!updateState.is(frame)) return;
    const { body } = updateState.read(frame);
    for (const { id, state } of body.sensors ?? []) told.set(id, state);
    if (body.substate === undefined && (body.state === 'success' || body.state === 'failure')) {
      if (body.sensors === undefined && (body.state === 'success' || body.isRolledBack !== undefined)) resolve(body);
    }
  };
  const firmware = new SimulatedFirmware({
    seed: SEED,
    house: house.index,
    sensors: () => sensors,
    learnFirmware: (id, version) => {
      sensors = sensors.map((sensor) => (sensor.id === id ? { ...sensor, firmware: version } : sensor));
    },
    clock,
  });
  const provides = memoryProvides(softwareOf(house));
  const updates = new Updates({
    isAllowed: true,
    record: memoryKeeper(),
    ended: memoryKeeper(),
    provides,
    updateLog: memoryUpdateLog(() => 0),
    steps: async (providesChanged) =>
      new SimulatedSteps({ seed: SEED, house, firmware, provides, providesChanged, clock }),
    bootId: () => '',
    submit,
    nowMs: () => 0,
    clock,
    log: silentLog,
  });
  const artifact = { name, bytes: 1e5, sha256: '0'.repeat(64), path: '/a', expiresMs: 1e12 };
  const link = { send: () => undefined, sendEncoded: () => undefined, isFull: false };
  updates.handle(updateOffer.frame({}, { deployment: 'd', attempt: 1, artifact }), link);
  const report = await promise;
  await updates.close();
  return { report, before, sensors, told, provided: provides.read() };
}

test('all sensors of a kind have the firmware in the end, or all what they had, and what is told is so', async () => {
  const clock = new IdleClock();
  clock.run();
  const houses = createHouses(SEED, 60);
  const run = async (name: string) => await Promise.all(houses.map((house) => update(house, name, clock)));
  const [good, bad] = await Promise.all([run('power-outlet-7.0'), run('power-outlet-7.1-bad')]);
  clock.stop();
  const failures = (ends: typeof good): number => ends.filter(({ report }) => report.state === 'failure').length;
  expect([failures(good) < 6, failures(bad) > 6]).toEqual([true, true]);
  for (const { report, before, sensors, told, provided } of [...good, ...bad]) {
    const isNew = report.state === 'success';
    for (const [index, { id, kind, firmware }] of sensors.entries()) {
      const isMeant = kind === 'power-outlet';
      expect(firmware.startsWith('7.')).toBe(isMeant && isNew);
      if (!isNew || !isMeant) expect(firmware).toBe(before[index]!.firmware);
      expect(told.get(id)).toBe(isMeant ? (isNew ? 'success' : 'rolled-back') : undefined);
    }
    expect('sensor-firmware.power-outlet.version' in provided).toBe(isNew);
    expect(provided['rootfs-image.version']).toBe('nice-os-1.0');
    if (!isNew) expect(report).toMatchObject({ cause: { code: 'sensor-failed' }, isRolledBack: true });
  }
});
