/** What is wrong with something that was typed, in words, by the path of its member. */
import type { z } from 'zod';

export function problemsIn(error: z.core.$ZodError): Map<string, string> {
  return new Map(error.issues.map((issue) => [issue.path.join('.'), problemText(issue)]));
}

function problemText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'Say something here.'
        : `At least ${issue.minimum}.`;
    case 'too_big':
      return issue.origin === 'number' ? `At most ${issue.maximum}.` : 'This is too long.';
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int' ? 'A number is missing.' : 'This is missing.';
    default:
      return `${issue.message.slice(0, 1).toUpperCase()}${issue.message.slice(1)}.`;
  }
}
