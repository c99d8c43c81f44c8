/** One PEM file with a certificate and its key: a pair in one file can't come apart, whatever interrupts the writing. */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyPair } from './certificate.ts';

const PRIVATE = 0o600;

/** Undefined where there is no file or it holds something else. */
export async function readKeyPair(path: string): Promise<KeyPair | undefined> {
  const content = await readIfThere(path);
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(content ?? '')?.[0];
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(content ?? '')?.[0];
  return cert && key ? { cert, key } : undefined;
}

/** Writes the pair if there is no such file, else leaves the file: of processes that start at once, the first one wins. */
export async function createKeyPair(path: string, pair: KeyPair): Promise<void> {
  const temporary = await writeTemporary(path, textOf(pair), PRIVATE);
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary);
  }
  await syncFolder(path);
}

export async function replaceKeyPair(path: string, pair: KeyPair): Promise<void> {
  await replaceFile(path, textOf(pair), PRIVATE);
}

/** Writes a file that is the old or the new one at any moment, also after a power cut. */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  await rename(await writeTemporary(path, content, mode), path);
  await syncFolder(path);
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function textOf({ cert, key }: KeyPair): string {
  return cert + key;
}

async function writeTemporary(path: string, content: string, mode: number): Promise<string> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
