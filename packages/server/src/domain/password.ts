/**
 * What makes a password too easy to guess: NIST SP 800-63B section 3.1.1.2 asks for length and a list of common ones, and
 * for no rules about kinds of characters. Length is the contract's matter (PASSWORD_LENGTH_MIN).
 */
import commonPasswords from './common-passwords.txt' with { type: 'text' };

/** Characters at both ends that don't count: `Summer2026!!` is `summer`. */
const AFFIX_LENGTH_MAX = 8;
const DISTINCT_MIN = 5;
/** A password is more than a few characters around a name. */
const OWN_LENGTH_MIN = 6;
const TERM_LENGTH_MIN = 3;
const REPEATED_LENGTH_MAX = 5;
const OUR_NAMES = ['lovely', 'smart', 'system'];
/** Letters that people write as something else; `1` stands for two of them. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'g',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '+': 't',
  '|': 'l',
};

/** Why somebody else would guess it, as a sentence; undefined for a good one. */
export function weaknessOf(password: string, owner: { email: string; name: string }): string | undefined {
  const text = password.normalize('NFKC').toLowerCase();
  if (new Set(text).size < DISTINCT_MIN) return `It has fewer than ${DISTINCT_MIN} different characters.`;
  if (isSequence(text)) return 'It is a plain sequence of characters.';
  if (isAboutOwner(text, owner)) return 'It is made of your name, your e-mail address or the name of this system.';
  const unit = repeatedUnit(text);
  if (unit !== undefined && (unit.length <= REPEATED_LENGTH_MAX || isCommon(unit)))
    return 'It repeats the same few characters.';
  if (isCommon(text)) return 'It is one of the passwords that many people use, or such a one with little added.';
  return undefined;
}

/** Each character the next or the one before of the alphabet or the digits. */
function isSequence(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  const steps = codes.slice(1).map((code, index) => code - codes[index]!);
  return [1, -1].some((step) => steps.every((one) => one === step || one === -9 * step));
}

function isAboutOwner(text: string, { email, name }: { email: string; name: string }): boolean {
  const [local = '', host = ''] = email.toLowerCase().split('@');
  const terms = [
    email.toLowerCase(),
    local,
    ...local.split(/[^\p{L}]+/u),
    ...host.split('.'),
    ...wordsOf(name),
    ...OUR_NAMES,
  ]
    .filter((term) => term.length >= TERM_LENGTH_MIN)
    .sort((a, b) => b.length - a.length);
  return [text, ...withoutLookalikes(text)].some((form) => {
    const rest = terms.reduce((left, term) => left.replaceAll(term, ''), form);
    return rest.length < form.length && rest.replaceAll(/[^\p{L}\p{N}]/gu, '').length < OWN_LENGTH_MIN;
  });
}

function wordsOf(name: string): string[] {
  const words = name
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return [words.join(''), ...words];
}

/** The text that this one is repetitions of, the last one maybe cut short. */
function repeatedUnit(text: string): string | undefined {
  for (let length = 1; length <= text.length / 2; length++) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).startsWith(text)) return unit;
  }
  return undefined;
}

/** Whether it is on the list, also with a few digits and signs around it, between its words, or instead of letters. */
function isCommon(text: string): boolean {
  const common = (list ??= readList(commonPasswords));
  const joined = text.replaceAll(/[\s._-]+/g, '');
  return [text, joined].some((form) =>
    cores(form).some((core) => [core, ...withoutLookalikes(core)].some((word) => common.has(word))),
  );
}

/** The text without any number of the non-letters at its ends, as long as these are few. */
function cores(text: string): string[] {
  const before = /^[^\p{L}]*/u.exec(text)![0].length;
  const after = before === text.length ? 0 : /[^\p{L}]*$/u.exec(text)![0].length;
  const all: string[] = [];
  for (let start = 0; start <= Math.min(before, AFFIX_LENGTH_MAX); start++)
    for (let end = 0; end <= Math.min(after, AFFIX_LENGTH_MAX - start); end++)
      all.push(text.slice(start, text.length - end));
  return all;
}

function withoutLookalikes(text: string): string[] {
  const plain = text.replaceAll(/[^a-z]/g, (sign) => LOOKALIKES[sign] ?? sign);
  const withL = text.replaceAll(/[^a-z]/g, (sign) => (sign === '1' || sign === '!' ? 'l' : (LOOKALIKES[sign] ?? sign)));
  return [plain, withL];
}

let list: ReadonlySet<string> | undefined;

/** Undoes the front coding that the file explains. */
function readList(file: string): ReadonlySet<string> {
  const words = new Set<string>();
  let last = '';
  for (const line of file.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    last = last.slice(0, parseInt(line[0]!, 36)) + line.slice(1);
    words.add(last);
  }
  return words;
}
