/** What is typed to have an artifact made, and the wish that it comes to. */
import { NAME_LENGTH_MAX, type Body, type makeArtifact } from '@lovely/api';
import { tagList } from '../parts/tag-list.ts';

export const MADE_KINDS = [
  { value: 'single-file', label: 'One file', detail: 'Put into a folder of the gateway.' },
  { value: 'directory', label: 'A folder', detail: 'Replaces a folder of the gateway with these files.' },
  { value: 'script', label: 'Scripts', detail: 'Run on the gateway, one after the other.' },
  { value: 'deb', label: 'Debian packages', detail: 'Installed with dpkg.' },
  { value: 'rootfs-image', label: 'Root file system', detail: 'An image for the other of two partitions.' },
  { value: 'docker', label: 'Containers', detail: 'Pulled and started with Docker.' },
] as const;
export type MadeKind = (typeof MADE_KINDS)[number]['value'];

export interface MakeDraft {
  readonly kind: MadeKind;
  readonly name: string;
  readonly deviceTypes: string;
  readonly files: readonly File[];
  readonly destination: string;
  readonly permissions: string;
  readonly images: string;
}

export const EMPTY_DRAFT: MakeDraft = {
  kind: 'single-file',
  name: '',
  deviceTypes: '',
  files: [],
  destination: '',
  permissions: '644',
  images: '',
};

export const takesFiles = (kind: MadeKind): boolean => kind !== 'docker';
export const takesOne = (kind: MadeKind): boolean => kind === 'single-file' || kind === 'rootfs-image';
export const takesDestination = (kind: MadeKind): boolean => kind === 'single-file' || kind === 'directory';

/** Whether nothing is missing or wrong. */
export function isComplete(draft: MakeDraft): boolean {
  const { kind, name, deviceTypes, files, destination, images } = draft;
  return (
    name.trim() !== '' &&
    tagList(deviceTypes).length > 0 &&
    (takesFiles(kind) ? files.length > 0 : tagList(images).length > 0) &&
    (!takesDestination(kind) || destination !== '') &&
    Object.values(problemsOf(draft)).every((problem) => problem === undefined)
  );
}

/** What is wrong with what is there already, at its field. */
export function problemsOf({
  kind,
  name,
  destination,
  permissions,
}: Pick<MakeDraft, 'kind' | 'name' | 'destination' | 'permissions'>): {
  readonly [field in 'name' | 'destination' | 'permissions']: string | undefined;
} {
  const isPath = destination === '' || /^\/(?:[^/]+\/?)*$/.test(destination);
  return {
    name: name.trim().length > NAME_LENGTH_MAX ? `This is too long: at most ${NAME_LENGTH_MAX} characters.` : undefined,
    destination: takesDestination(kind) && !isPath ? 'The whole path, as /etc/oven.' : undefined,
    permissions:
      kind === 'single-file' && !/^[0-7]{3,4}$/.test(permissions) ? 'Three or four digits from 0 to 7.' : undefined,
  };
}

/** @param uploadIds of the files, in their order */
export function wishOf(draft: MakeDraft, uploadIds: readonly string[]): Body<typeof makeArtifact> {
  const common = { description: '', compression: 'gzip', provides: {}, depends: {}, scripts: [] } as const;
  return {
    ...common,
    scripts: [],
    name: draft.name.trim(),
    deviceTypes: tagList(draft.deviceTypes),
    content: contentOf(draft, uploadIds),
  };
}

function contentOf(
  { kind, files, destination, permissions, images }: MakeDraft,
  uploadIds: readonly string[],
): Body<typeof makeArtifact>['content'] {
  const named = files.map((file, index) => ({ uploadId: uploadIds[index]!, name: safeName(file.name) }));
  switch (kind) {
    case 'single-file':
      return { type: kind, file: named[0]!, destination, permissions };
    case 'rootfs-image':
      return { type: kind, file: named[0]! };
    case 'docker':
      return { type: kind, images: tagList(images) };
    case 'directory':
      return {
        type: kind,
        destination,
        files: files.map((file, index) => ({ uploadId: uploadIds[index]!, path: pathOf(file), isExecutable: false })),
      };
    case 'script':
    case 'deb':
      return { type: kind, files: named };
  }
}

/** Within the folder that was chosen, whose own name is left out. */
export function pathOf({ name, webkitRelativePath }: Pick<File, 'name' | 'webkitRelativePath'>): string {
  return webkitRelativePath === '' ? name : webkitRelativePath.split('/').slice(1).join('/');
}

/** File names in artifacts have letters, digits and . , _ - only. */
export function safeName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9.,_-]+/g, '-').replace(/^,+/, '') || 'file';
}
