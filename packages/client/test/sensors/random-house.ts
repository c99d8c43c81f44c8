/** A round of bad luck: sensors with random faults, a gateway that is killed, and what must hold in the end. */
import type { Progress } from './gateway.ts';
import { NEW, OLD, SensorHouse, type NewSensor } from './house.ts';

/** Gives a number from 0 to below 1. */
type Random = () => number;

const FORWARD = ['describe', 'prepare', 'transfer', 'verify', 'activate'];
const PASSING = ['fail', 'power', 'power-after', 'later', 'garbage', 'slow', 'die'];
const KILLS = ['kill', 'kill-after'];

export interface RoundOptions {
  readonly folder: string;
  readonly sensors: number;
  readonly random: Random;
  /** Kills at moments of the story; the caller may kill at others too. */
  readonly killsMax: number;
}

export function randomHouse({ folder, sensors: count, random, killsMax }: RoundOptions): SensorHouse {
  const isAtomic = random() < 0.8;
  const hasBadLuck = random() < 0.5;
  const whole = (below: number): number => Math.floor(random() * below);
  const one = <T>(from: readonly T[]): T => from[whole(from.length)]!;
  const faults = Array.from({ length: count }, () => (random() < 0.5 ? [] : passingFaults(random)));
  for (let kill = whole(killsMax + 1); kill > 0; kill--)
    one(faults).push(`${one([...FORWARD, 'rollback'])} ${one(KILLS)}`);
  if (hasBadLuck) {
    // One or two that never get there, and sometimes one that never comes back.
    for (let bad = 1 + whole(2); bad > 0; bad--)
      one(faults).unshift(
        `${one([...FORWARD, 'activate', 'activate'])} ${one(['fail always', 'refuse always', 'later always'])}`,
      );
    if (random() < 0.6) one(faults).unshift(`rollback ${one(['fail always', 'refuse always', 'later always'])}`);
  }
  const sensors: NewSensor[] = faults.map((list, index) => ({
    id: `bulb-${index}`,
    firmware: random() < 0.1 ? NEW : random() < 0.1 ? '0.9' : OLD,
    faults: list,
  }));
  const metaData = {
    version: NEW,
    driver: 'test',
    kinds: ['light-bulb'],
    parallel: 1 + whole(16),
    atomic: isAtomic,
    waitSeconds: 8 * 3600,
  };
  return new SensorHouse(folder, sensors, { metaData });
}

function passingFaults(random: Random): string[] {
  const whole = (below: number): number => Math.floor(random() * below);
  return Array.from({ length: 1 + whole(4) }, () => {
    const step = [...FORWARD, 'rollback'][whole(6)];
    return `${step} ${PASSING[whole(PASSING.length)]}`;
  });
}

/** What is wrong with how the round ended; empty when all is as it must be. */
export function faultsOf(house: SensorHouse, end: Progress): string[] {
  const isAtomic = house.order.metaData.atomic === true;
  const told = house.told();
  const faults: string[] = [];
  for (const { id, firmware } of house.sensors) {
    const [runs, state, registered] = [house.running(id), told.get(id)?.state, house.registered(id)];
    const expected = expectedState(firmware, runs, end, isAtomic);
    if (state === undefined || !expected.includes(state)) faults.push(`${id} runs ${runs} and was told as ${state}`);
    // One that could not be reached any more may be known by what it said last.
    if (registered !== runs && state !== 'failure')
      faults.push(`${id} runs ${runs} and is registered with ${registered}`);
  }
  const states = [...told.values()].map(({ state }) => state);
  if (end.failure && (end.isRolledBack === false) !== states.includes('failure'))
    faults.push(`told to be rolled back: ${end.isRolledBack}, with ${states.join(', ')}`);
  if (end.failure && end.failure.code !== 'sensor-failed') faults.push(`the cause is ${end.failure.code}`);
  if (house.violations !== '') faults.push(house.violations);
  if (house.leftovers.length > 0) faults.push(`left behind: ${house.leftovers.join(', ')}`);
  return faults;
}

function expectedState(before: string, runs: string, end: Progress, isAtomic: boolean): string[] {
  if (before === NEW) return runs === NEW ? ['already-installed', ...(end.failure ? ['rolled-back'] : [])] : [];
  if (!end.failure && isAtomic) return runs === NEW ? ['success'] : [];
  if (!end.failure) return runs === NEW ? ['success', 'failure'] : runs === before ? ['rolled-back'] : [];
  return runs === before ? ['rolled-back'] : ['failure'];
}
