/** An artifact for tests, with something of everything. */
import type { NewArtifact, NewFile } from './mod.ts';

export function newFile(name: string, content: Uint8Array): NewFile {
  return { name, size: content.length, mtime: 1_700_000_000, open: () => new Blob([content]).stream() };
}

export function newArtifact({
  files = [newFile('app.bin', Buffer.from('payload'))],
  ...more
}: Partial<NewArtifact> & { readonly files?: readonly NewFile[] } = {}): NewArtifact {
  return {
    name: 'release-7',
    group: undefined,
    deviceTypes: ['house-gateway'],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [{ name: 'ArtifactInstall_Enter_00', content: Buffer.from('#!/bin/sh\n') }],
    payloads: [
      {
        type: 'single-file',
        provides: { 'app.version': '7' },
        depends: {},
        clearsProvides: ['app.*'],
        metaData: { where: '/opt' },
        files,
      },
    ],
    compression: 'gzip',
    ...more,
  };
}
