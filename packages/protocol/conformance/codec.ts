/**
 * Our codec as the program that the conformance runner talks to. One request a line, one answer a line:
 *
 *     parse <hex>       →  the value in the notation of notation.ts, or `error <code>`
 *     generate <json>   →  hex, or `error <why>`
 */
import { createInterface } from 'node:readline';
import { decode, encode, ProtocolError } from '../src/mod.ts';
import { fromHex, fromNotation, toHex, toNotation, type Json } from './notation.ts';

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${answer(line)}\n`);

function answer(line: string): string {
  const space = line.indexOf(' ');
  const rest = line.slice(space + 1);
  try {
    switch (line.slice(0, space)) {
      case 'parse':
        return JSON.stringify(toNotation(decode(fromHex(rest))));
      case 'generate':
        return toHex(encode(fromNotation(JSON.parse(rest) as Json)));
      default:
        return 'error unknown request';
    }
  } catch (error) {
    if (error instanceof ProtocolError) return `error ${error.code}`;
    if (error instanceof RangeError || error instanceof SyntaxError) return `error ${error.message}`;
    throw error;
  }
}
