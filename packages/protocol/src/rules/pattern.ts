/**
 * Patterns for lines of a log: regular expressions that can't be made to run for long. They are matched by following all
 * ways at once, one step a character, so that the time is at most the length of the line times that of the pattern
 * (Thompson's construction: https://swtch.com/~rsc/regexp/regexp1.html). There is what that way can do: characters, `.`,
 * classes `[a-z]` `\d` `\w` `\s`, `^` and `$`, groups, `|`, `*`, `+`, `?`, `{2,5}`, and `(?i)` at the beginning; no
 * back-references and no look-around.
 */

export interface Pattern {
  /** Whether any part of the line fits. */
  test(line: string): boolean;
}

/** Steps of a compiled pattern, and characters of a line that are looked at. */
const STEPS_MAX = 512;
const LINE_LENGTH_MAX = 1024;
const REPEATS_MAX = 100;
const DEPTH_MAX = 20;

/** The pattern ready to match, or what is wrong with it, in words. */
export function compilePattern(source: string): Pattern | { readonly wrong: string } {
  try {
    const isAnyCase = source.startsWith('(?i)');
    const body = isAnyCase ? source.slice(4) : source;
    const steps: Step[] = [];
    write(parse(body), steps);
    steps.push({ kind: 'end' });
    return { test: (line) => run(steps, isAnyCase, line.slice(0, LINE_LENGTH_MAX)) };
  } catch (error) {
    if (error instanceof PatternError) return { wrong: error.message };
    throw error;
  }
}

class PatternError extends Error {}

type Fits = (character: string) => boolean;

type Node =
  | { readonly kind: 'one'; readonly fits: Fits }
  | { readonly kind: 'start' | 'finish' }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'either'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number };

function parse(source: string): Node {
  let at = 0;
  let depth = 0;
  const fail = (message: string): never => {
    throw new PatternError(message);
  };

  function either(): Node {
    if (++depth > DEPTH_MAX) fail('too many groups in groups');
    const nodes = [sequence()];
    while (source[at] === '|') {
      at++;
      nodes.push(sequence());
    }
    depth--;
    return nodes.length === 1 ? nodes[0]! : { kind: 'either', nodes };
  }

  function sequence(): Node {
    const nodes: Node[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') nodes.push(repeated(atom()));
    return { kind: 'sequence', nodes };
  }

  function repeated(node: Node): Node {
    const sign = source[at];
    if (sign !== '*' && sign !== '+' && sign !== '?' && sign !== '{') return node;
    const [min, max] = sign === '{' ? counts() : sign === '?' ? [0, 1] : [sign === '+' ? 1 : 0, Infinity];
    if (sign !== '{') at++;
    if (node.kind === 'start' || node.kind === 'finish') fail(`nothing to repeat before ${sign}`);
    // Whether it takes as much or as little as it can is the same for a match.
    if (source[at] === '?') at++;
    if (source[at] !== undefined && '*+?{'.includes(source[at]!)) fail('a repeat of a repeat');
    return { kind: 'repeat', node, min, max };
  }

  function counts(): [number, number] {
    const [whole, from, comma, to] =
      /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(source.slice(at)) ?? fail('{ without a count; write \\{ for the character');
    at += whole.length;
    const min = Number(from);
    const max = comma === '' ? min : to === '' ? Infinity : Number(to);
    if (min > REPEATS_MAX || (max !== Infinity && (max > REPEATS_MAX || max < min)) || (comma === '' && to !== ''))
      fail(`a count from 0 to ${REPEATS_MAX}`);
    return [min, max];
  }

  function atom(): Node {
    const character = source[at++]!;
    switch (character) {
      case '(': {
        if (source.startsWith('?:', at)) at += 2;
        else if (source[at] === '?') fail('a group that begins with ? is not known');
        const inner = either();
        if (source[at++] !== ')') fail('a ( without its )');
        return inner;
      }
      case '[':
        return { kind: 'one', fits: characterClass() };
      case '.':
        return { kind: 'one', fits: () => true };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'finish' };
      case '\\':
        return { kind: 'one', fits: escaped() };
      case '*':
      case '+':
      case '?':
        return fail(`nothing to repeat before ${character}`);
      default:
        return { kind: 'one', fits: (other) => other === character };
    }
  }

  function escaped(): Fits {
    const character = source[at++];
    if (character === undefined) return fail('a \\ at the end');
    const known = CLASSES[character];
    if (known) return known;
    const control = CONTROLS[character];
    if (control !== undefined) return (other) => other === control;
    if (/[A-Za-z0-9]/.test(character)) fail(`\\${character} is not known`);
    return (other) => other === character;
  }

  function characterClass(): Fits {
    const isNot = source[at] === '^';
    if (isNot) at++;
    const parts: Fits[] = [];
    for (let isFirst = true; isFirst || source[at] !== ']'; isFirst = false) {
      const first = source[at++] ?? fail('a [ without its ]');
      if (first === '\\') {
        parts.push(escaped());
        continue;
      }
      const last = source[at + 1];
      if (source[at] === '-' && last !== ']' && last !== '\\' && last !== undefined) {
        at += 2;
        if (last < first) fail(`${first}-${last} is the wrong way round`);
        parts.push((other) => other >= first && other <= last);
      } else parts.push((other) => other === first);
    }
    at++;
    return (other) => parts.some((fits) => fits(other)) !== isNot;
  }

  const whole = either();
  if (at < source.length) fail('a ) without its (');
  return whole;
}

const isDigit: Fits = (character) => character >= '0' && character <= '9';
const isWord: Fits = (character) => /^\w$/.test(character);
const isSpace: Fits = (character) => /^\s$/.test(character);

const CLASSES: { readonly [letter: string]: Fits } = {
  d: isDigit,
  D: (character) => !isDigit(character),
  w: isWord,
  W: (character) => !isWord(character),
  s: isSpace,
  S: (character) => !isSpace(character),
};
const CONTROLS: { readonly [letter: string]: string } = { t: '\t', n: '\n', r: '\r' };

type Step =
  | { readonly kind: 'one'; readonly fits: Fits }
  | { readonly kind: 'start' | 'finish' | 'end' }
  /** Goes on at both. */
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'jump'; to: number };

function write(node: Node, steps: Step[]): void {
  if (steps.length > STEPS_MAX) throw new PatternError('too long when its repeats are written out');
  switch (node.kind) {
    case 'sequence':
      for (const each of node.nodes) write(each, steps);
      return;
    case 'either': {
      const jumps: Extract<Step, { kind: 'jump' }>[] = [];
      for (const [index, each] of node.nodes.entries()) {
        const isLast = index === node.nodes.length - 1;
        const fork = { kind: 'fork' as const, first: steps.length + 1, second: 0 };
        if (!isLast) steps.push(fork);
        write(each, steps);
        if (isLast) break;
        const jump = { kind: 'jump' as const, to: 0 };
        jumps.push(jump);
        steps.push(jump);
        fork.second = steps.length;
      }
      for (const jump of jumps) jump.to = steps.length;
      return;
    }
    case 'repeat': {
      for (let count = 0; count < node.min; count++) {
        const before = steps.length;
        write(node.node, steps);
        // Nothing a hundred times is nothing; nested, it would take for ever to find that out.
        if (steps.length === before) break;
      }
      const forks: Extract<Step, { kind: 'fork' }>[] = [];
      const optional = node.max === Infinity ? 1 : node.max - node.min;
      for (let count = 0; count < optional; count++) {
        const fork = { kind: 'fork' as const, first: steps.length + 1, second: 0 };
        forks.push(fork);
        steps.push(fork);
        write(node.node, steps);
        if (node.max === Infinity) steps.push({ kind: 'jump', to: steps.indexOf(fork) });
      }
      for (const fork of forks) fork.second = steps.length;
      return;
    }
    default:
      steps.push(node);
  }
}

/** Follows all ways through the steps at once; a new one begins at every character. */
function run(steps: readonly Step[], isAnyCase: boolean, line: string): boolean {
  let now = new Set<number>();
  for (let at = 0; at <= line.length; at++) {
    if (follow(steps, now, 0, at, line.length)) return true;
    const character = line[at];
    if (character === undefined) return false;
    const next = new Set<number>();
    for (const index of now) {
      const step = steps[index]!;
      if (step.kind !== 'one' || !fitsCase(step.fits, character, isAnyCase)) continue;
      if (follow(steps, next, index + 1, at + 1, line.length)) return true;
    }
    now = next;
  }
  return false;
}

function fitsCase(fits: Fits, character: string, isAnyCase: boolean): boolean {
  return fits(character) || (isAnyCase && (fits(character.toLowerCase()) || fits(character.toUpperCase())));
}

/** Adds the steps that are reached from `first` without a character; true when the end is one of them. */
function follow(steps: readonly Step[], into: Set<number>, first: number, at: number, length: number): boolean {
  const waiting = [first];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (into.has(index)) continue;
    into.add(index);
    const step = steps[index]!;
    if (step.kind === 'end') return true;
    if (step.kind === 'fork') waiting.push(step.second, step.first);
    else if (step.kind === 'jump') waiting.push(step.to);
    else if ((step.kind === 'start' && at === 0) || (step.kind === 'finish' && at === length)) waiting.push(index + 1);
  }
  return false;
}
