/** Software for gateways of a test: releases on the server, and what installs them. */
import { createUpload, getUpload } from '@lovely/api';
import { writeArtifact } from '@lovely/artifact';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestServer } from './server.ts';
import { until } from './wait.ts';

export interface Release {
  readonly name: string;
  readonly type: string;
  readonly deviceType: string;
  readonly content: string;
  readonly metaData?: { readonly [key: string]: unknown };
}

/** Uploads a release of one artifact with one file in it, and waits until it can be rolled out. */
export async function uploadRelease(
  server: TestServer,
  { name, type, deviceType, content, metaData = {} }: Release,
): Promise<void> {
  const file = new TextEncoder().encode(content);
  const pieces: Uint8Array[] = [];
  for await (const piece of writeArtifact({
    name,
    group: undefined,
    deviceTypes: [deviceType],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [],
    compression: 'gzip',
    payloads: [
      {
        type,
        provides: { [`${type}.version`]: name },
        depends: {},
        clearsProvides: [`${type}.*`],
        metaData,
        files: [{ name: 'content', size: file.length, open: () => new Blob([file]).stream() }],
      },
    ],
  }))
    pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const { id } = await server.call(createUpload, {
    body: { kind: 'artifact', name, bytes: bytes.length, description: '' },
  });
  const part = await server.fetch(`/api/v1/uploads/${id}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${await server.token()}`,
      'content-type': 'application/octet-stream',
      'upload-offset': '0',
    },
    body: bytes,
  });
  if (!part.ok) throw new Error(`uploading failed with ${part.status}: ${await part.text()}`);
  await until('the release is stored', async () => {
    const { state, reason } = await server.call(getUpload, { params: { id } });
    if (state === 'refused') throw new Error(`the upload was refused: ${reason}`);
    return state === 'done';
  });
}

export interface TestModule extends AsyncDisposable {
  /** For `--module-dir`. */
  readonly folder: string;
  /** Whether installing fails, for want of space, as it says. */
  fill(isFull: boolean): Promise<void>;
}

/** An update module of this name that copies the file of its payload, and can go back. */
export async function updateModule(type: string): Promise<TestModule> {
  const folder = await mkdtemp(join(tmpdir(), 'lovely-modules-'));
  const full = join(folder, 'full');
  const installed = join(folder, 'installed');
  await writeFile(
    join(folder, type),
    `#!/bin/sh
case "$1" in
  SupportsRollback) echo Yes ;;
  NeedsArtifactReboot) echo No ;;
  ArtifactInstall)
    if [ -e '${full}' ]; then echo "cp: error writing '${installed}': No space left on device" >&2; exit 1; fi
    cp "$2/files/content" '${installed}' ;;
esac
`,
  );
  await chmod(join(folder, type), 0o755);
  return {
    folder,
    fill: (isFull) => (isFull ? writeFile(full, '') : rm(full)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
