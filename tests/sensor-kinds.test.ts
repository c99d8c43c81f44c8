/** What the simulator's sensors tell bears the names that pages and rules look for. */
import { expect, test } from 'bun:test';
import { SENSOR_KINDS } from '@lovely/api';
import { sensorFigures, type SensorKindName } from '@lovely/sim';

test('simulated sensors tell the metrics of their kinds, and nothing else', () => {
  const house = { index: 0, latitude: 48, longitude: 8 };
  for (const [kind, { metrics }] of Object.entries(SENSOR_KINDS)) {
    const sensor = { kind: kind as SensorKindName, phase: 0.5 };
    const told = Object.keys(sensorFigures(sensor, house, undefined, Date.now()));
    expect(told.toSorted()).toEqual(metrics.toSorted());
  }
});
