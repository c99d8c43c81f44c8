/** Firmware of sensors, with a real driver in a real process for each step; the sensors' own files are looked at in the end. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/folder.ts';
import { faultsOf, randomHouse } from '../../../test/sensors/random-house.ts';
import { NEW, OLD, SensorHouse, type NewSensor } from '../../../test/sensors/house.ts';

afterAll(removeTemporaryFolders);

const META_DATA = { version: NEW, driver: 'test', kinds: ['light-bulb'] };

type Faults = { readonly [id: string]: readonly string[] };

function house(sensors: Faults | readonly NewSensor[], metaData: object = {}, named?: readonly string[]): SensorHouse {
  const all = Array.isArray(sensors)
    ? (sensors as readonly NewSensor[])
    : Object.entries(sensors as Faults).map(([id, faults]) => ({ id, firmware: OLD, faults }));
  const order = { metaData: { ...META_DATA, ...metaData }, ...(named ? { sensors: named } : {}) };
  return new SensorHouse(temporaryFolder(), all, order);
}

/** What each sensor runs, by its own files, and what was told of it. */
function ends(of: SensorHouse): { readonly [id: string]: string } {
  const told = of.told();
  expect(of.violations).toBe('');
  expect(of.leftovers).toEqual([]);
  return Object.fromEntries(of.sensors.map(({ id }) => [id, `${of.running(id)} ${told.get(id)?.state ?? 'untold'}`]));
}

test('sensors get the firmware, whatever goes wrong for a while', async () => {
  const faulty = house({
    a: [],
    b: ['describe fail', 'prepare fail', 'transfer power', 'verify power', 'activate power', 'activate power-after'],
    c: ['transfer later 3', 'activate later 2', 'describe garbage'],
    d: ['transfer die', 'verify die', 'activate die'],
  });
  expect(await faulty.finish()).toEqual({ phase: 'over' });
  expect(ends(faulty)).toEqual({ a: '2.0 success', b: '2.0 success', c: '2.0 success', d: '2.0 success' });
  for (const id of ['a', 'b', 'c', 'd']) expect(faulty.registered(id)).toBe(NEW);
});

test('no sensor switches before each has the firmware, and one that can not get it leaves all as they were', async () => {
  const faulty = house({ a: [], b: ['verify fail always'], c: ['transfer later 2'] });
  expect(await faulty.finish()).toMatchObject({
    failure: { code: 'sensor-failed', step: 'ArtifactInstall', message: 'sensor b: verify does not work today' },
    isRolledBack: true,
  });
  expect(ends(faulty)).toEqual({ a: '1.0 rolled-back', b: '1.0 rolled-back', c: '1.0 rolled-back' });
  expect(faulty.steps.filter((step) => step.endsWith(' activate'))).toEqual([]);
});

test('one that does not switch brings those back that did', async () => {
  const faulty = house(
    { a: ['rollback power 2'], b: ['activate refuse'], c: ['rollback power-after'] },
    { parallel: 1 },
  );
  expect(await faulty.finish()).toMatchObject({
    failure: { message: 'sensor b: activate is not for me' },
    isRolledBack: true,
  });
  expect(ends(faulty)).toEqual({ a: '1.0 rolled-back', b: '1.0 rolled-back', c: '1.0 rolled-back' });
  expect(faulty.steps).toContain('a activate');
  expect(faulty.told().get('a')?.message).toBe('b: activate is not for me');
  for (const id of ['a', 'b', 'c']) expect(faulty.registered(id)).toBe(OLD);
});

test('one that can not be brought back is told as exactly that', async () => {
  const faulty = house({ a: ['rollback refuse always'], b: ['activate refuse'], c: [] }, { parallel: 1 });
  expect(await faulty.finish()).toMatchObject({ failure: { code: 'sensor-failed' }, isRolledBack: false });
  expect(ends(faulty)).toEqual({ a: '2.0 failure', b: '1.0 rolled-back', c: '1.0 rolled-back' });
  expect(faulty.told().get('a')?.message).toContain('could not be brought back: it runs 2.0 instead of 1.0');
  expect(faulty.registered('a')).toBe(NEW);
});

test('where it is not all or nothing, each sensor is for itself', async () => {
  const faulty = house({ a: [], b: ['activate fail always'], c: ['describe refuse'] }, { atomic: false });
  expect(await faulty.finish()).toEqual({ phase: 'over' });
  expect(ends(faulty)).toEqual({ a: '2.0 success', b: '1.0 rolled-back', c: '1.0 rolled-back' });
  const none = house({ a: ['prepare refuse'] }, { atomic: false });
  expect(await none.finish()).toMatchObject({ failure: { message: 'sensor a: prepare is not for me' } });
});

test('a gateway that is killed at a step goes on where it was, forwards and back', async () => {
  const forward = house({ a: ['transfer kill', 'activate kill-after'], b: ['activate kill'], calm: [] });
  expect(await forward.finishKilled()).toEqual({ phase: 'over' });
  // Of two that fall into one moment one is seen.
  expect(forward.kills).toBeGreaterThan(1);
  expect([...new Set(Object.values(ends(forward)))]).toEqual(['2.0 success']);
  const back = house({ a: ['rollback kill-after'], b: ['activate kill', 'activate refuse'] });
  expect(await back.finishKilled()).toMatchObject({ isRolledBack: true });
  expect(back.kills).toBe(2);
  expect(ends(back)).toEqual({ a: '1.0 rolled-back', b: '1.0 rolled-back' });
}, 30_000);

test('one that sleeps is waited for as long as the artifact says', async () => {
  const sleepy = house({ a: ['transfer later 5'], b: [] }, { waitSeconds: 6 * 3600 });
  expect(await sleepy.finish()).toEqual({ phase: 'over' });
  const steps = sleepy.steps.filter((step) => ['a transfer', 'b verify', 'b activate'].includes(step));
  expect(steps.toSorted()).toEqual([
    'a transfer',
    'a transfer',
    'a transfer',
    'a transfer',
    'a transfer',
    'a transfer',
    'b activate',
    'b verify',
  ]);
  expect(steps.indexOf('b verify')).toBeLessThan(steps.lastIndexOf('a transfer'));
  expect(steps.at(-1)).toBe('b activate');
  const lost = house({ a: ['transfer later 9'], b: [] }, { waitSeconds: 6 * 3600 });
  expect(await lost.finish()).toMatchObject({
    failure: { message: 'sensor a: it could not be reached for 6 hours: asleep' },
    isRolledBack: true,
  });
  expect(ends(lost)).toEqual({ a: '1.0 rolled-back', b: '1.0 rolled-back' });
});

test('sensors are chosen by kind, model, firmware and name; what has the firmware is left alone', async () => {
  const sensors = [
    { id: 'meant', firmware: OLD },
    { id: 'has-it', firmware: NEW },
    { id: 'says-other', firmware: '0.9' },
    { id: 'other-kind', kind: 'oven', firmware: OLD },
    { id: 'other-model', model: 'Glow', firmware: OLD },
    { id: 'not-named', firmware: OLD },
  ];
  const named = sensors.map(({ id }) => id).filter((id) => id !== 'not-named');
  const chosen = house(sensors, { models: ['Lumo'], fromVersions: [OLD] }, named);
  expect(await chosen.finish()).toEqual({ phase: 'over' });
  expect(ends(chosen)).toEqual({
    meant: '2.0 success',
    'has-it': '2.0 already-installed',
    'says-other': '0.9 untold',
    'other-kind': '1.0 untold',
    'other-model': '1.0 untold',
    'not-named': '1.0 untold',
  });
  const none = house([{ id: 'a', kind: 'oven', firmware: OLD }]);
  expect(await none.finish()).toEqual({ phase: 'over' });
  expect(none.log).toContain('no sensor here is meant');
});

test('kinds and models switch in the order that is wanted', async () => {
  const sensors = ['bulb', 'hub', 'other'].map((id) => ({ id, kind: id, firmware: OLD }));
  const kinds = ['bulb', 'hub', 'other'];
  const ordered = house(sensors, { kinds, order: ['hub', 'bulb'] });
  expect(await ordered.finish()).toEqual({ phase: 'over' });
  const switches = ordered.steps.filter((step) => step.endsWith(' activate'));
  expect(switches).toEqual(['hub activate', 'bulb activate', 'other activate']);
  const failing = house(
    sensors.map((sensor) => (sensor.id === 'hub' ? { ...sensor, faults: ['activate refuse'] } : sensor)),
    { kinds, order: ['hub', 'bulb'] },
  );
  expect(await failing.finish()).toMatchObject({ isRolledBack: true });
  expect(failing.steps.filter((step) => step.endsWith(' activate'))).toEqual(['hub activate']);
});

test('what can not be done is told before anything is touched', async () => {
  const refused = async (metaData: object, named?: readonly string[], spoil?: (of: SensorHouse) => void) => {
    const of = house({ a: [] }, metaData, named);
    spoil?.(of);
    const { failure } = await of.finish();
    expect([of.running('a'), of.steps, of.leftovers]).toEqual([OLD, [], []]);
    return `${failure?.code} ${failure?.step}: ${failure?.message}`;
  };
  expect(await refused({ driver: 'other' })).toMatch(/^missing-module Download: .*drivers\/other, is not there$/);
  const driver = (of: SensorHouse): string => join(of.folder, 'drivers/test');
  const anybodys = await refused({}, undefined, (of) => chmodSync(driver(of), 0o777));
  expect(anybodys).toMatch(/^missing-module .*is no program that only its owner may change$/);
  expect(await refused({}, ['a', 'b'])).toBe('sensor-failed Download: this gateway has no sensor "b"');
  for (const metaData of [{ version: '' }, { colour: 'red' }, { parallel: 1000 }, { kinds: [] }, { driver: '../sh' }])
    expect(await refused(metaData)).toStartWith('bad-artifact Download: the meta-data of a sensor-firmware payload');
});

test('a driver that goes missing in the middle is told of, and the sensors stay what they are', async () => {
  const cut = house({ a: ['transfer kill'] });
  await cut.start().exited;
  rmSync(join(cut.folder, 'drivers/test'));
  expect(await cut.finish()).toMatchObject({ failure: { code: 'missing-module' }, isRolledBack: false });
  expect(cut.running('a')).toBe(OLD);
});

test('fifty sensors with all kinds of bad luck end all new or all old', async () => {
  // tests/long has hundreds of such rounds.
  const seed = Math.floor(Math.random() * 2 ** 31);
  let state = seed;
  const random = (): number => (state = (state * 48_271 + 11) % 2_147_483_647) / 2_147_483_647;
  const unlucky = randomHouse({ folder: temporaryFolder(), sensors: 50, random, killsMax: 2 });
  const end = await unlucky.finishKilled();
  expect([seed, faultsOf(unlucky, end)]).toEqual([seed, []]);
}, 60_000);
