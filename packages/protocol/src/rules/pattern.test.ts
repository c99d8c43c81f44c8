import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { compilePattern, type Pattern } from './pattern.ts';

function compiled(source: string): Pattern {
  const pattern = compilePattern(source);
  if ('wrong' in pattern) throw new Error(pattern.wrong);
  return pattern;
}

/** Patterns that both understand alike. */
const atom = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '[a-c]', '\\d', '\\w', '\\.', '(?:a|b)', '(ab|c|)');
const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}');
const piece = fc.tuple(atom, repeat).map(([one, times]) => one + times);
const branch = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
const source = fc
  .tuple(fc.boolean(), fc.array(branch, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([isStart, branches, isEnd]) => `${isStart ? '^' : ''}${branches.join('|')}${isEnd ? '$' : ''}`);
const line = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', '1', '.'), maxLength: 12 });

test('a pattern fits what a regular expression fits', () => {
  fc.assert(
    fc.property(source, line, (pattern, text) => {
      expect(compiled(pattern).test(text)).toBe(new RegExp(pattern).test(text));
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['(?i)error', 'An ERROR', true],
  ['error', 'An ERROR', false],
  ['usb 1-1: disconnect', 'kernel: usb 1-1: disconnected', true],
  ['I/O error.*sd[a-z]', 'blk_update_request: I/O error, dev sda', true],
  ['^\\s+at', '\tat line', true],
  ['[]x]', ']', true],
  ['[a-]', '-', true],
  ['\\$5\\{', '$5{', true],
  ['Zähler \\d{3}', 'Zähler 123', true],
])('%p in %p: %p', (pattern, text, fits) => {
  expect(compiled(pattern).test(text)).toBe(fits);
});

test.each(['(', ')', '[a', 'a**', '*', 'a{', 'a{3,2}', 'a{101}', '\\', '\\1', '(?=a)', '(?<n>a)', '^*', '[z-a]'])(
  'what is wrong with %p is said',
  (pattern) => {
    expect(compilePattern(pattern)).toEqual({ wrong: expect.any(String) });
  },
);

test('a pattern that would grow beyond bounds is refused', () => {
  expect(compilePattern('(a{100}){100}')).toEqual({ wrong: expect.any(String) });
  expect(compilePattern('('.repeat(300))).toEqual({ wrong: expect.any(String) });
});

test('repeats of nothing are nothing, however deep they are', () => {
  let pattern = '';
  for (let depth = 0; depth < 15; depth++) pattern = `(${pattern}){100}`;
  expect(compiled(`a${pattern}b`).test('ab')).toBe(true);
});

test('a pattern made to take for ever is done with long lines, some of them a million characters', () => {
  const hostile = ['(a+)+$', '(a|aa)+$', '(.*.*.*.*)*b$', '((a?){30}|(.?){30})*[bc]$', '(x+x+)+y'];
  for (const pattern of hostile)
    for (const text of ['a'.repeat(1_000_000), `${'x'.repeat(1000)}!`])
      expect(compiled(pattern).test(text)).toBe(pattern.endsWith(')+$') && text.startsWith('a'));
});

test('any text at all is compiled or refused', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (pattern, text) => {
      const result = compilePattern(pattern);
      if ('test' in result) result.test(text);
    }),
    { numRuns: 1000 },
  );
});
