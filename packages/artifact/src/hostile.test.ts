/** What is broken, cut, swapped or made to hurt is refused with a reason, at the first wrong byte. */
import { describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { collect } from './bytes.ts';
import {
  ArtifactError,
  readArtifact,
  readVerificationKey,
  signManifest,
  writeArtifact,
  type ArtifactErrorCode,
} from './mod.ts';
import { newArtifact, newFile } from './test-artifact.ts';
import { byHand, codeOf, INFO, member, sha256, tar, withChecksum } from './test-by-hand.ts';

const stream = (bytes: Uint8Array) => new Blob([bytes]).stream();
const made = (artifact = newArtifact()) => collect(writeArtifact(artifact), 1e7, 'it');

test('what is made by hand here is an artifact', async () => {
  expect(await codeOf(await byHand({}))).toBe('taken');
});

describe('refused is', () => {
  const cases: Record<string, [ArtifactErrorCode, Parameters<typeof byHand>[0]]> = {
    'another version': ['bad-version', { version: '{"format":"mender","version":9}' }],
    'a member too many': ['bad-order', { members: (all) => [...all, member('data/0001.tar', '')] }],
    'members in another order': ['bad-order', { members: ([v, m, h, d]) => [v!, h!, m!, d!] }],
    'a member that is missing': ['truncated', { members: (all) => all.slice(0, 3) }],
    'a line of the manifest without its file': [
      'bad-manifest',
      { manifest: (all) => [...all, `${sha256('x')}  data/0000/more`] },
    ],
    'a file without its line': ['bad-manifest', { manifest: (all) => all.slice(0, 2) }],
    'a line that stands twice': ['bad-manifest', { manifest: (all) => [...all, all[0]!] }],
    'a manifest of other words': ['bad-manifest', { manifest: () => ['hello'] }],
    'a wrong checksum of the version': [
      'bad-checksum',
      { manifest: ([h, , d]) => [h!, `${sha256('x')}  version`, d!] },
    ],
    'a wrong checksum of the header': [
      'bad-checksum',
      { manifest: ([, v, d]) => [`${sha256('x')}  header.tar`, v!, d!] },
    ],
    'a wrong checksum of a file': [
      'bad-checksum',
      { manifest: ([h, v]) => [h!, v!, `${sha256('x')}  data/0000/file`] },
    ],
    'a file twice': [
      'bad-tar',
      { data: [member('file', 'a'), member('file', 'a')], manifest: (all) => all.slice(0, 3) },
    ],
    'a file that leads out': ['bad-tar', { data: [member('../file', 'a')] }],
    'a file with an absolute name': ['bad-tar', { data: [member('/etc/passwd', 'a')] }],
    'a file in a folder': ['bad-tar', { data: [member('a/b', 'a')] }],
    'a header that is no JSON': ['bad-header', { info: 'hello' }],
    'no device type': ['bad-header', { info: INFO.replace('["d"]', '[]') }],
    'no name': ['bad-header', { info: INFO.replace('"n"', '""') }],
    'no payload': ['bad-header', { info: INFO.replace('[{"type":"t"}]', '[]') }],
    'a type-info that is missing': ['bad-header', { header: [member('header-info', INFO)] }],
    'a header without header-info in front': [
      'bad-order',
      { header: [member('headers/0000/type-info', '{}'), member('header-info', INFO)] },
    ],
    'a payload that is not packed as its name says': [
      'bad-compression',
      { dataName: 'data/0000.tar.gz', packed: Buffer.from('no gzip') },
    ],
  };
  for (const [what, [code, parts]] of Object.entries(cases))
    test(what, async () => expect(await codeOf(await byHand(parts))).toBe(code));

  test('a link, whatever it leads to', async () => {
    const bytes = Buffer.from(await byHand({ packed: asLink(await tar(member('file', ''))) }));
    expect(await codeOf(bytes)).toBe('bad-tar');
  });

  test('a small payload that unpacks to a huge one, without unpacking it', async () => {
    const zeros = Buffer.alloc(8 * 1024 * 1024);
    const bytes = await byHand({
      data: [member('file', zeros)],
      dataName: 'data/0000.tar.gz',
      packed: gzipSync(await tar(member('file', zeros))),
    });
    expect(bytes.length).toBeLessThan(100_000);
    expect(await codeOf(bytes)).toBe('taken');
    expect(await codeOf(bytes, 1024 * 1024)).toBe('too-large');
  });

  test('an extended header that claims to be gigabytes', async () => {
    const block = Buffer.from((await tar(member('x', ''))).subarray(0, 512));
    block.write('x', 156);
    block.write('77777777777', 124);
    expect(await codeOf(withChecksum(block))).toMatch(/too-large|truncated/);
  });
});

test('an artifact that ends at any of its bytes is refused, or was whole but for the padding', async () => {
  const whole = await made();
  for (let length = 0; length < whole.length - 1024; length += 97)
    expect([length, await codeOf(whole.subarray(0, length))]).not.toEqual([length, 'taken']);
});

test('a byte changed anywhere is refused or means nothing; nothing but an ArtifactError is thrown (seeded)', async () => {
  const whole = await made(newArtifact({ compression: 'none', files: [newFile('app.bin', Buffer.alloc(600, 7))] }));
  const before = JSON.stringify(await readArtifact(stream(whole)));
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const bytes = Buffer.from(whole);
      bytes[at] = bytes[at]! ^ by;
      try {
        // Modes, owners and times of a tar's headers are in no checksum of the manifest.
        const now = JSON.stringify(await readArtifact(stream(bytes)));
        expect(now.replaceAll(/"mtime":\d+/g, '')).toBe(before.replaceAll(/"mtime":\d+/g, ''));
      } catch (error) {
        if (!(error instanceof ArtifactError)) throw error;
      }
    }),
    { numRuns: 400, seed: 20261123 },
  );
});

test('what is read does not depend on how the bytes arrive (seeded)', async () => {
  const whole = await made(
    newArtifact({ files: [newFile('a', Buffer.alloc(5000, 1)), newFile('b', Buffer.alloc(0))] }),
  );
  const expected = await readArtifact(stream(whole));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
      async function* pieces() {
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          yield whole.subarray(at, at + size);
          at += size;
        }
      }
      expect(await readArtifact(pieces())).toEqual(expected);
    }),
    { numRuns: 30, seed: 7 },
  );
});

test('whoever throws at the start or at a file ends the reading, and lets go of where the bytes come from', async () => {
  const whole = await made();
  for (const hook of ['onStart', 'onFile'] as const) {
    let isLetGo = false;
    async function* bytes() {
      try {
        for (let at = 0; at < whole.length; at += 512) yield whole.subarray(at, at + 512);
      } finally {
        isLetGo = true;
      }
    }
    const refusal = new Error('not wanted');
    const reading = readArtifact(bytes(), { [hook]: () => Promise.reject(refusal) });
    expect(await reading.catch((error: unknown) => error)).toBe(refusal);
    expect(isLetGo).toBe(true);
  }
});

test('keys that artifacts are not signed with are refused', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  for (const refused of [
    () => readVerificationKey(weak.toString()),
    () => readVerificationKey('hello'),
    () => signManifest(new Uint8Array(1), other.privateKey),
  ])
    expect(refused).toThrow(ArtifactError);
});

function asLink(bytes: Uint8Array): Uint8Array {
  const block = Buffer.from(bytes);
  block.write('2', 156);
  block.write('/etc/passwd', 157);
  return withChecksum(block);
}
