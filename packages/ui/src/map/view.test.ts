import { expect, test } from 'bun:test';
import { formatView, isSameView, parseView } from './view.ts';

test('a view survives its address', () => {
  const view = { longitude: 9.1895, latitude: 45.4643, zoom: 13.25 };
  expect(parseView(formatView(view))).toEqual(view);
});

test('a nearer view is named more precisely', () => {
  const place = { longitude: 9.123456789, latitude: 45.987654321 };
  expect(formatView({ ...place, zoom: 2 })).toBe('9.12,45.99,2');
  expect(formatView({ ...place, zoom: 16 })).toBe('9.12346,45.98765,16');
});

test('what is no view is none', () => {
  for (const text of [undefined, '', '1,2', '1,2,3,4', 'a,b,c', '181,0,3', '0,86,3', '0,0,-1', '0,0,99', ',,']) {
    expect(parseView(text)).toBeUndefined();
  }
});

test('views that have the same address are the same', () => {
  const view = { longitude: 9.12, latitude: 45.98, zoom: 2 };
  expect(isSameView(view, { ...view, longitude: 9.1201 })).toBeTrue();
  expect(isSameView(view, { ...view, zoom: 2.1 })).toBeFalse();
});
