import { expect, test } from 'bun:test';
import { readSource } from './source.ts';

const read = (text: string) => readSource('packages/x/src/x.ts', text);

test('imports, re-exports and dynamic imports are found, in type position too', () => {
  const text = `
    import type { A } from './a.ts';
    import {
      B, // from 'not this'
    } from "./b.ts";
    import './c.ts';
    export { D } from './d.ts';
    const e = await import('./e.ts');
    type F = import('./f.ts').F;
    const not = Array.from('abc');`;
  expect(read(text).imports).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts']);
});

test('comments and strings are blanked in the code, which keeps its length', () => {
  const text = 'const a = "process.env"; // process.env\n/* process.env */ const b = `process.env`;';
  const { code } = read(text);
  expect(code).not.toContain('process.env');
  expect(code).toHaveLength(text.length);
});

test('a template is one string with its expressions cut out, and the expressions are code', () => {
  const { strings, code } = read('f(`hub.${ids[`${a}b`] ?? { c: "d" }}.x`); g(1);');
  expect(strings.sort()).toEqual(['${}b', 'd', 'hub.${}.x']);
  expect(code).toContain('ids[');
  expect(code).toContain('g(1)');
});

test('quotes and slashes in a regular expression start nothing', () => {
  const { strings, comments } = read("const a = /['\"`/]\\//.test(b); const c = d / e; const f = 'g'; // h");
  expect(strings).toEqual(['g']);
  expect(comments).toEqual(['// h']);
});

test('an apostrophe in JSX text costs no more than its line', () => {
  const { strings } = read("<p>\n  Don't\n</p>;\nconst a = 'b';");
  expect(strings).toContain('b');
});
