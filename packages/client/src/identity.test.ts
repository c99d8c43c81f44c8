import { afterAll, expect, test } from 'bun:test';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../test/folder.ts';
import { identityOf, loadIdentity, newPrivateKey } from './identity.ts';

afterAll(removeTemporaryFolders);

test('key and serial number are made once and stay', () => {
  const folder = temporaryFolder();
  const first = loadIdentity(folder);
  const second = loadIdentity(folder);
  expect([first.isNew, second.isNew]).toEqual([true, false]);
  expect(second.identity.publicKey).toBe(first.identity.publicKey);
  expect(second.identity.idData).toBe(first.identity.idData);
});

test('the private key is for its owner only', () => {
  const folder = temporaryFolder();
  loadIdentity(folder);
  expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toStartWith('-----BEGIN PRIVATE KEY-----');
});

test('a given serial number is the identity, as canonical JSON', () => {
  expect(loadIdentity(temporaryFolder(), 'A "7"').identity.idData).toBe('{"sn":"A \\"7\\""}');
});

test('the fingerprint is the SHA-256 of the public key in DER', () => {
  const { fingerprint, publicKey } = identityOf('1', newPrivateKey());
  const der = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  expect(fingerprint.replaceAll(':', '')).toBe(createHash('sha256').update(der).digest('hex'));
  expect(fingerprint).toMatch(/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/);
});

test('a signature verifies with the public key', () => {
  const identity = identityOf('1', newPrivateKey());
  const data = new TextEncoder().encode('anything');
  expect(verify(null, data, identity.publicKey, identity.sign(data))).toBe(true);
});

test('a damaged key stops the start instead of being replaced', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'key.pem'), 'not a key');
  chmodSync(join(folder, 'key.pem'), 0o600);
  expect(() => loadIdentity(folder)).toThrow('holds no private key');
  expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe('not a key');
});
