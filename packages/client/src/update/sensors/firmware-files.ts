/** The firmware of one payload, kept on the disk while sensors get it. */
import { createHash } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskError, syncFolder } from '../../atomic-file.ts';
import { FIRMWARE_FILES_MAX, FIRMWARE_SPACE_LEFT_BYTES } from '../../limits.ts';
import { UpdateError, type ModuleFile } from '../update-module.ts';
import type { FirmwareFile } from './driver.ts';

const STEP = 'Download';

/** Stores the files as they come. Throws UpdateError. */
export async function storeFirmware(folder: string, files: AsyncIterable<ModuleFile>): Promise<FirmwareFile[]> {
  const stored: FirmwareFile[] = [];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for await (const file of files) {
      if (stored.length === FIRMWARE_FILES_MAX)
        throw new UpdateError('bad-artifact', STEP, `firmware has at most ${FIRMWARE_FILES_MAX} files`);
      requireSpace(folder, file);
      stored.push(await storeOne(folder, file));
    }
    syncFolder(folder);
  } catch (cause) {
    if (isDiskError(cause)) throw diskError(cause);
    throw cause;
  }
  return stored;
}

async function storeOne(folder: string, { name, bytes, content }: ModuleFile): Promise<FirmwareFile> {
  if (!/^[A-Za-z0-9.,_-]+$/.test(name) || name === '.' || name === '..')
    throw new UpdateError('bad-artifact', STEP, `a file of firmware can't be called "${name}"`);
  const path = join(folder, name);
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o600);
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { name, path, bytes, sha256: hash.digest('hex') };
}

function requireSpace(folder: string, { name, bytes }: ModuleFile): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < bytes + FIRMWARE_SPACE_LEFT_BYTES)
    throw new UpdateError('no-space', STEP, `${name} has ${bytes} bytes, and ${free} are free in ${folder}`);
}

function diskError(cause: Error): UpdateError {
  const isFull = 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  return new UpdateError(isFull ? 'no-space' : 'disk-failed', STEP, `the firmware can't be kept: ${cause.message}`, {
    cause,
  });
}
