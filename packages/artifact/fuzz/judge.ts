/** What must hold for any bytes that are read as an artifact. */
import { createHash } from 'node:crypto';
import { ArtifactError, readArtifact, type ArtifactErrorCode, type ArtifactStart } from '../src/mod.ts';
import type { Random } from './random.ts';

/** What an artifact says and brings. */
interface Meaning {
  readonly header: string;
  readonly files: string;
}

/** By the bytes of their manifest, which is what is signed. */
export type Meanings = ReadonlyMap<string, Meaning>;

const TIME_MAX_MS = 20_000;

export async function meaningsOf(artifacts: readonly Buffer[]): Promise<Meanings> {
  const meanings = new Map<string, Meaning>();
  for (const bytes of artifacts) {
    const read = await readAll(new Blob([bytes]).stream());
    meanings.set(hex(read.start!.manifest), { header: headerOf(read.start!), files: read.files });
  }
  return meanings;
}

/**
 * Reads the bytes in pieces of any size. They are refused with an ArtifactError, whose code is returned, or read. Throws an
 * Error where it takes for ever, fails otherwise, or where a known manifest is given another header or other files:
 * whoever has no key must not get anything of theirs past the first look.
 */
export async function judge(bytes: Buffer, known: Meanings, random: Random): Promise<ArtifactErrorCode | 'taken'> {
  let isLetGo = false;
  async function* pieces() {
    try {
      for (let at = 0; at < bytes.length;) {
        const size = 1 + random.below(random.of([3, 700, 100_000]));
        yield bytes.subarray(at, at + size);
        at += size;
      }
    } finally {
      isLetGo = true;
    }
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it is read for ever')), TIME_MAX_MS);
  });
  const outcome = await Promise.race([readAll(pieces(), known), late]).finally(() => clearTimeout(timer));
  if (!isLetGo) throw new Error('where the bytes come from is not let go');
  if (outcome.refused) return outcome.refused;
  const meaning = known.get(hex(outcome.start!.manifest));
  if (meaning && meaning.files !== outcome.files) throw new Error('other files were taken for a known manifest');
  return 'taken';
}

async function readAll(bytes: AsyncIterable<Uint8Array>, known: Meanings = new Map()) {
  let start: ArtifactStart | undefined;
  const contents: [payload: number, name: string, checksum: string][] = [];
  try {
    const { files } = await readArtifact(bytes, {
      onStart(found) {
        start = found;
        const meaning = known.get(hex(found.manifest));
        if (meaning && meaning.header !== headerOf(found)) throw new Error('another header for a known manifest');
      },
      async onFile({ payload, name }, content) {
        const hash = createHash('sha256');
        for await (const chunk of content) hash.update(chunk);
        contents.push([payload, name, hash.digest('hex')]);
      },
      payloadBytesMax: 1 << 24,
    });
    const told = files.map(({ payload, name, checksum }) => [payload, name, checksum]);
    if (JSON.stringify(told) !== JSON.stringify(contents)) throw new Error('other files were handed over than told');
    return { start, files: JSON.stringify(told), refused: undefined };
  } catch (error) {
    if (error instanceof ArtifactError) return { start, files: '', refused: error.code };
    throw error;
  }
}

function headerOf({ header }: ArtifactStart): string {
  return JSON.stringify({ ...header, scripts: header.scripts.map(({ name, content }) => [name, hex(content)]) });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
