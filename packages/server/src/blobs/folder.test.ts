import { expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderBlobs } from './folder.ts';

test('artifacts are for their owner alone', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'lovely-blobs-'));
  const folder = join(parent, 'blobs');
  const blobs = await openFolderBlobs(folder);
  async function* content(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('artifact');
  }
  await blobs.put(content());
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    expect([entry.name, (mode & 0o777).toString(8)]).toEqual([entry.name, entry.isDirectory() ? '700' : '600']);
  }
  expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700');
  await rm(parent, { recursive: true });
});
