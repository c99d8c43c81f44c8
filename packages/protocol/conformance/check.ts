/** Puts every fixture to a codec that runs as a program of its own, in whatever language; see README.md. */
import { isDeepStrictEqual } from 'node:util';
import { decode } from '../src/mod.ts';
import { messages, refusedValues, values } from './fixtures.ts';
import { fromHex, toNotation, type Json } from './notation.ts';
import { startProgram } from './program.ts';

export interface Outcome {
  readonly passed: number;
  /** What went wrong, one line each. */
  readonly failures: readonly string[];
}

/** Starts the program, asks it everything and ends it. A program that ends or hangs fails what was not yet answered. */
export async function check(command: string, args: readonly string[]): Promise<Outcome> {
  const failures: string[] = [];
  const program = startProgram(command, args);
  try {
    for (const { about, request, judge } of cases) {
      const wrong = wrongIn(await program.ask(request), judge);
      if (wrong !== undefined) failures.push(`${about}: ${wrong}`);
    }
    return { passed: cases.length - failures.length, failures };
  } catch (error) {
    return { passed: 0, failures: [...failures, `the program: ${(error as Error).message}`] };
  } finally {
    program.end();
  }
}

interface Case {
  readonly about: string;
  readonly request: string;
  readonly judge: Judge;
}

/** Says what is wrong with an answer, or undefined; throws for what is no answer at all. */
type Judge = (answer: string) => string | undefined;

const taken = [
  ...messages.map(({ message, about, hex, frame }) => ({ about: `${message}, ${about}`, hex, value: frame })),
  ...messages.flatMap(({ message, about, frame, body }) =>
    body === undefined ? [] : [{ about: `body of ${message}, ${about}`, hex: bodyHex(frame), value: body }],
  ),
  ...values,
];

const cases: readonly Case[] = [
  ...taken.map(({ about, hex, value }) => ({
    about: `parse ${about}`,
    request: `parse ${hex}`,
    judge: isValue(value),
  })),
  ...taken.map(({ about, value }) => ({
    about: `generate ${about}`,
    request: `generate ${JSON.stringify(value)}`,
    judge: isHexOf(value),
  })),
  ...refusedValues.map(({ about, hex }) => ({ about: `refuse ${about}`, request: `parse ${hex}`, judge: isError })),
];

function isValue(value: Json): Judge {
  return (answer) =>
    isDeepStrictEqual(JSON.parse(answer), value) ? undefined : `${answer} is not ${JSON.stringify(value)}`;
}

/** MessagePack has several forms for most values; any will do. */
function isHexOf(value: Json): Judge {
  return (answer) => {
    const meaning = toNotation(decode(fromHex(answer)));
    return means(meaning, value) ? undefined : `${answer} means ${JSON.stringify(meaning)}`;
  };
}

function isError(answer: string): string | undefined {
  return answer.startsWith('error') ? undefined : `was read as ${answer}`;
}

/** Where an int64 is not asked for, one will do for an integer too. */
function means(actual: Json | undefined, wanted: Json): boolean {
  if (actual === null || typeof actual !== 'object' || isDeepStrictEqual(actual, wanted))
    return isDeepStrictEqual(actual, wanted);
  if (typeof wanted === 'number') return '$int64' in actual && Number(actual.$int64) === wanted;
  if (wanted === null || typeof wanted !== 'object' || Array.isArray(actual) !== Array.isArray(wanted)) return false;
  const items = new Map<string, Json>(Object.entries(actual));
  const wantedItems = Object.entries<Json>(wanted);
  return items.size === wantedItems.length && wantedItems.every(([key, item]) => means(items.get(key), item));
}

function wrongIn(answer: string, judge: Judge): string | undefined {
  try {
    return judge(answer);
  } catch (error) {
    return `${answer}: ${(error as Error).message}`;
  }
}

function bodyHex(frame: Json): string {
  return (frame as { body: { $bin: string } }).body.$bin;
}
