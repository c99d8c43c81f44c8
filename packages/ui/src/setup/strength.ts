/** How hard a password is to guess, roughly: enough to warn, not a proof. */
import { PASSWORD_LENGTH_MIN } from '@lovely/api';

export interface Strength {
  /** 0 to 4; below 2 is too weak to take. */
  readonly level: 0 | 1 | 2 | 3 | 4;
  readonly advice: string;
}

const ALPHABETS: readonly [RegExp, number][] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[ -/:-@[-`{-~]/, 33],
  [/[^ -~]/, 100],
];

export function passwordStrength(password: string, knownWords: readonly string[] = []): Strength {
  const { length } = password;
  if (length === 0) return { level: 0, advice: `At least ${PASSWORD_LENGTH_MIN} characters; a few words are good.` };
  if (length < PASSWORD_LENGTH_MIN) {
    const missing = PASSWORD_LENGTH_MIN - length;
    return { level: 0, advice: `${missing} more ${missing === 1 ? 'character' : 'characters'}.` };
  }
  const effective = withoutKnown(withoutRuns(password.toLowerCase()), knownWords).length;
  const alphabet = ALPHABETS.reduce((sum, [has, size]) => (has.test(password) ? sum + size : sum), 0);
  const bits = effective * Math.log2(alphabet);
  if (bits < 45) return { level: 1, advice: 'Too easy to guess: avoid repeats, rows of keys and your own name.' };
  if (bits < 65) return { level: 2, advice: 'Acceptable.' };
  if (bits < 90) return { level: 3, advice: 'Strong.' };
  return { level: 4, advice: 'Very strong.' };
}

/** Whether a password may be sent at all; the server refuses well-known ones, too. */
export function isStrongEnough(password: string, knownWords: readonly string[] = []): boolean {
  return passwordStrength(password, knownWords).level >= 2;
}

/** Drops characters that only repeat or continue the one before, as in "aaaa" and "12345". */
function withoutRuns(password: string): string {
  const codes = Array.from(password, (character) => character.codePointAt(0)!);
  return String.fromCodePoint(...codes.filter((code, index) => Math.abs(code - (codes[index - 1] ?? -99)) > 1));
}

function withoutKnown(password: string, words: readonly string[]): string {
  return words
    .flatMap((word) => word.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length >= 3)
    .reduce((rest, word) => rest.replaceAll(word, ''), password);
}
