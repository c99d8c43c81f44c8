/** Artifacts for tests of what takes them in and hands them out. */
import type { Artifact, Upload } from '@lovely/api';
import { writeArtifact, type NewArtifact } from '@lovely/artifact';
import { startUploadEngine } from '../software/upload-engine.ts';
import type { Task } from '../background-task.ts';
import { TEST_ORIGIN, type TestApi } from './test-api.ts';

export interface TestArtifact extends Partial<Omit<NewArtifact, 'payloads'>> {
  readonly content?: Uint8Array;
  readonly fileName?: string;
  readonly provides?: Readonly<Record<string, string>>;
}

export async function artifactBytes({
  content = Buffer.from('the new software'),
  fileName = 'app.bin',
  provides = {},
  ...more
}: TestArtifact = {}): Promise<Buffer> {
  const artifact: NewArtifact = {
    name: 'release-1',
    group: undefined,
    deviceTypes: ['gateway'],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [],
    compression: 'gzip',
    payloads: [
      {
        type: 'single-file',
        provides,
        depends: {},
        clearsProvides: undefined,
        metaData: {},
        files: [{ name: fileName, size: content.length, open: () => new Blob([content]).stream() }],
      },
    ],
    ...more,
  };
  return Buffer.concat(await Array.fromAsync(writeArtifact(artifact)));
}

/** What ends uploads, as a worker does. */
export function startEngine({ context }: TestApi, spoolDir: string): Task {
  return startUploadEngine({ database: context.store.database, blobs: context.blobs, log: context.log, spoolDir });
}

export async function createUpload(
  api: TestApi,
  token: string,
  bytes: number,
  more: { kind?: 'artifact' | 'file'; name?: string; description?: string } = {},
): Promise<Upload> {
  const answer = await api.call(token, 'POST', '/api/v1/uploads', { bytes, ...more });
  if (answer.status !== 201) throw new Error(await answer.text());
  return (await answer.json()) as Upload;
}

export async function sendPart(
  { api }: TestApi,
  token: string,
  id: string,
  offset: number,
  body: Uint8Array | ReadableStream<Uint8Array>,
): Promise<Response> {
  const request = new Request(`${TEST_ORIGIN}/api/v1/uploads/${id}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/octet-stream',
      'upload-offset': String(offset),
    },
    body,
  });
  return (await api.answer(request, '127.0.0.1')) as Response;
}

/** Waits until nothing is to be done for it any more. */
export async function ended(api: TestApi, token: string, id: string): Promise<Upload> {
  for (;;) {
    const upload = (await (await api.call(token, 'GET', `/api/v1/uploads/${id}`)).json()) as Upload;
    if (upload.state === 'done' || upload.state === 'refused') return upload;
    await Bun.sleep(20);
  }
}

/** Uploads in one part, and waits for the artifact. */
export async function uploadArtifact(api: TestApi, token: string, bytes: Uint8Array): Promise<Artifact> {
  const { id } = await createUpload(api, token, bytes.length);
  const answer = await sendPart(api, token, id, 0, bytes);
  if (answer.status !== 200) throw new Error(await answer.text());
  const { artifactId, reason } = await ended(api, token, id);
  if (artifactId === null) throw new Error(reason ?? 'no artifact');
  return (await (await api.call(token, 'GET', `/api/v1/artifacts/${artifactId}`)).json()) as Artifact;
}
