/** What somebody means harm with: to gateways that trust a key, to memory and time, and to what keeps the header. */
import { describe, expect, test } from 'bun:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { requireTool, testWith } from '../../../tests/tools.ts';
import { readArtifact, type ArtifactError, type ArtifactErrorCode } from './mod.ts';
import { byHand, codeOf, INFO, member, sha256, tar, VERSION, withChecksum } from './test-by-hand.ts';

const typeInfo = member('headers/0000/type-info', '{"type":"t"}');
const header = (name: string, ...more: ReturnType<typeof member>[]) =>
  tar(member('header-info', INFO.replace('"n"', `"${name}"`)), typeInfo, ...more);

describe('nothing of a header is taken that is not what the manifest says', () => {
  const packers: [suffix: string, pack: (bytes: Uint8Array) => Uint8Array][] = [
    ['', (bytes) => bytes],
    ['.gz', (bytes) => gzipSync(bytes)],
    ['.zst', (bytes) => zstdCompressSync(bytes)],
  ];
  test.each(packers)('header.tar%s, also where much follows what is packed', async (suffix, pack) => {
    const name = `header.tar${suffix}`;
    const manifest = [
      `${sha256(pack(await header('signed')))}  ${name}`,
      `${sha256(VERSION)}  version`,
      `${sha256('x')}  data/0000/f`,
    ];
    const bytes = await tar(
      member('version', VERSION),
      member('manifest', manifest.map((line) => `${line}\n`).join('')),
      member(name, Buffer.concat([pack(await header('forged')), Buffer.alloc(300_000)])),
      member('data/0000.tar', await tar(member('f', 'x'))),
    );
    let seen: string | undefined;
    const reading = readArtifact(slowly(bytes), { onStart: (start) => void (seen = start.header.name) });
    expect(await reading.catch((error: unknown) => (error as ArtifactError).code)).toBe('bad-checksum');
    expect(seen).toBeUndefined();
  });

  test('a payload behind which more follows is read exactly', async () => {
    const packed = Buffer.concat([gzipSync(await tar(member('file', 'content'))), Buffer.alloc(300_000)]);
    const read = await readArtifact(slowly(await byHand({ dataName: 'data/0000.tar.gz', packed })));
    expect(read.files).toMatchObject([{ name: 'file', size: 7, checksum: sha256('content') }]);
  });
});

/** As a network brings it. */
async function* slowly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 4000) {
    await new Promise((resolve) => setImmediate(resolve));
    yield bytes.subarray(at, at + 4000);
  }
}

describe('what takes too much memory or time is refused', () => {
  const packedBy = (tool: 'xz' | 'zstd', ...args: string[]): Uint8Array =>
    Bun.spawnSync([tool === 'xz' ? requireTool('xz') : tool, ...args, '-c'], { stdin: Buffer.alloc(2048) }).stdout;

  testWith('xz')('xz that refers back further than a gateway has memory, before it takes any', async () => {
    const attempt = async (size: string) =>
      codeOf(await byHand({ dataName: 'data/0000.tar.xz', packed: packedBy('xz', `--lzma2=dict=${size}`) }));
    // What `xz -9` makes is unpacked, and found to lack its file.
    expect(await attempt('64MiB')).toBe('bad-manifest');
    expect(await attempt('1536MiB')).toBe('bad-compression');
  });

  test('zstd that does', async () => {
    // RFC 8878, section 3.1.1.1.2: a window of 64 MiB and of 128 MiB, and an empty block.
    const frame = (windowLog: number) => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, 1, 0, 0]);
    const attempt = async (windowLog: number) =>
      codeOf(await byHand({ dataName: 'data/0000.tar.zst', packed: frame(windowLog) }));
    expect([await attempt(26), await attempt(27)]).toEqual(['bad-manifest', 'bad-compression']);
  });

  test('a payload that unpacks to more than anything real would', async () => {
    // A header that promises 64 GiB, and what each frame adds to it.
    const promise = Buffer.from(await tar(member('file', ''))).subarray(0, 512);
    promise.write('77777777777', 124);
    const zeros = zstdCompressSync(Buffer.alloc(1 << 26));
    const packed = Buffer.concat([zstdCompressSync(withChecksum(promise)), ...Array<Buffer>(40).fill(zeros)]);
    expect(packed.length).toBeLessThan(1_000_000);
    expect(await codeOf(await byHand({ data: [member('file', '')], dataName: 'data/0000.tar.zst', packed }))).toBe(
      'too-large',
    );
  }, 30_000);

  const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  test('JSON that is nested deeply', async () => {
    const withMeta = (text: string) =>
      byHand({ header: [member('header-info', INFO), typeInfo, member('headers/0000/meta-data', text)] });
    expect(await codeOf(await withMeta(nested(63)))).toBe('taken');
    for (const depth of [64, 100_000]) expect(await codeOf(await withMeta(nested(depth)))).toBe('bad-header');
    expect(await codeOf(await withMeta(`{"${'[{'.repeat(1000)}\\"${'['.repeat(100)}":1}`))).toBe('taken');
  });
});

describe('refused is', () => {
  const withHeader = (...more: ReturnType<typeof member>[]) => ({
    header: [member('header-info', INFO), typeInfo, ...more],
  });
  const cases: Record<string, [ArtifactErrorCode, Parameters<typeof byHand>[0]]> = {
    'a part of the header that is there twice': ['bad-header', withHeader(typeInfo)],
    'a script that is there twice': ['bad-header', withHeader(member('scripts/A', '1'), member('scripts/A', '2'))],
    'a signature that is none': [
      'bad-signature',
      { members: ([v, m, ...rest]) => [v!, m!, member('manifest.sig', '\0'), ...rest] },
    ],
  };
  for (const [what, [code, parts]] of Object.entries(cases))
    test(what, async () => expect(await codeOf(await byHand(parts))).toBe(code));

  test('a file of a time that no calendar has', async () => {
    const packed = Buffer.from(await tar(member('file', 'content')));
    packed.fill(0xff, 136, 148);
    expect(await codeOf(await byHand({ packed: withChecksum(packed) }))).toBe('bad-tar');
  });

  test('something behind its end, be it another artifact', async () => {
    const whole = await byHand({});
    for (const more of [Buffer.alloc(512, 'x'), whole])
      expect(await codeOf(Buffer.concat([whole, more]))).toBe('bad-tar');
    expect(await codeOf(Buffer.concat([whole, Buffer.alloc(10_240)]))).toBe('taken');
  });

  test('a manifest whose last line has no end, which Mender’s tools leave out', async () => {
    const bytes = await byHand({
      members: ([version, manifest, ...rest]) => [
        version!,
        member('manifest', Buffer.from(manifest!.content as Uint8Array).subarray(0, -1)),
        ...rest,
      ],
    });
    expect(await codeOf(bytes)).toBe('bad-manifest');
  });

  test('what ends in the middle of its last block', async () => {
    const whole = await byHand({});
    expect(await codeOf(whole.subarray(0, -100))).toBe('truncated');
    const packed = (await tar(member('file', 'content'))).subarray(0, -100);
    expect(await codeOf(await byHand({ packed }))).toBe('truncated');
  });

  test('an extended header for all that follows, which Mender’s tools take for a file', async () => {
    const extended = Buffer.from(await tar(member('x', '10 size=7\n')));
    extended.write('g', 156);
    const bytes = await byHand({});
    expect(await codeOf(Buffer.concat([withChecksum(extended).subarray(0, 1024), bytes]))).toBe('bad-tar');
  });

  test.each(['size=7e0', 'size=0x7', 'size=', 'size= 7', 'GNU.sparse.major=1', 'path=\xff', 'path', '=7'])(
    'an extended header of other words than others understand: %p',
    async (text) => {
      const content = Buffer.from(` ${text}\n`, 'latin1');
      const record = Buffer.concat([Buffer.from(String(content.length + (content.length < 9 ? 1 : 2))), content]);
      const extended = Buffer.from(await tar({ ...member('x', ''), size: record.length, content: record }));
      extended.write('x', 156);
      const packed = Buffer.concat([withChecksum(extended).subarray(0, 1024), await tar(member('file', 'content'))]);
      expect(await codeOf(await byHand({ packed }))).toBe('bad-tar');
    },
  );
});
