import { expect, test } from 'bun:test';
import { csvFields, csvParts, csvRecords } from './csv.ts';

const FILE = 'identity.mac,public_key,name\r\naa,"one\ntwo",Villa\r\n\r\nbb,"say ""hi""","Rossi, Milano"\ncc,k,\n';

test('a record begins where it stands in the file, also after one of several lines', () => {
  expect(csvRecords(FILE).map(({ line }) => line)).toEqual([1, 2, 5, 6]);
});

test('fields lose their quotes', () => {
  const [, , second] = csvRecords(FILE);
  expect(csvFields(second!.text)).toEqual(['bb', 'say "hi"', 'Rossi, Milano']);
  expect(csvFields('cc,k,')).toEqual(['cc', 'k', '']);
  expect(csvFields(',b')).toEqual(['', 'b']);
});

test('parts have the names each, and know where their lines are in the file', () => {
  const parts = csvParts(FILE, 2);
  expect(parts.map(({ records }) => records)).toEqual([2, 1]);
  expect(parts[0]!.csv.split('\n')[0]).toBe('identity.mac,public_key,name');
  expect(csvRecords(parts[0]!.csv).map(({ line }) => parts[0]!.lineOf(line))).toEqual([1, 2, 5]);
  expect(csvRecords(parts[1]!.csv).map(({ line }) => parts[1]!.lineOf(line))).toEqual([1, 6]);
});

test('a file without a device has no parts', () => {
  expect(csvParts('', 10)).toEqual([]);
  expect(csvParts('identity.mac,public_key\n', 10)).toEqual([]);
});
