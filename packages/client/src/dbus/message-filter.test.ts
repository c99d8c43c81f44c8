import { expect, test } from 'bun:test';
import { MessageFilter } from './message-filter.ts';

const AUTHENTICATION = Buffer.from('REJECTED EXTERNAL\r\nOK 1234deadbeef\r\n');

function message(fields: number, body: number, isLittle = true): Buffer {
  const header = Buffer.alloc(16);
  header[0] = (isLittle ? 'l' : 'B').charCodeAt(0);
  for (const [at, length] of [
    [4, body],
    [12, fields],
  ] as const) {
    if (isLittle) header.writeUInt32LE(length, at);
    else header.writeUInt32BE(length, at);
  }
  return Buffer.concat([header, Buffer.alloc(Math.ceil(fields / 8) * 8, 'f'), Buffer.alloc(body, 'b')]);
}

function withoutBody(whole: Buffer, fields: number): Buffer {
  const cut = Buffer.from(whole.subarray(0, 16 + Math.ceil(fields / 8) * 8));
  cut.writeUInt32LE(0, 4);
  return cut;
}

test('small messages pass as they are, large ones without their body, however they are cut', () => {
  const large = message(20, 1000);
  const largeBig = message(20, 1000, false);
  const parts = [AUTHENTICATION, message(9, 0), large, message(16, 100), largeBig, message(8, 3, false)];
  const expected = Buffer.concat([
    AUTHENTICATION,
    message(9, 0),
    withoutBody(large, 20),
    message(16, 100),
    withoutBody(largeBig, 20),
    message(8, 3, false),
  ]);
  const whole = Buffer.concat(parts);
  for (const size of [1, 2, 7, 16, 333, whole.length]) {
    const filter = new MessageFilter(100, 64);
    const taken: Buffer[] = [];
    for (let at = 0; at < whole.length; at += size) taken.push(filter.take(whole.subarray(at, at + size)));
    expect(Buffer.concat(taken).equals(expected)).toBe(true);
  }
});

test('a message whose header is too large is none', () => {
  const filter = new MessageFilter(100, 64);
  filter.take(AUTHENTICATION);
  expect(() => filter.take(message(65, 0))).toThrow('header');
});
