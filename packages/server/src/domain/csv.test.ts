import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { CsvError, parseCsv } from './csv.ts';

const rows = (text: string) => [...parseCsv(text)].map((row) => row.fields);

test('commas, quotes and line ends stand in quoted fields', () => {
  expect(rows('a,"b,""c""\nd",\r\n=1+1, x ')).toEqual([
    ['a', 'b,"c"\nd', ''],
    ['=1+1', ' x '],
  ]);
});

test('a row tells the line that it begins in, empty lines are none', () => {
  expect([...parseCsv('\uFEFFa\n\n"b\nc",d\r\ne')]).toEqual([
    { line: 1, fields: ['a'] },
    { line: 3, fields: ['b\nc', 'd'] },
    { line: 5, fields: ['e'] },
  ]);
});

test('a quote that nothing closes, or that stands within a field, is told with its line', () => {
  for (const [text, line] of [
    ['a\n"b', 2],
    ['a\nb"c', 2],
    ['"a"b', 1],
  ] as const) {
    let caught: unknown;
    try {
      rows(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(CsvError);
    expect((caught as CsvError).line).toBe(line);
  }
});

test('whatever is written with quotes is read as it was', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') });
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (table) => {
      const text = table.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\r\n');
      expect(rows(text)).toEqual(table);
    }),
  );
});
