/** The log of the update under way: on the disk, so that it survives what the update does, and never larger than it may be. */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateLogLine } from '@lovely/protocol';
import { isDiskError, readFileIfThere } from '../atomic-file.ts';
import { UPDATE_LOG_BYTES_MAX, UPDATE_LOG_LINE_LENGTH_MAX } from '../limits.ts';

export interface UpdateLog {
  add(level: UpdateLogLine['level'], message: string): void;
  lines(): UpdateLogLine[];
  clear(): void;
}

/**
 * The first lines stay in `first`; later ones go to `last`, which becomes `before` when it is full: what is lost lies in the
 * middle. A disk that refuses costs lines, never the update.
 */
export function fileUpdateLog(folder: string, nowMs: () => number): UpdateLog {
  const path = (name: (typeof FILES)[number]): string => join(folder, name);
  const quietly = (task: () => void): void => {
    try {
      task();
    } catch (error) {
      if (!isDiskError(error)) throw error;
    }
  };
  return {
    add: (level, message) =>
      quietly(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const isFirstFull = sizeOf(path('first')) >= UPDATE_LOG_BYTES_MAX;
        if (isFirstFull && sizeOf(path('last')) >= UPDATE_LOG_BYTES_MAX) renameSync(path('last'), path('before'));
        const line: UpdateLogLine = {
          atMs: wholeMs(nowMs()),
          level,
          message: message.slice(0, UPDATE_LOG_LINE_LENGTH_MAX),
        };
        appendFileSync(path(isFirstFull ? 'last' : 'first'), `${JSON.stringify(line)}\n`, { mode: 0o600 });
      }),
    lines: () => FILES.flatMap((name) => linesIn(path(name))),
    clear: () => quietly(() => rmSync(folder, { recursive: true, force: true })),
  };
}

/** Clocks tell parts of milliseconds; messages don't. */
function wholeMs(ms: number): number {
  return Math.max(0, Math.round(ms));
}

const FILES = ['first', 'before', 'last'] as const;

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function linesIn(path: string): UpdateLogLine[] {
  return (readFileIfThere(path) ?? '').split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as UpdateLogLine];
    } catch {
      // A power loss cut it off.
      return [];
    }
  });
}

/** For gateways without a disk. */
export function memoryUpdateLog(nowMs: () => number): UpdateLog {
  let lines: UpdateLogLine[] = [];
  return {
    add: (level, message) => void lines.push({ atMs: wholeMs(nowMs()), level, message }),
    lines: () => lines,
    clear: () => void (lines = []),
  };
}
