import { expect, test } from 'bun:test';
import { createHouses } from './house.ts';
import { sensorFaultsOf } from './sensor-faults.ts';
import { sensorFigures, sensorsOf, type HouseSensor } from './sensors.ts';

const SEED = 7;
const NOON_MS = Date.UTC(2026, 5, 21, 12);
const HOUR_MS = 3600_000;
const houses = createHouses(SEED, 300);
const all = houses.flatMap((house) => sensorsOf(SEED, house).map((sensor) => ({ house, sensor })));

test('the same seed gives the same sensors, three to six a house, each with an id of its own', () => {
  for (const house of houses) {
    const sensors = sensorsOf(SEED, house);
    expect(sensorsOf(SEED, house)).toEqual(sensors);
    expect(sensors.length).toBeWithin(3, 7);
    expect(new Set(sensors.map(({ id }) => id)).size).toBe(sensors.length);
  }
  expect(new Set(all.map(({ sensor }) => sensor.kind)).size).toBe(5);
});

test('a sensor without a fault breaks no rule at any time of the day', () => {
  for (const { house, sensor } of all)
    for (let hour = 0; hour < 24; hour++) {
      const figures = sensorFigures(sensor, house, undefined, NOON_MS + hour * HOUR_MS);
      if (sensor.kind === 'power-outlet') expect(Number(figures['outlet.celsius'])).toBeLessThan(55);
      if (sensor.kind === 'heating') {
        expect(Number(figures['pressure.bar'])).toBeGreaterThan(1);
        expect(Number(figures['flow.celsius'])).toBeGreaterThan(25);
      }
      for (const state of ['oven.state', 'burner.state', 'inverter.state', 'link.state'])
        expect(['fault', 'error', 'lockout', 'unreachable', 'lost']).not.toContain(figures[state] as string);
    }
});

test('a solar plant follows the sun, wherever it stands', () => {
  const plants = all.filter(({ sensor }) => sensor.kind === 'solar-plant');
  expect(plants.length).toBeGreaterThan(50);
  for (const { house, sensor } of plants) {
    const at = (hour: number): number => {
      const figures = sensorFigures(
        sensor,
        house,
        undefined,
        Date.UTC(2026, 5, 21) + (hour - house.longitude / 15) * HOUR_MS,
      );
      return Number(figures['power.watts']);
    };
    expect([at(1), at(23)]).toEqual([0, 0]);
    expect(at(12)).toBeGreaterThan(at(8));
    expect(at(12)).toBeGreaterThan(1000);
  }
});

test('what a sensor tells changes every few minutes at most, all of a house in the same moment', () => {
  const house = houses[3]!;
  const told = (sensor: HouseSensor): number[] => {
    const changes: number[] = [];
    let last = '';
    for (let atMs = NOON_MS; atMs < NOON_MS + 2 * HOUR_MS; atMs += 10_000) {
      const text = JSON.stringify(sensorFigures(sensor, house, undefined, atMs));
      if (text !== last) changes.push(atMs);
      last = text;
    }
    return changes.slice(1);
  };
  const moments = new Set(sensorsOf(SEED, house).flatMap(told));
  expect(moments.size).toBeWithin(1, 26);
});

test('about one house in a hundred has a sensor with a fault, and it is one that the house has', () => {
  const faulty = houses.filter((house) => {
    const sensors = sensorsOf(SEED, house);
    const fault = sensorFaultsOf(SEED, house, sensors).next().value;
    expect(sensors.map(({ id }) => id)).toContain(fault.sensor);
    return fault.startMs <= 0;
  });
  expect(faulty.length / houses.length).toBeLessThan(0.03);
});
