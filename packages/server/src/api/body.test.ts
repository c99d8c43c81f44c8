import { expect, test } from 'bun:test';
import { LovelyError } from '../errors.ts';
import { parseJson, readBytes } from './body.ts';

function codeOf(text: string | Uint8Array): string {
  try {
    parseJson(typeof text === 'string' ? new TextEncoder().encode(text) : text);
    return 'ok';
  } catch (error) {
    if (error instanceof LovelyError) return error.code;
    throw error;
  }
}

test('a body is JSON in UTF-8', () => {
  expect(['', '{', '{"a":1}{}', 'a=b', '['.repeat(100_000)].map(codeOf)).toEqual(Array(5).fill('bad-json'));
  expect(codeOf(new Uint8Array([0x22, 0xff, 0x22]))).toBe('bad-json');
  expect(parseJson(new TextEncoder().encode('{"a":["ü",1e2]}'))).toEqual({ a: ['ü', 100] });
});

test('a body that is nested deeply is refused at once: to write it again would take seconds', () => {
  const nested = (depth: number): string => `${'[{"a":'.repeat(depth / 2)}"\\u0041"${'}]'.repeat(depth / 2)}`;
  expect([64, 66, 40_000].map((depth) => codeOf(nested(depth)))).toEqual(['ok', 'bad-json', 'bad-json']);
  expect(codeOf(`["${'['.repeat(1000)}\\"${'{'.repeat(1000)}", [], {}]`)).toBe('ok');
});

test('a text that PostgreSQL can not store is refused, as a value and as a key', () => {
  const bad = [
    String.raw`"\u0000"`,
    String.raw`["a\u0000b"]`,
    String.raw`{"\u0000":1}`,
    String.raw`"\ud800"`,
    String.raw`"\udc00\ud800"`,
  ];
  expect(bad.map(codeOf)).toEqual(bad.map(() => 'bad-input'));
});

test('escapes that mean something else are let through', () => {
  const good = [String.raw`"\\u0000"`, String.raw`"\\\\ud800"`, String.raw`"\ud83c\udfe0"`, String.raw`"\u003c\u0001"`];
  expect(good.map(codeOf)).toEqual(good.map(() => 'ok'));
  expect(codeOf(String.raw`"\\\u0000"`)).toBe('bad-input');
});

test('a body that ends too early or is too long is the fault of whoever sent it', async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new DOMException('The connection was closed.', 'AbortError')),
  });
  const post = (body: string | ReadableStream<Uint8Array>) =>
    readBytes(new Request('https://localhost', { method: 'POST', body }), 4).then(
      ({ length }) => length,
      (error: LovelyError) => error.code,
    );
  expect([await post(broken), await post('12345'), await post('1234')]).toEqual(['bad-request', 'body-too-large', 4]);
});
