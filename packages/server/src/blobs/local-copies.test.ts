import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalCopies } from './local-copies.ts';

test('copies that were not wanted for longest make room, and what is fetched is what was asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lovely-copies-'));
  try {
    const copies = await openLocalCopies(folder, 2500);
    const contents = [1, 2, 3].map((value) => new Uint8Array(1000).fill(value));
    const [first, second, third] = contents.map((content) => createHash('sha256').update(content).digest('hex'));
    const open = (content: Uint8Array) => () => Promise.resolve(new Blob([content]).stream());
    const old = new Date(0);
    await copies.path(first!, open(contents[0]!));
    await copies.path(second!, open(contents[1]!));
    await utimes(join(folder, first!), old, old);
    await utimes(join(folder, second!), new Date(1000), new Date(1000));
    await copies.path(third!, open(contents[2]!));
    expect((await readdir(folder)).toSorted()).toEqual(['new', second!, third!].toSorted());
    // Another content under this name is refused, and nothing of it stays.
    const refusal = await copies.path(first!, open(contents[1]!)).catch(String);
    expect(refusal).toContain('expected was');
    expect((await readdir(join(folder, 'new'))).length).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
