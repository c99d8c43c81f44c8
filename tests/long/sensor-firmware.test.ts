/**
 * Updates fifty sensors of a house, again and again: sensors fail, sleep and lose power at every step, and the gateway is killed
 * at any moment. In the end all have the new firmware or all the old one, and what was told is what the sensors say themselves.
 */
import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultsOf, randomHouse } from '@lovely/client/testing';
import { randomOf } from '@lovely/sim';

/** A failure names its seed: `SENSOR_SEED=… SENSOR_ROUNDS=1 npm run test:long -- sensor-firmware` runs the same story again. */
const SEED = Number(process.env.SENSOR_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env.SENSOR_ROUNDS ?? 300);
const SENSORS = 50;
const KILLS_MAX = 4;
/** When the gateway is killed besides, whatever it does then. */
const LIFE_MS_MAX = 800;

test('fifty sensors end all new or all old, or are told as what they are', async () => {
  const ends = { new: 0, old: 0, lost: 0, kills: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomOf(SEED + round, 'sensor-firmware');
    const folder = await mkdtemp(join(tmpdir(), 'lovely-sensors-'));
    const house = randomHouse({ folder, sensors: SENSORS, random, killsMax: KILLS_MAX });
    for (let kill = Math.floor(random() * (KILLS_MAX + 1)); kill > 0; kill--) {
      const child = house.start();
      const killing = setTimeout(() => child.kill('SIGKILL'), 50 + random() * LIFE_MS_MAX);
      await child.exited;
      clearTimeout(killing);
      if (child.signalCode === 'SIGKILL') ends.kills++;
    }
    const end = await house.finishKilled();
    ends.kills += house.kills;
    expect([SEED + round, faultsOf(house, end)]).toEqual([SEED + round, []]);
    ends[end.failure === undefined ? 'new' : end.isRolledBack ? 'old' : 'lost']++;
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`seed ${SEED}, ${ROUNDS} rounds:`, ends);
}, 3_000_000);
