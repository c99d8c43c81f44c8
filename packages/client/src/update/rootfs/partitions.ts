/** Which two partitions are the slots: as it is set here, or as Mender's own configuration has it. */
import { readFileIfThere } from '../../atomic-file.ts';
import { SlotError } from './slots.ts';

export interface PartitionSettings {
  readonly rootfsPartA: string | undefined;
  readonly rootfsPartB: string | undefined;
}

/** The first wins (COMPAT 6). */
const MENDER_FILES = ['/etc/mender/mender.conf', '/var/lib/mender/mender.conf'];

/** Throws SlotError when there are not two. */
export function findPartitions(
  { rootfsPartA, rootfsPartB }: PartitionSettings,
  files: readonly string[] = MENDER_FILES,
): readonly [string, string] {
  if (rootfsPartA !== undefined && rootfsPartB !== undefined) return [rootfsPartA, rootfsPartB];
  for (const path of files) {
    const text = readFileIfThere(path);
    if (text === undefined) continue;
    const { RootfsPartA: a, RootfsPartB: b } = readObject(path, text);
    if (typeof a === 'string' && typeof b === 'string' && a !== '' && b !== '') return [a, b];
  }
  throw new SlotError('this gateway has no two partitions for root file systems (rootfsPartA, rootfsPartB)');
}

function readObject(path: string, text: string): { readonly [name: string]: unknown } {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return { ...content };
  } catch (cause) {
    throw new SlotError(`${path} can't be read as JSON`, { cause });
  }
  throw new SlotError(`${path} holds no JSON object`);
}
