// What both places promise: one table of cases, run on each.
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BlobError, type Blobs, type BlobErrorCode, type PutOptions, type StoredBlob } from './blobs.ts';
import { openBlobs } from './open.ts';
import { startS3 } from './s3-endpoint.ts';

const PAGE_MAX = 3;
const MIB = 1024 * 1024;

const s3 = startS3({ pageMax: PAGE_MAX });
const dataDir = mkdtempSync(join(tmpdir(), 'lovely-blobs-'));
const folder = join(dataDir, 'blobs');
afterAll(async () => {
  await s3.close();
  rmSync(dataDir, { recursive: true });
});

interface Place {
  readonly place: string;
  readonly url: string;
  /** Where content is that is not stored yet. */
  readonly incoming: string;
}

const places: Place[] = [
  { place: 'a folder', url: pathToFileURL(folder).href, incoming: join(folder, 'new') },
  { place: 'a bucket', url: s3.url('artifacts/here'), incoming: join(dataDir, 'spool') },
];

/** What /dev/urandom could give, but the same each time. */
function noise(bytes: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: bytes }, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24);
}

function sha256Of(content: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(content).digest('hex');
}

async function* chunksOf(content: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

async function codeOf(action: Promise<unknown>): Promise<BlobErrorCode | undefined> {
  try {
    await action;
  } catch (error) {
    if (error instanceof BlobError) return error.code;
    throw error;
  }
  return undefined;
}

describe.each(places)('$place', ({ url, incoming }) => {
  let blobs: Blobs;
  beforeEach(async () => {
    blobs = await openBlobs(url, dataDir);
    for await (const { sha256 } of blobs.list()) await blobs.delete(sha256);
  });

  const put = (content: Uint8Array, options?: PutOptions): Promise<StoredBlob> => blobs.put(chunksOf(content), options);

  async function get(sha256: string, range?: { start?: number; end?: number }): Promise<Uint8Array | undefined> {
    const stream = await blobs.get(sha256, range);
    return stream && (await new Response(stream).bytes());
  }

  async function listed(): Promise<StoredBlob[]> {
    return (await Array.fromAsync(blobs.list())).toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  }

  test('has a file of this machine with the content, also for several who ask at once, and none for what is not there', async () => {
    const content = noise(3 * MIB, 7);
    const { sha256 } = await put(content);
    const copies = await Promise.all([blobs.localPath(sha256), blobs.localPath(sha256)]);
    for (const path of copies) expect(sha256Of(await Bun.file(path!).bytes())).toBe(sha256);
    expect(await blobs.localPath('0'.repeat(64))).toBeUndefined();
    expect(await codeOf(blobs.localPath('../../etc/passwd'))).toBe('bad-hash');
  });

  test.each([0, 1, 64 * 1024, 64 * 1024 + 1, 11 * MIB])('gives %d bytes back as they came', async (bytes) => {
    const content = noise(bytes);
    const blob = await put(content);
    expect(blob).toEqual({ sha256: sha256Of(content), bytes });
    expect(await blobs.find(blob.sha256)).toEqual(blob);
    expect(Buffer.compare((await get(blob.sha256))!, content)).toBe(0);
  });

  const ranges: [start: number | undefined, end: number | undefined, text: string][] = [
    [undefined, undefined, '0123456789'],
    [3, undefined, '3456789'],
    [undefined, 3, '012'],
    [3, 5, '34'],
    [9, 10, '9'],
    [5, 5, ''],
    [10, undefined, ''],
    [20, undefined, ''],
    [8, 20, '89'],
  ];
  test.each(ranges)('gives the part from %p to %p of ten digits: "%s"', async (start, end, text) => {
    const { sha256 } = await put(new TextEncoder().encode('0123456789'));
    const range = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
    expect(new TextDecoder().decode(await get(sha256, range))).toBe(text);
  });

  test('takes the body of a request', async () => {
    const content = noise(300_000);
    const { body } = new Request('http://localhost/', { method: 'POST', body: content.slice() });
    expect(await blobs.put(body!)).toEqual({ sha256: sha256Of(content), bytes: 300_000 });
  });

  test('has nothing under a hash that nobody stored', async () => {
    const sha256 = sha256Of(noise(7));
    expect(await blobs.find(sha256)).toBeUndefined();
    expect(await blobs.get(sha256)).toBeUndefined();
    await blobs.delete(sha256);
  });

  test('stores the same content once, also when it comes many times at once', async () => {
    const content = noise(100_000);
    const stored = await Promise.all(Array.from({ length: 5 }, () => put(content)));
    await put(content);
    expect(new Set(stored.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(await listed()).toEqual([{ sha256: sha256Of(content), bytes: 100_000 }]);
  });

  test('lists all blobs, over as many pages as they fill', async () => {
    const stored: StoredBlob[] = [];
    for (let each = 0; each < 2 * PAGE_MAX + 1; each++) stored.push(await put(noise(10 + each)));
    expect(await listed()).toEqual(stored.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)));
  });

  test('has nothing any more after deleting', async () => {
    const { sha256 } = await put(noise(10));
    await blobs.delete(sha256);
    expect(await blobs.find(sha256)).toBeUndefined();
    expect(await listed()).toEqual([]);
  });

  test('goes on with what is there when it is opened again', async () => {
    const blob = await put(noise(10));
    expect(await (await openBlobs(url, dataDir)).find(blob.sha256)).toEqual(blob);
  });

  describe('keeps nothing', () => {
    async function expectNothing(): Promise<void> {
      expect(await listed()).toEqual([]);
      expect(readdirSync(incoming)).toEqual([]);
    }

    test('of content with another hash than announced', async () => {
      const content = noise(100);
      expect(await codeOf(put(content, { sha256: sha256Of(noise(101)) }))).toBe('mismatch');
      await expectNothing();
      await put(content, { sha256: sha256Of(content) });
    });

    test('of content over the limit', async () => {
      expect(await codeOf(put(noise(100_001), { bytesMax: 100_000 }))).toBe('too-large');
      await expectNothing();
      await put(noise(100_000), { bytesMax: 100_000 });
    });

    test('of a stream that breaks', async () => {
      const broken = new Error('connection lost');
      async function* breaking(): AsyncGenerator<Uint8Array> {
        yield noise(100_000);
        throw broken;
      }
      expect(await blobs.put(breaking()).catch((error: unknown) => error)).toBe(broken);
      await expectNothing();
    });

    test('of a put that is aborted', async () => {
      const controller = new AbortController();
      async function* aborting(): AsyncGenerator<Uint8Array> {
        yield noise(100_000);
        controller.abort(new Error('enough'));
        yield noise(100_000);
      }
      const stopped = blobs.put(aborting(), { signal: controller.signal }).catch((error: unknown) => error);
      expect(await stopped).toBe(controller.signal.reason);
      await expectNothing();
    });

    test('of what a killed process left long ago, and leaves alone what may still be written', async () => {
      mkdirSync(incoming, { recursive: true });
      for (const name of ['old', 'fresh']) writeFileSync(join(incoming, name), 'half');
      utimesSync(join(incoming, 'old'), 0, 0);
      await openBlobs(url, dataDir);
      expect(readdirSync(incoming)).toEqual(['fresh']);
      rmSync(join(incoming, 'fresh'));
    });
  });

  const notHashes = ['', 'x', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(63)}/`, 'a'.repeat(65)];
  test.each(notHashes)('refuses %p as a hash', async (text) => {
    expect(await codeOf(blobs.get(text))).toBe('bad-hash');
    expect(await codeOf(blobs.find(text))).toBe('bad-hash');
    expect(await codeOf(blobs.delete(text))).toBe('bad-hash');
    expect(await codeOf(put(noise(1), { sha256: text }))).toBe('bad-hash');
  });
});

describe('a bucket', () => {
  test('gets large content in parts, under the prefix', async () => {
    const blobs = await openBlobs(s3.url('large'), dataDir);
    const before = s3.multiparts;
    const { sha256 } = await blobs.put(chunksOf(noise(11 * MIB, 2)));
    expect(s3.multiparts).toBe(before + 1);
    expect([...s3.objects.keys()]).toContain(`large/${sha256}`);
  });

  test('can be used without a prefix', async () => {
    const blobs = await openBlobs(s3.url(''), dataDir);
    const { sha256 } = await blobs.put(chunksOf(noise(5, 3)));
    expect([...s3.objects.keys()]).toContain(sha256);
  });

  test('that refuses the credentials is an error, not an empty one', async () => {
    const blobs = await openBlobs(s3.url('x').replace('AKTEST:', 'AKTEST:wrong'), dataDir);
    const actions = [
      () => blobs.find(sha256Of(noise(1))),
      () => blobs.put(chunksOf(noise(1))),
      () => Array.fromAsync(blobs.list()),
    ];
    for (const action of actions) expect(await action().catch((error: unknown) => error)).toBeInstanceOf(Error);
    expect(readdirSync(join(dataDir, 'spool'))).toEqual([]);
  });
});
