/**
 * Which runs this gateway has begun: written to the disk before a run begins, so that none is carried out twice, whatever
 * is killed and whoever sends it again. A run is remembered at least until it has expired.
 */
import { readFileSync } from 'node:fs';
import { readFileIfThere, tryWriteFileAtomic } from '../atomic-file.ts';
import { COMMAND_RUNS_REMEMBERED } from '../limits.ts';

export interface RunRecord {
  readonly id: string;
  readonly expiresMs: number;
  /** The process that carries it out, and when it began by the kernel's clock: a number alone may be another's by now. */
  readonly pid?: number;
  readonly pidStart?: string;
  readonly isOver: boolean;
}

export interface RunJournal {
  find(id: string): RunRecord | undefined;
  /** Runs that were under way when the client ended. */
  unfinished(): RunRecord[];
  /** False when it can't be written down, or too many are remembered: then it must not begin. */
  begin(id: string, expiresMs: number, nowMs: number): boolean;
  /** Notes the process of a run under way. */
  note(id: string, pid: number): void;
  end(id: string): void;
}

export function fileRunJournal(path: string): RunJournal {
  return createRunJournal(parse(readFileIfThere(path)), (records) => tryWriteFileAtomic(path, JSON.stringify(records)));
}

/** For gateways without a disk. */
export function memoryRunJournal(): RunJournal {
  return createRunJournal([], () => true);
}

function createRunJournal(kept: readonly RunRecord[], save: (records: readonly RunRecord[]) => boolean): RunJournal {
  let records = new Map(kept.map((record) => [record.id, record]));

  function change(id: string, members: Partial<RunRecord>): void {
    const record = records.get(id);
    if (!record) return;
    records.set(id, { ...record, ...members });
    save([...records.values()]);
  }

  return {
    find: (id) => records.get(id),
    unfinished: () => [...records.values()].filter(({ isOver }) => !isOver),
    begin(id, expiresMs, nowMs) {
      const remembered = [...records.values()].filter((one) => !one.isOver || one.expiresMs > nowMs);
      const older = [...records.values()].filter((one) => one.isOver && one.expiresMs <= nowMs);
      if (remembered.length >= COMMAND_RUNS_REMEMBERED) return false;
      const room = COMMAND_RUNS_REMEMBERED - remembered.length - 1;
      const next = [
        ...older.slice(older.length - Math.min(room, older.length)),
        ...remembered,
        { id, expiresMs, isOver: false },
      ];
      if (!save(next)) return false;
      records = new Map(next.map((record) => [record.id, record]));
      return true;
    },
    note(id, pid) {
      const pidStart = processStart(pid);
      change(id, { pid, ...(pidStart === undefined ? {} : { pidStart }) });
    },
    end: (id) => change(id, { isOver: true }),
  };
}

/** Ends what a run of an earlier life of the client has left running, with all that it started. */
export function endLeftover({ pid, pidStart }: RunRecord): void {
  if (pid === undefined || pidStart === undefined || processStart(pid) !== pidStart) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in this moment.
  }
}

/** When the process began, in ticks since the machine did, with the machine's own start; undefined when there is none. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, spaces too.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): RunRecord[] {
  try {
    const kept = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(kept) ? kept.filter(isRecord) : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is RunRecord {
  const { id, expiresMs, isOver } = (value ?? {}) as Partial<Record<keyof RunRecord, unknown>>;
  return typeof id === 'string' && typeof expiresMs === 'number' && typeof isOver === 'boolean';
}
