/** The manifest: the SHA-256 of every member, by name (COMPAT section 4). */
import { createHash } from 'node:crypto';
import type { Bytes } from './bytes.ts';
import { ArtifactError } from './error.ts';

/** Lower-case hex by name. */
export type Manifest = ReadonlyMap<string, string>;

const LINE = /^([0-9a-f]{64}) {2}(\S+)$/;

/** Throws 'bad-manifest'. */
export function readManifest(bytes: Uint8Array): Manifest {
  const manifest = new Map<string, string>();
  const lines = textOf(bytes).split('\n');
  if (lines.pop() !== '') throw new ArtifactError('bad-manifest', 'the last line of the manifest has no end');
  for (const line of lines) {
    if (line === '') continue;
    const [, checksum, name] = LINE.exec(line) ?? [];
    if (checksum === undefined || name === undefined)
      throw new ArtifactError('bad-manifest', `"${line.slice(0, 100)}" is no line of a manifest`);
    if (manifest.has(name)) throw new ArtifactError('bad-manifest', `the manifest names ${name} twice`);
    manifest.set(name, checksum);
  }
  return manifest;
}

export function writeManifest(manifest: Manifest): Uint8Array {
  const lines = [...manifest]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, checksum]) => `${checksum}  ${name}\n`);
  return Buffer.from(lines.join(''));
}

export function checksumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Hands bytes on and calls `done` with their checksum and length once all have gone by. */
export async function* hashing(
  bytes: Bytes,
  done: (checksum: string, size: number) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  done(hash.digest('hex'), size);
}

/** Throws 'bad-checksum', or 'bad-manifest' for a member that the manifest doesn't name. */
export function requireChecksum(manifest: Manifest, name: string, checksum: string): void {
  const expected = manifest.get(name);
  if (expected === undefined) throw new ArtifactError('bad-manifest', `the manifest does not name ${name}`);
  if (expected !== checksum)
    throw new ArtifactError(
      'bad-checksum',
      `${name} is not what the manifest says: its checksum is ${checksum}, not ${expected}`,
    );
}

/** UTF-8 text. Throws 'bad-header'. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ArtifactError('bad-header', 'a text is not UTF-8', { cause });
  }
}
