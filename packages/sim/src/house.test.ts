import { expect, test } from 'bun:test';
import { identityOf } from '@lovely/client';
import { createHouses } from './house.ts';
import { privateKeyOf } from './key.ts';

const COUNT = 400;
const houses = createHouses(7, COUNT);

test('the same seed gives the same fleet, and a larger one begins with the smaller', () => {
  expect(createHouses(7, COUNT)).toEqual(houses);
  expect(createHouses(7, 20)).toEqual(houses.slice(0, 20));
});

test('another seed gives other houses', () => {
  const others = createHouses(8, COUNT);
  const places = new Set(houses.map(({ latitude, longitude }) => `${latitude} ${longitude}`));
  expect(others.filter(({ latitude, longitude }) => places.has(`${latitude} ${longitude}`))).toEqual([]);
});

test('the same seed gives the same keys, each gateway its own', () => {
  const fingerprint = (seed: number, index: number): string => identityOf('x', privateKeyOf(seed, index)).fingerprint;
  const prints = Array.from({ length: 50 }, (_, index) => fingerprint(7, index));
  expect(new Set(prints).size).toBe(50);
  expect(fingerprint(7, 3)).toBe(prints[3]!);
  expect(fingerprint(8, 3)).not.toBe(prints[3]!);
});

test('houses stand on every inhabited continent and within what a map can show', () => {
  expect(houses.every(({ latitude }) => Math.abs(latitude) < 85)).toBe(true);
  expect(houses.every(({ longitude }) => Math.abs(longitude) <= 180)).toBe(true);
  const countries = new Set(houses.map(({ country }) => country));
  for (const large of ['US', 'BR', 'DE', 'IN', 'CN', 'NG']) expect(countries).toContain(large);
  expect(houses.some(({ latitude, longitude }) => latitude < -10 && longitude > 110)).toBe(true);
});

test('a house has a serial number of its own, and its address tells street, town and country', () => {
  expect(new Set(houses.map(({ serial }) => serial)).size).toBe(COUNT);
  for (const { name, address } of houses) {
    expect(address).toMatch(/^.*\d.*, .+, [^,]+$/);
    expect(name).toMatch(/\d/);
    expect(name.length).toBeLessThan(200);
  }
});
