/** Artifacts with a root file system, made by us and by Mender's tool. */
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeArtifact } from '@lovely/artifact';

export const DEVICE_TYPE = 'house-gateway';

export async function ownArtifact(name: string, image: Uint8Array): Promise<Uint8Array> {
  const checksum = createHash('sha256').update(image).digest('hex');
  const pieces: Uint8Array[] = [];
  for await (const piece of writeArtifact({
    name,
    group: undefined,
    deviceTypes: [DEVICE_TYPE],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [],
    compression: 'none',
    payloads: [
      {
        type: 'rootfs-image',
        provides: { 'rootfs-image.version': name, 'rootfs-image.checksum': checksum },
        depends: {},
        clearsProvides: ['artifact_group', 'rootfs_image_checksum', 'rootfs-image.*'],
        metaData: {},
        files: [{ name: 'rootfs.ext4', size: image.length, open: () => new Blob([image]).stream() }],
      },
    ],
  }))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

/** As people make them today. */
export async function menderArtifact(folder: string, name: string, image: Uint8Array): Promise<Uint8Array> {
  const [input, output] = [join(folder, `${name}.ext4`), join(folder, `${name}.mender`)];
  try {
    await writeFile(input, image);
    await Bun.$`mender-artifact write rootfs-image -t ${DEVICE_TYPE} -n ${name} -f ${input} -o ${output}`.quiet();
    return await readFile(output);
  } finally {
    await rm(input, { force: true });
    await rm(output, { force: true });
  }
}
