/** Makes artifacts of uploaded files. */
import { createHash } from 'node:crypto';
import { ArtifactError, writeArtifact } from '@lovely/artifact';
import { refuse } from './artifact-check.ts';
import type { ArtifactParts } from './artifacts.ts';
import type { ArtifactWish } from '../domain/artifact-wish.ts';
import { madeArtifact, uploadsOf, type MadeFile } from '../domain/made-artifact.ts';
import { STATE_SCRIPT_BYTES_MAX } from '../software-limits.ts';
import { getFiles } from '../store/uploads.ts';
import { storedPieces } from './uploads.ts';

/**
 * The bytes of the artifact. Throws LovelyError 'bad-input' for files that are gone, and 'bad-artifact' for what none may have.
 * @param place the folder in which compressed payloads wait
 */
export async function* makeArtifact(
  parts: ArtifactParts,
  tenantId: string,
  wish: ArtifactWish,
  place: string,
): AsyncGenerator<Uint8Array> {
  const found = await getFiles(parts.database, tenantId, uploadsOf(wish));
  const files = new Map<string, MadeFile>(
    [...found].map(([id, file]) => [id, { ...file, open: () => storedPieces(parts, id) }]),
  );
  try {
    const scripts: Uint8Array[] = [];
    for (const { uploadId, name } of wish.scripts) scripts.push(await readScript(files.get(uploadId)!, name));
    const imageSha256 =
      wish.content.type === 'rootfs-image' ? await sha256Of(files.get(wish.content.file.uploadId)!) : undefined;
    yield* writeArtifact(madeArtifact(wish, { files, scripts, imageSha256 }), place);
  } catch (error) {
    refuse(error);
  }
}

async function readScript({ bytes, open }: MadeFile, name: string): Promise<Uint8Array> {
  if (bytes > STATE_SCRIPT_BYTES_MAX)
    throw new ArtifactError('too-large', `the script ${name} is larger than ${STATE_SCRIPT_BYTES_MAX} bytes`);
  return Buffer.concat(await Array.fromAsync(open()));
}

async function sha256Of({ open }: MadeFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of open()) hash.update(piece);
  return hash.digest('hex');
}
