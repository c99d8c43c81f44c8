import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPartitions } from './partitions.ts';

const folder = mkdtempSync(join(tmpdir(), 'partitions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const none = { rootfsPartA: undefined, rootfsPartB: undefined };

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('settings go before what Mender has', () => {
  const path = file('given.conf', '{"RootfsPartA":"/dev/c","RootfsPartB":"/dev/d"}');
  expect(findPartitions({ rootfsPartA: '/dev/a', rootfsPartB: '/dev/b' }, [path])).toEqual(['/dev/a', '/dev/b']);
  expect(findPartitions(none, [join(folder, 'nothing'), path])).toEqual(['/dev/c', '/dev/d']);
});

test("of Mender's two files the first that names partitions counts", () => {
  const first = file('first.conf', '{"ServerURL":"https://x"}');
  const second = file('second.conf', '{"RootfsPartA":"/dev/e","RootfsPartB":"/dev/f"}');
  expect(findPartitions(none, [first, second])).toEqual(['/dev/e', '/dev/f']);
});

test('without two partitions there is a reason', () => {
  expect(() => findPartitions(none, [])).toThrow('rootfsPartA');
  expect(() => findPartitions(none, [file('broken.conf', '{')])).toThrow("can't be read as JSON");
  expect(() => findPartitions(none, [file('number.conf', '3')])).toThrow('no JSON object');
});
