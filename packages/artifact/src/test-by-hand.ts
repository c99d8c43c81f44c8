/** Artifacts made by hand for tests, as no tool would make them. */
import { createHash } from 'node:crypto';
import { collect } from './bytes.ts';
import { ArtifactError, readArtifact, type ArtifactErrorCode } from './mod.ts';
import { writeTar, type NewMember } from './tar/write.ts';

export async function codeOf(bytes: Uint8Array, payloadBytesMax?: number): Promise<ArtifactErrorCode | 'taken'> {
  try {
    await readArtifact(new Blob([bytes]).stream(), payloadBytesMax === undefined ? {} : { payloadBytesMax });
    return 'taken';
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    return error.code;
  }
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
export const member = (name: string, content: Uint8Array | string): NewMember => ({
  name,
  size: Buffer.byteLength(content),
  content: Buffer.from(content),
});
export const tar = (...members: NewMember[]) => collect(writeTar(members), 1e8, 'tar');

export const VERSION = '{"format":"mender","version":3}';
export const INFO = JSON.stringify({
  payloads: [{ type: 't' }],
  artifact_provides: { artifact_name: 'n' },
  artifact_depends: { device_type: ['d'] },
});

/** An uncompressed artifact by hand, each part of which may be another. */
export async function byHand(parts: {
  version?: string;
  info?: string;
  header?: NewMember[];
  data?: NewMember[];
  dataName?: string;
  packed?: Uint8Array;
  manifest?: (lines: string[]) => string[];
  members?: (members: NewMember[]) => NewMember[];
}): Promise<Uint8Array> {
  const version = parts.version ?? VERSION;
  const header = await tar(
    ...(parts.header ?? [member('header-info', parts.info ?? INFO), member('headers/0000/type-info', '{"type":"t"}')]),
  );
  const data = parts.data ?? [member('file', 'content')];
  const lines = [
    `${sha256(header)}  header.tar`,
    `${sha256(version)}  version`,
    ...data.map(({ name, content }) => `${sha256(content as Uint8Array)}  data/0000/${name}`),
  ];
  const members = [
    member('version', version),
    member('manifest', (parts.manifest?.(lines) ?? lines).map((line) => `${line}\n`).join('')),
    member('header.tar', header),
    member(parts.dataName ?? 'data/0000.tar', parts.packed ?? (await tar(...data))),
  ];
  return await tar(...(parts.members?.(members) ?? members));
}

/** With a checksum that fits what was changed in the first header of a tar. */
export function withChecksum(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
