/** What is remembered of an update of sensors: on the disk before anything is done that it tells of. */
import type { SensorDescription } from '@lovely/protocol';
import { readFileIfThere, writeFileAtomic } from '../../atomic-file.ts';
import type { FirmwareFile } from './driver.ts';
import { STAGES, type SensorRecord } from './plan.ts';

export interface Journal {
  readonly sensors: readonly SensorRecord[];
  /** What they are, as it was known at the beginning. */
  readonly described: readonly SensorDescription[];
  readonly files: readonly FirmwareFile[];
}

export function writeJournal(path: string, journal: Journal): void {
  writeFileAtomic(path, JSON.stringify(journal));
}

/** Undefined when there is none, or none that can be read. */
export function readJournal(path: string): Journal | undefined {
  const text = readFileIfThere(path);
  if (text === undefined) return undefined;
  try {
    const { sensors, described, files } = JSON.parse(text) as Partial<Journal>;
    const isWhole = isListOf(sensors, isRecord) && isListOf(described, isDescription) && isListOf(files, isFile);
    return isWhole ? { sensors: sensors!, described: described!, files: files! } : undefined;
  } catch {
    return undefined;
  }
}

function isListOf(value: unknown, isOne: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isDescription(value: unknown): boolean {
  const { id, kind, name, model, serial, firmware, place } = (value ?? {}) as Partial<SensorDescription>;
  return [id, kind, name, model, serial, firmware, place].every((text) => typeof text === 'string');
}

function isRecord(value: unknown): boolean {
  const record = (value ?? {}) as { readonly [K in keyof SensorRecord]?: unknown };
  const texts = [record.id, record.before, record.message];
  const numbers = [record.failures, record.waitedMs];
  return (
    texts.every((text) => typeof text === 'string') &&
    numbers.every((number) => typeof number === 'number') &&
    typeof record.isSwitched === 'boolean' &&
    STAGES.some((stage) => stage === record.stage)
  );
}

function isFile(value: unknown): boolean {
  const { name, path, bytes, sha256 } = (value ?? {}) as { readonly [K in keyof FirmwareFile]?: unknown };
  return [name, path, sha256].every((text) => typeof text === 'string') && typeof bytes === 'number';
}
