/** What a program of an update printed last, for whoever wants to know why it failed: an exit status says nothing. */
import type { UpdateCause } from '@lovely/protocol';
import { LAST_WORDS_LINES } from '../limits.ts';
import type { Stream } from '../command/run-output.ts';
import { shortened } from './shortened.ts';
import { UpdateError } from './update-module.ts';

/** How a program ended. */
export interface ProgramEnd {
  readonly status: number;
  readonly lastWords: LastWords;
}

/** In the words of the C library; programs of updates run with a locale that has them in English. */
const REFUSALS: readonly (readonly [RegExp, UpdateCause])[] = [
  [/no space left on device|disk quota exceeded/i, 'no-space'],
  [/read-only file system|input\/output error/i, 'disk-failed'],
];

export class LastWords {
  #lines: { readonly stream: Stream; readonly line: string }[] = [];

  add(stream: Stream, line: string): void {
    if (line.trim() !== '') this.#lines = [...this.#lines, { stream, line }].slice(-LAST_WORDS_LINES);
  }

  /** The failure of `who`, who ended with `status`; `otherwise` is its code unless the kernel had refused something. */
  failure(who: string, step: string, status: number, otherwise: UpdateCause): UpdateError {
    const refusal = this.#lines.findLast(({ line }) => refusedFor(line) !== undefined);
    const told = refusal ?? this.#lines.findLast(({ stream }) => stream === 'err') ?? this.#lines.at(-1);
    const code = (refusal && refusedFor(refusal.line)) ?? otherwise;
    const words = told === undefined ? '' : `: ${shortened(told.line)}`;
    return new UpdateError(code, step, `${who} ended with ${status}${words}`);
  }
}

function refusedFor(line: string): UpdateCause | undefined {
  return REFUSALS.find(([sign]) => sign.test(line))?.[1];
}
