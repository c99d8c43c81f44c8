import { afterAll, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage, writeImage } from './image.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MEGABYTE = 1024 * 1024;
const options = { signal: new AbortController().signal, progress: () => undefined };

/** In pieces that fit no block. */
async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes)
    yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
}

function noise(bytes: number, seed: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(String(seed)).digest();
}

function partition(name: string, bytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, noise(bytes, 1));
  return path;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('an image is written from the beginning, and what is behind it stays', async () => {
  const path = partition('whole', 4 * MEGABYTE);
  const image = noise(2 * MEGABYTE + 12_345, 2);
  const told: number[] = [];
  const written = await writeImage(path, pieces(image, 70_001), { ...options, progress: (bytes) => told.push(bytes) });
  expect(written).toEqual({ bytes: image.length, sha256: sha256(image) });
  const after = readFileSync(path);
  expect(after.subarray(0, image.length).equals(image)).toBe(true);
  expect(after.subarray(image.length).equals(noise(4 * MEGABYTE, 1).subarray(image.length))).toBe(true);
  expect(told).toEqual([MEGABYTE, 2 * MEGABYTE, image.length]);
  expect(await readImage(path, image.length, options)).toEqual(written);
});

test('a block that is there already is not written again', async () => {
  const path = partition('sparing', 3 * MEGABYTE);
  const image = noise(3 * MEGABYTE, 1);
  image.fill(7, 2 * MEGABYTE);
  const before = process.resourceUsage().fsWrite;
  expect((await writeImage(path, pieces(image, 99_999), options)).sha256).toBe(sha256(image));
  expect(readFileSync(path).equals(image)).toBe(true);
  // In sectors of 512 bytes.
  expect(process.resourceUsage().fsWrite - before).toBeLessThan((2 * MEGABYTE) / 512);
});

test('a partition that ends early is read as far as it goes', async () => {
  const path = partition('short', 1000);
  expect(await readImage(path, 2000, options)).toEqual({ bytes: 1000, sha256: sha256(noise(1000, 1)) });
});

test('writing ends when it is called off', async () => {
  const path = partition('called-off', 2 * MEGABYTE);
  const ending = new AbortController();
  const writing = writeImage(path, pieces(noise(2 * MEGABYTE, 3), MEGABYTE), {
    signal: ending.signal,
    progress: () => ending.abort(),
  });
  expect(await writing.catch((error: unknown) => error)).toBe(ending.signal.reason);
});
