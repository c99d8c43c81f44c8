/** Beside Debian's mender-artifact: what it writes we read, what we write it takes. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, testWith } from '../../../tests/tools.ts';
import { collect } from './bytes.ts';
import {
  isSignedBy,
  readArtifact,
  readVerificationKey,
  signManifest,
  writeArtifact,
  type ArtifactStart,
} from './mod.ts';
import { newArtifact, newFile } from './test-artifact.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-artifact-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);
const withTool = testWith('mender-artifact', 'xz');
const tool = (...args: string[]) => Bun.spawnSync([requireTool('mender-artifact'), ...args], { stderr: 'pipe' });
const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function start(artifact: string): Promise<ArtifactStart> {
  let found: ArtifactStart | undefined;
  await readArtifact(createReadStream(artifact), { onStart: (it) => void (found = it) });
  return found!;
}

describe('an artifact of mender-artifact', () => {
  for (const compression of ['none', 'gzip', 'lzma'])
    withTool(`is read, packed with ${compression}, with every word of its header and every byte`, async () => {
      const content = randomBytes(300_000);
      await writeFile(path('payload.bin'), content);
      await writeFile(path('empty'), '');
      await writeFile(path('ArtifactInstall_Enter_00'), '#!/bin/sh\n');
      await writeFile(path('meta.json'), '{"a":"b","n":[1,2]}');
      const made = tool(
        'write',
        'module-image',
        '-T',
        'single-file',
        '-n',
        'release-1',
        '-t',
        'one',
        '-t',
        'two',
        '-o',
        path('a'),
        '--compression',
        compression,
        '-f',
        path('payload.bin'),
        '-f',
        path('empty'),
        '-m',
        path('meta.json'),
        '-N',
        'release-0',
        '-G',
        'house',
        '-g',
        'flat',
        '-d',
        'os:12',
        '-p',
        'app:1',
        '--clears-provides',
        'app',
        '-s',
        path('ArtifactInstall_Enter_00'),
      );
      expect(made.stderr.toString()).toBe('');
      const got: Uint8Array[] = [];
      const artifact = await readArtifact(createReadStream(path('a')), {
        onFile: async (_, bytes) => void got.push(await collect(bytes, 1e6, 'file')),
      });
      expect(artifact.header).toEqual({
        version: 3,
        name: 'release-1',
        group: 'flat',
        deviceTypes: ['one', 'two'],
        dependsOnNames: ['release-0'],
        dependsOnGroups: ['house'],
        scripts: [{ name: 'ArtifactInstall_Enter_00', content: new Uint8Array(Buffer.from('#!/bin/sh\n')) }],
        payloads: [
          {
            type: 'single-file',
            provides: { 'rootfs-image.single-file.version': 'release-1', app: '1' },
            depends: { os: ['12'] },
            clearsProvides: ['app', 'rootfs-image.single-file.*'],
            metaData: { a: 'b', n: [1, 2] },
          },
        ],
      });
      expect(artifact.files.map(({ name, size, checksum }) => `${name} ${size} ${checksum}`).toSorted(byText)).toEqual([
        `empty 0 ${sha256(new Uint8Array(0))}`,
        `payload.bin ${content.length} ${sha256(content)}`,
      ]);
      expect(got.map(sha256).toSorted(byText)).toEqual(artifact.files.map(({ checksum }) => checksum).toSorted(byText));
    });

  withTool('of the older format 2 is read too', async () => {
    await writeFile(path('rootfs.img'), randomBytes(10_000));
    expect(
      tool('write', 'rootfs-image', '-v', '2', '-n', 'old', '-t', 'one', '-f', path('rootfs.img'), '-o', path('v2'))
        .exitCode,
    ).toBe(0);
    const { header, files } = await readArtifact(createReadStream(path('v2')));
    expect(header).toMatchObject({
      version: 2,
      name: 'old',
      deviceTypes: ['one'],
      payloads: [{ type: 'rootfs-image' }],
    });
    expect(files.map(({ name }) => name)).toEqual(['rootfs.img']);
  });

  withTool('that says only what is installed has no payload', async () => {
    tool('write', 'bootstrap-artifact', '-n', 'boot', '-t', 'one', '-o', path('boot'));
    expect((await readArtifact(createReadStream(path('boot')))).header.payloads).toEqual([
      { type: null, provides: {}, depends: {}, clearsProvides: undefined, metaData: {} },
    ]);
  });

  for (const [kind, pem] of [
    ['RSA', () => rsaKey.privateKey.export({ type: 'pkcs1', format: 'pem' })],
    ['ECDSA', () => ecKey.privateKey.export({ type: 'sec1', format: 'pem' })],
  ] as const)
    withTool(`signed with ${kind} is known by its key and by no other`, async () => {
      await writeFile(path('key.pem'), pem());
      await writeFile(path('payload.bin'), 'x');
      tool(
        'write',
        'module-image',
        '-T',
        't',
        '-n',
        'n',
        '-t',
        'one',
        '-f',
        path('payload.bin'),
        '-k',
        path('key.pem'),
        '-o',
        path('signed'),
      );
      const { manifest, signature } = await start(path('signed'));
      const publicKey = createPublicKey(await readFile(path('key.pem'))).export({ type: 'spki', format: 'pem' });
      expect(isSignedBy(manifest, signature!, readVerificationKey(publicKey.toString()))).toBe(true);
      for (const other of [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ed25519')])
        expect(isSignedBy(manifest, signature!, other.publicKey)).toBe(false);
    });
});

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('an artifact of ours', () => {
  for (const compression of ['none', 'gzip', 'xz'] as const)
    withTool(`packed with ${compression} is valid for mender-artifact, which reads the same out of it`, async () => {
      const files = [newFile('app.bin', randomBytes(70_000)), newFile('notes.txt', Buffer.from('hello'))];
      const artifact = newArtifact({ compression, files });
      await Bun.write(path('ours'), await collect(writeArtifact(artifact), 1e7, 'it'));
      const valid = tool('validate', path('ours'));
      expect(valid.stdout.toString() + valid.stderr.toString()).toContain('validated successfully');
      const told = tool('read', path('ours')).stdout.toString();
      for (const word of [
        'release-7',
        'house-gateway',
        'single-file',
        'app.version: 7',
        'ArtifactInstall_Enter_00',
        'app.bin',
      ])
        expect(told).toContain(word);
    });

  for (const [kind, key] of [
    ['RSA', rsaKey],
    ['ECDSA', ecKey],
  ] as const)
    withTool(`signed with ${kind} is valid for mender-artifact with the public key`, async () => {
      const artifact = newArtifact({ sign: (manifest) => signManifest(manifest, key.privateKey) });
      await Bun.write(path('ours'), await collect(writeArtifact(artifact), 1e7, 'it'));
      await writeFile(path('public.pem'), key.publicKey.export({ type: 'spki', format: 'pem' }));
      const valid = tool('validate', '-k', path('public.pem'), path('ours'));
      expect(valid.stdout.toString() + valid.stderr.toString()).toContain('validated successfully');
    });
});

const vectors = join(import.meta.dir, '../../../../shared/mender/vectors.json');
test.skipIf(!(await Bun.file(vectors).exists()))('every captured artifact is read', async () => {
  const { artifacts } = (await Bun.file(vectors).json()) as { artifacts: Record<string, { base64?: string }> };
  const names: string[] = [];
  for (const [name, { base64 }] of Object.entries(artifacts)) {
    if (base64 === undefined) continue;
    const { header } = await readArtifact(new Blob([Buffer.from(base64, 'base64')]).stream());
    expect(header.deviceTypes.length).toBeGreaterThan(0);
    names.push(name);
  }
  expect(names.length).toBeGreaterThan(8);
});
