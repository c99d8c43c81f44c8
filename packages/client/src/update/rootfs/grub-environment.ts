/**
 * GRUB's own environment block, a file of fixed size. grub-editenv empties the file before it writes it, so a power cut could
 * leave nothing: here it edits a copy, and the copy's bytes then go over the file in place, as GRUB itself does it. So they
 * are where GRUB looks for them at once, without a journal that it could not read. What changes must lie in one sector,
 * which a disk writes whole or not at all.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '../../error.ts';
import { BootEnvironmentError, readVariables, requireWritten, type BootEnvironment } from './boot-environment.ts';
import { runTool, type Tool } from './run-tool.ts';

export function grubEnvironment(path: string, editor: Tool = ['grub-editenv']): BootEnvironment {
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    // It would make one, also to read it.
    if (!existsSync(path)) throw new BootEnvironmentError(`there is no ${path}`);
    return readVariables(await runTool(editor, [path, 'list']));
  };
  return {
    name: 'GRUB',
    read,
    async write(values) {
      const assignments = Object.entries(values).map(([variable, value]) => `${variable}=${value}`);
      const folder = mkdtempSync(join(tmpdir(), 'nice-grubenv-'));
      try {
        const copy = join(folder, 'grubenv');
        copyFileSync(path, copy);
        await runTool(editor, [copy, 'set', ...assignments]);
        overwrite(path, readFileSync(copy));
      } catch (cause) {
        if (cause instanceof BootEnvironmentError) throw cause;
        throw new BootEnvironmentError(`${path} can't be written: ${describeError(cause)}`, { cause });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      requireWritten('GRUB', await read(), values);
    },
  };
}

function overwrite(path: string, bytes: Uint8Array): void {
  const before = readFileSync(path);
  if (bytes.length !== before.length)
    throw new BootEnvironmentError(`${path} has ${before.length} bytes and would have ${bytes.length}`);
  const changed = [...bytes.keys()].filter((index) => bytes[index] !== before[index]);
  const sectors = new Set(changed.map((index) => Math.floor(index / SECTOR_BYTES)));
  if (sectors.size > 1)
    throw new BootEnvironmentError(
      `${path} can't be changed safely: Mender's variables lie in more than one sector; they must be the first in it`,
    );
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const SECTOR_BYTES = 512;
