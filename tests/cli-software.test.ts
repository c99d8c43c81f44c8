/** `lovely artifact upload|list|show|download|delete` against a real server. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUpload, PATHS } from '@lovely/api';
import { TestServer } from './harness/server.ts';

const MAIN = new URL('../packages/cli/src/main.ts', import.meta.url).pathname;

let server: TestServer;
let home: string;
beforeAll(async () => {
  server = await TestServer.start();
  home = await mkdtemp(join(tmpdir(), 'lovely-cli-software-'));
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

async function lovely(...words: string[]) {
  const child = Bun.spawn([process.execPath, MAIN, ...words], {
    cwd: home,
    env: { HOME: home, LOVELY_CA: server.caFile, LOVELY_SERVER: server.url, LOVELY_TOKEN: await server.token() },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, complaint, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out: out.trimEnd(), complaint: complaint.trimEnd(), status };
}

test('an artifact goes up from where it broke off, is listed, comes down the same, and is deleted', async () => {
  await Bun.write(join(home, 'payload'), crypto.getRandomValues(new Uint8Array(50_000)));
  const made = ['output=oven.mender', 'name=oven-7', 'device-type=oven', 'type=single-file', 'file=payload'];
  expect((await lovely('artifact', 'write', ...made)).status).toBe(0);
  const bytes = await Bun.file(join(home, 'oven.mender')).bytes();
  const wish = { kind: 'artifact', name: 'oven.mender', bytes: bytes.length, description: '' } as const;
  const { id: uploadId } = await server.call(createUpload, { body: wish });
  await server.fetch(PATHS.uploadParts.replace('{id}', uploadId), {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${await server.token()}`,
      'content-type': 'application/octet-stream',
      'upload-offset': '0',
    },
    body: bytes.slice(0, 9000),
  });

  const up = await lovely('artifact', 'upload', 'oven.mender', '--json');
  expect(up).toMatchObject({ status: 0, complaint: 'oven.mender: 100 %' });
  const { id, name, bytes: size } = JSON.parse(up.out) as { id: string; name: string; bytes: number };
  expect([name, size]).toEqual(['oven-7', bytes.length]);
  expect((await lovely('artifact', 'list', 'search=oven')).out).toContain(id);
  expect((await lovely('artifact', 'show', id)).out).toContain('name: oven-7');

  await Bun.write(join(home, 'copy.mender.part'), bytes.slice(0, 700));
  expect((await lovely('artifact', 'download', id, 'output=copy.mender')).status).toBe(0);
  expect(Buffer.from(await Bun.file(join(home, 'copy.mender')).bytes()).equals(bytes)).toBe(true);
  expect((await lovely('artifact', 'delete', id)).out).toBe('Done.');
  expect((await lovely('artifact', 'show', id)).status).toBe(1);
}, 60_000);

test('an artifact that is refused is told of with the reason', async () => {
  await Bun.write(join(home, 'bad.mender'), new Uint8Array(5000).fill(65));
  expect(await lovely('artifact', 'upload', 'bad.mender')).toMatchObject({
    status: 1,
    complaint: 'It is no archive (tar): a number of a header is none. (bad-artifact)',
  });
}, 60_000);
