/** Whoever has the server in their hands, and none of the keys that the gateway trusts, gets nothing carried out. */
import { expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { signManifest, writeTar } from '@lovely/artifact';
import { updateBed } from '../../test/update/update-bed.ts';
import { artifactOf, endOf, fileOf, offerTo, payloadOf, writeProgram } from '../../test/update/update-rig.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

const bed = updateBed((folder) =>
  writeFileSync(join(folder, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' })),
);

type Parts = Map<string, Buffer>;

const made = (type: string, content: string, key = privateKey) =>
  artifactOf('release-2', [payloadOf(type, [fileOf('app', content)])], {
    compression: 'gzip',
    sign: (manifest) => signManifest(manifest, key),
    scripts: [
      { name: 'ArtifactInstall_Enter_00', content: Buffer.from(`#!/bin/sh\ntouch ${bed.folder}/script-ran\n`) },
    ],
  });

/** The members of the artifact by name, in their order. */
function partsOf(artifact: Uint8Array): Parts {
  const bytes = Buffer.from(artifact);
  const parts: Parts = new Map();
  for (let at = 0; bytes[at] !== 0;) {
    const name = bytes.toString('utf8', at, bytes.indexOf(0, at));
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
    parts.set(name, bytes.subarray(at + 512, at + 512 + size));
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return parts;
}

const joined = async (parts: Parts): Promise<Buffer> =>
  Buffer.concat(
    await Array.fromAsync(
      writeTar([...parts].map(([name, content]) => ({ name, size: content.length, content: Buffer.from(content) }))),
    ),
  );

/** What the gateway makes of it, and which programs it ran. */
async function install(bytes: Uint8Array): Promise<{ outcome: string; ran: string[] }> {
  const rig = bed.open({ host: { artifactKeys: [join(bed.folder, 'key.pem')] } });
  for (const name of ['good', 'evil'])
    writeProgram(
      join(bed.folder, 'modules', name),
      `echo "${name} $1" >> $SANDBOX/ran\ncase $1 in NeedsArtifactReboot|SupportsRollback) echo No;; esac\n`,
    );
  offerTo(rig, { deployment: 'd', attempt: 1, artifact: bed.server.serve('/a', 'release-2', bytes) });
  const { state, cause } = await endOf(rig);
  const ran = existsSync(join(bed.folder, 'ran'))
    ? readFileSync(join(bed.folder, 'ran'), 'utf8').trim().split('\n')
    : [];
  return {
    outcome: cause?.code ?? state,
    ran: [...ran, ...readdirSync(bed.folder).filter((name) => name === 'script-ran')],
  };
}

test('what the key signed is installed', async () => {
  const { outcome, ran } = await install(await made('good', 'new'));
  expect([outcome, ran.includes('good ArtifactInstall'), ran.includes('script-ran')]).toEqual(['success', true, true]);
});

const forgeries: Record<string, [outcome: string, forge: (good: Parts, evil: Parts) => Parts]> = {
  'another artifact without a signature': [
    'unsigned',
    (_, evil) => new Map([...evil].filter(([name]) => name !== 'manifest.sig')),
  ],
  'another artifact with the signature of one that was signed': [
    'bad-signature',
    (good, evil) => new Map(evil).set('manifest.sig', good.get('manifest.sig')!),
  ],
  'a signature of somebody else': ['bad-signature', (_, evil) => evil],
  'another header under the signed manifest': [
    'bad-checksum',
    (good, evil) => new Map(good).set('header.tar.gz', evil.get('header.tar.gz')!),
  ],
  'another header under the signed manifest, with much behind it': [
    'bad-checksum',
    (good, evil) =>
      new Map(good).set('header.tar.gz', Buffer.concat([evil.get('header.tar.gz')!, Buffer.alloc(2_000_000)])),
  ],
  'a header of two': [
    'bad-checksum',
    (good, evil) =>
      new Map(good).set('header.tar.gz', Buffer.concat([evil.get('header.tar.gz')!, good.get('header.tar.gz')!])),
  ],
  'a part that nobody signs': [
    'bad-artifact',
    (good) => {
      const [version, manifest, signature, ...rest] = [...good];
      const augment = ['manifest-augment', Buffer.alloc(0)] as [string, Buffer];
      const header = ['header-augment.tar.gz', gzipSync(Buffer.alloc(1024))] as [string, Buffer];
      return new Map([version!, manifest!, signature!, augment, rest[0]!, header, ...rest.slice(1)]);
    },
  ],
};

test.each(Object.entries(forgeries))('refused before anything is run: %s', async (_, [expected, forge]) => {
  const bytes = await joined(
    forge(partsOf(await made('good', 'new')), partsOf(await made('evil', 'bad', stranger.privateKey))),
  );
  const { outcome, ran } = await install(bytes);
  expect([outcome, ran]).toEqual([expected, []]);
  expect(existsSync(join(bed.folder, 'update/scripts'))).toBe(false);
});

test('other content than was signed is never installed', async () => {
  const [good, evil] = [partsOf(await made('good', 'new')), partsOf(await made('good', 'bad'))];
  const { outcome, ran } = await install(
    await joined(new Map(good).set('data/0000.tar.gz', evil.get('data/0000.tar.gz')!)),
  );
  expect(outcome).toBe('bad-checksum');
  expect(ran.filter((call) => /Install|Commit|script/.test(call))).toEqual([]);
});
