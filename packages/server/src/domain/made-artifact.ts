/** What an artifact of plain files is made of: what the update modules of Mender's client expect. Pure. */
import { tarBytes, writeTar, type NewArtifact, type NewFile } from '@lovely/artifact';
import { LovelyError } from '../errors.ts';
import type { ArtifactWish } from './artifact-wish.ts';

/** An uploaded file. */
export interface MadeFile {
  readonly bytes: number;
  readonly createdAt: Date;
  /** From its beginning, each time. */
  open(): AsyncIterable<Uint8Array>;
}

/** Ids of the uploads that a wish names. */
export function uploadsOf({ content, scripts }: ArtifactWish): string[] {
  const files = 'files' in content ? content.files : 'file' in content ? [content.file] : [];
  return [...new Set([...files, ...scripts].map(({ uploadId }) => uploadId))];
}

const SCRIPT_NAME =
  /^Artifact(?:Install|Reboot|Commit|Rollback|RollbackReboot|Failure)_(?:Enter|Leave|Error)_\d\d(?:_[A-Za-z0-9._-]+)?$/;

/** What is wrong with a wish, before anything is made. Throws 'bad-input'. */
export function checkWish({ content, scripts }: ArtifactWish): void {
  for (const [index, { name }] of scripts.entries())
    if (!SCRIPT_NAME.test(name))
      throw new LovelyError('bad-input', `${name}: a state script is called like ArtifactInstall_Enter_00.`, {
        pointer: `/scripts/${index}/name`,
      });
  if (content.type === 'directory')
    for (const [index, { path }] of content.files.entries())
      if (!isInside(path))
        throw new LovelyError('bad-input', `${path}: a path within the folder is needed, as bin/run.`, {
          pointer: `/content/files/${index}/path`,
        });
  const names = namesOf(content);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new LovelyError('bad-input', `${twice} is there twice.`, { pointer: '/content/files' });
}

function namesOf(content: ArtifactWish['content']): string[] {
  if (content.type === 'directory') return content.files.map(({ path }) => path);
  if (content.type === 'single-file') return [content.file.name, 'dest_dir', 'filename', 'permissions'];
  return 'files' in content ? content.files.map(({ name }) => name) : [];
}

function isInside(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

export interface MadeParts {
  /** The uploaded files by id. */
  readonly files: ReadonlyMap<string, MadeFile>;
  /** Contents of the scripts, in the order of the wish. */
  readonly scripts: readonly Uint8Array[];
  /** SHA-256 of the image, for a rootfs-image. */
  readonly imageSha256: string | undefined;
}

export function madeArtifact(wish: ArtifactWish, { files, scripts, imageSha256 }: MadeParts): NewArtifact {
  const { name, deviceTypes, content, compression, provides, depends } = wish;
  const type = content.type === 'module' ? content.module : content.type;
  const isImage = type === 'rootfs-image';
  const usual: Record<string, string> = isImage
    ? { 'rootfs-image.version': name, ...(imageSha256 === undefined ? {} : { 'rootfs-image.checksum': imageSha256 }) }
    : { [`rootfs-image.${type}.version`]: name };
  return {
    name,
    group: undefined,
    deviceTypes,
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: wish.scripts.map((script, index) => ({ name: script.name, content: scripts[index]! })),
    compression,
    payloads: [
      {
        type,
        provides: { ...usual, ...provides },
        depends,
        clearsProvides: isImage
          ? ['artifact_group', 'rootfs_image_checksum', 'rootfs-image.*']
          : [`rootfs-image.${type}.*`, ...Object.keys(provides)],
        metaData: metaDataOf(content),
        files: filesOf(content, files),
      },
    ],
  };
}

function metaDataOf(content: ArtifactWish['content']): Readonly<Record<string, unknown>> {
  if (content.type === 'docker') return { containers: content.images };
  return content.type === 'module' ? content.metaData : {};
}

function filesOf(content: ArtifactWish['content'], files: ReadonlyMap<string, MadeFile>): NewFile[] {
  const upload = ({ uploadId, name }: { uploadId: string; name: string }): NewFile => {
    const { bytes, createdAt, open } = files.get(uploadId)!;
    return { name, size: bytes, mtime: secondsOf(createdAt), open };
  };
  switch (content.type) {
    case 'single-file':
      return [
        text('dest_dir', content.destination),
        text('filename', content.file.name),
        text('permissions', content.permissions),
        upload(content.file),
      ];
    case 'directory':
      return [text('dest_dir', content.destination), folder(content.files, files)];
    case 'rootfs-image':
      return [upload(content.file)];
    case 'docker':
      return [];
    case 'script':
    case 'deb':
    case 'rpm':
    case 'module':
      return content.files.map(upload);
  }
}

/** The folder as `update.tar`, which the directory module unpacks. */
function folder(
  members: readonly { readonly uploadId: string; readonly path: string; readonly isExecutable: boolean }[],
  files: ReadonlyMap<string, MadeFile>,
): NewFile {
  const described = members.map(({ uploadId, path, isExecutable }) => {
    const { bytes, createdAt } = files.get(uploadId)!;
    return { name: path, size: bytes, mtime: secondsOf(createdAt), mode: isExecutable ? 0o755 : 0o644, uploadId };
  });
  return {
    name: 'update.tar',
    size: tarBytes(described),
    open: () => writeTar(described.map((member) => ({ ...member, content: opened(files.get(member.uploadId)!) }))),
  };
}

async function* opened(file: MadeFile): AsyncGenerator<Uint8Array> {
  yield* file.open();
}

function text(name: string, content: string): NewFile {
  const bytes = Buffer.from(content);
  return {
    name,
    size: bytes.length,
    open: async function* () {
      yield await Promise.resolve(bytes);
    },
  };
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
