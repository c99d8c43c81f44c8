import { expect, test } from 'bun:test';
import {
  memoryKeeper,
  memoryProvides,
  memoryUpdateLog,
  silentLog,
  systemClock,
  Updates,
  type Clock,
} from '@lovely/client';
import { updateOffer, updateState, type Frame, type UpdateReport } from '@lovely/protocol';
import { createHouses, type House } from './house.ts';
import { SimulatedFirmware } from './simulated-firmware.ts';
import { SimulatedSteps, softwareOf } from './simulated-steps.ts';

const SEED = 11;
/** Time goes by as soon as it is waited for. */
const fastClock: Clock = { ...systemClock, after: (_, task) => systemClock.after(0, task) };

const NO_SENSORS = new SimulatedFirmware({
  seed: SEED,
  house: 0,
  sensors: () => [],
  learnFirmware: () => undefined,
  clock: fastClock,
});

/** The last report of an update of this house. */
async function update(house: House, name: string): Promise<UpdateReport & { readonly artifact: string | undefined }> {
  const { promise, resolve } = Promise.withResolvers<UpdateReport>();
  const provides = memoryProvides(softwareOf(house));
  const submit = (make: (id: number) => Frame): void => {
    const frame = make(1);
    if (!updateState.is(frame)) return;
    const { body } = updateState.read(frame);
    if (body.substate === undefined && (body.state === 'success' || body.state === 'failure')) resolve(body);
  };
  const updates = new Updates({
    isAllowed: true,
    record: memoryKeeper(),
    ended: memoryKeeper(),
    provides,
    updateLog: memoryUpdateLog(() => 0),
    steps: async (providesChanged) =>
      new SimulatedSteps({ seed: SEED, house, firmware: NO_SENSORS, provides, providesChanged, clock: fastClock }),
    bootId: () => '',
    submit,
    nowMs: () => 0,
    clock: fastClock,
    log: silentLog,
  });
  const artifact = { name, bytes: 1e6, sha256: '0'.repeat(64), path: '/a', expiresMs: 1e12 };
  const link = { send: () => undefined, sendEncoded: () => undefined, isFull: false };
  updates.handle(updateOffer.frame({}, { deployment: 'd', attempt: 1, artifact }), link);
  const report = await promise;
  await updates.close();
  return { ...report, artifact: provides.read().artifact_name };
}

test('nearly all houses take a release, a third does not take a bad one, and all run what they say', async () => {
  const houses = createHouses(SEED, 80);
  const [good, bad] = await Promise.all(
    ['nice-os-2.0', 'nice-os-2.1-bad'].map((name) => Promise.all(houses.map((house) => update(house, name)))),
  );
  const successes = (reports = good!): number => reports.filter(({ state }) => state === 'success').length;
  expect(successes(good)).toBeGreaterThan(72);
  expect(successes(bad)).toBeWithin(40, 70);
  for (const { state, isRolledBack, artifact, cause } of bad!) {
    if (state === 'success') expect(artifact).toBe('nice-os-2.1-bad');
    else expect(artifact).toBe(isRolledBack ? 'nice-os-1.0' : 'nice-os-2.1-bad_INCONSISTENT');
    expect(cause === undefined).toBe(state === 'success');
  }
  expect(await Promise.all(houses.map((house) => update(house, 'nice-os-2.1-bad')))).toEqual(bad!);
});
