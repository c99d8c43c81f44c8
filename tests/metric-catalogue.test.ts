/** The catalogue of metrics knows what clients and sensors report. */
import { expect, test } from 'bun:test';
import { describeMetric, METRIC_CATALOGUE, METRIC_UNITS, SENSOR_KINDS } from '@lovely/api';
import { METRICS } from '@lovely/client';

/** As the client spells units, and as names end. */
const UNITS: { readonly [unit: string]: string } = { '%': 'percent', '°C': 'celsius', s: 'seconds' };

test('every figure of the client is in the catalogue, in its unit', () => {
  const different = METRICS.map(({ pattern, unit }) => {
    const known = METRIC_CATALOGUE.find((described) => described.pattern === pattern);
    return known?.unit === (UNITS[unit] ?? unit) ? undefined : `${pattern}: ${unit}, ${known?.unit ?? 'not there'}`;
  });
  expect(different.filter((one) => one !== undefined)).toEqual([]);
});

test('every metric of a kind of sensor that we know is in the catalogue, in the unit that its name ends with', () => {
  const names = Object.values(SENSOR_KINDS).flatMap((kind): readonly string[] => kind.metrics);
  for (const name of names) {
    const { title, unit, kind } = describeMetric(name);
    expect([name, title === name]).toEqual([name, false]);
    const last = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
    expect([name, unit]).toEqual([name, last in METRIC_UNITS ? last : '']);
    expect([name, kind === 'state' || kind === 'boolean']).toEqual([name, unit === '']);
  }
});

test('an unknown metric is charted by the unit that its name ends with', () => {
  expect(describeMetric('boiler.pumpMilliseconds')).toMatchObject({ unit: 'milliseconds', kind: 'gauge' });
  expect(describeMetric('mine.state')).toMatchObject({ title: 'mine.state', unit: '', kind: 'state' });
  expect(describeMetric('rpm')).toMatchObject({ title: 'rpm', unit: '', kind: 'gauge' });
  expect(describeMetric('disk./mnt/my.usb.usedPercent')).toMatchObject({ title: 'Disk in use', star: 'mount' });
});
