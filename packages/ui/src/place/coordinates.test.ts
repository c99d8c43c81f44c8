import { expect, test } from 'bun:test';
import { readCoordinates, writeCoordinates } from './coordinates.ts';

test('coordinates are read as people write them', () => {
  const milan = { latitude: 45.4643, longitude: 9.1895 };
  for (const text of [
    '45.4643, 9.1895',
    ' 45.4643 9.1895 ',
    '45.4643;9.1895',
    '45.4643° N, 9.1895° E',
    '45.4643N 9.1895E',
  ]) {
    expect(readCoordinates(text)).toEqual(milan);
  }
  expect(readCoordinates('33.86 S, 151.2 E')).toEqual({ latitude: -33.86, longitude: 151.2 });
  expect(readCoordinates('40.7, -74')).toEqual({ latitude: 40.7, longitude: -74 });
});

test('what is not on the map is none', () => {
  for (const text of ['', 'Milan', '45', '91, 0', '0, 181', '45,46 9,19 1', '86, 0'])
    expect(readCoordinates(text)).toBeUndefined();
});

test('what is written is read back', () => {
  expect(writeCoordinates({ latitude: 45.46427, longitude: -9.1 })).toBe('45.46427, -9.1');
  expect(readCoordinates(writeCoordinates({ latitude: -0.5, longitude: 179.99999 }))).toEqual({
    latitude: -0.5,
    longitude: 179.99999,
  });
});
