/**
 * A value on the disk that survives a torn or garbled file: two files take turns, each with a checksum and a number, so that
 * the value of before is still there when the newest can't be trusted.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { isDiskError, readFileIfThere, syncFolder, writeFileAtomic } from '../atomic-file.ts';
import { dirname } from 'node:path';

/** Where a part of the update keeps what it must not forget. */
export interface Keeper<T> {
  load(): T | undefined;
  /** Durable when it returns; false when the disk refuses. */
  save(value: T): boolean;
  clear(): void;
}

export class CheckedFile<T> implements Keeper<T> {
  readonly #paths: readonly [string, string];
  #number = 0;

  constructor(path: string) {
    this.#paths = [`${path}.0`, `${path}.1`];
  }

  load(): T | undefined {
    const found = this.#paths.flatMap((path) => read(path) ?? []).sort((a, b) => b.number - a.number);
    this.#number = found[0]?.number ?? 0;
    return found[0]?.value as T | undefined;
  }

  /** Whether something is there that can't be trusted; it may have been newer than what `load` returned. */
  get isGarbled(): boolean {
    return this.#paths.some((path) => textOf(path) !== undefined && read(path) === undefined);
  }

  save(value: T): boolean {
    const number = this.#number + 1;
    const body = JSON.stringify({ number, value });
    try {
      writeFileAtomic(this.#paths[number % 2]!, `${checksum(body)}\n${body}\n`);
    } catch (error) {
      if (isDiskError(error)) return false;
      throw error;
    }
    this.#number = number;
    return true;
  }

  /** The older first: a cut in between leaves the newest. */
  clear(): void {
    const newest = this.#number % 2;
    for (const index of [1 - newest, newest]) rmSync(this.#paths[index]!, { force: true });
    if (this.#number > 0) syncFolder(dirname(this.#paths[0]));
    this.#number = 0;
  }
}

/** For gateways without a disk. */
export function memoryKeeper<T>(): Keeper<T> {
  let kept: T | undefined;
  return {
    load: () => kept,
    save(value) {
      kept = value;
      return true;
    },
    clear: () => void (kept = undefined),
  };
}

function read(path: string): { number: number; value: unknown } | undefined {
  const text = textOf(path) ?? '';
  const end = text.indexOf('\n');
  const body = text.slice(end + 1, -1);
  if (end < 0 || !text.endsWith('\n') || checksum(body) !== text.slice(0, end)) return undefined;
  return JSON.parse(body) as { number: number; value: unknown };
}

/** What can't be read is as good as garbled. */
function textOf(path: string): string | undefined {
  try {
    return readFileIfThere(path);
  } catch (error) {
    if (isDiskError(error)) return '';
    throw error;
  }
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
