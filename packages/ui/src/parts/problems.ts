/** What is wrong with something that was typed, in words, by the path of its member. */
import type { z } from 'zod';
import { durationText } from '../format/duration.ts';
import { count } from '../format/number.ts';

export type Problems = ReadonlyMap<string, string>;

export function problemsIn(error: z.core.$ZodError): Map<string, string> {
  return new Map(error.issues.map((issue) => [issue.path.join('.'), problemText(issue)]));
}

/** What is wrong at this path or below it, for a field that shows all of a list. */
export function problemAt(problems: Problems, path: string): string | undefined {
  return problems.get(path) ?? [...problems].find(([other]) => other.startsWith(`${path}.`))?.[1];
}

function problemText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'Say something here.'
        : `At least ${figure(issue, issue.minimum)}.`;
    case 'too_big':
      if (issue.origin === 'string') return `This is too long: at most ${count(Number(issue.maximum))} characters.`;
      return issue.origin === 'array'
        ? `These are too many: at most ${count(Number(issue.maximum))}.`
        : `At most ${figure(issue, issue.maximum)}.`;
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int' ? 'A number is missing.' : 'This is missing.';
    case 'invalid_key':
      return `“${String(issue.path.at(-1))}” can’t be its name: ${issue.issues[0]?.message ?? issue.message}.`;
    default:
      return `${issue.message.slice(0, 1).toUpperCase()}${issue.message.slice(1)}.`;
  }
}

const DURATIONS = { Ms: 1, Seconds: 1000, Minutes: 60_000 } as const;

/** A limit as people read it: members are named after their unit. */
function figure({ path }: z.core.$ZodIssue, limit: number | bigint): string {
  const unit = Object.entries(DURATIONS).find(([name]) => String(path.at(-1)).endsWith(name));
  return unit ? durationText(Number(limit) * unit[1]) : count(Number(limit));
}
