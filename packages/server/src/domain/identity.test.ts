import { describe, expect, test } from 'bun:test';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LovelyError } from '../errors.ts';
import { IDENTITY_BYTES_MAX } from '../limits.ts';
import { identityHash, nameFromIdentity, parseIdentity, parsePublicKey, verifySignature } from './identity.ts';

/** What Debian's mender-client sent, with its three kinds of keys. */
const captured = JSON.parse(
  readFileSync(new URL('../../fixtures/mender-auth-requests.json', import.meta.url), 'utf8'),
) as { keyType: 'rsa' | 'ec' | 'ed25519'; body: string; signature: string }[];

const refusedWith = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof LovelyError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'not refused';
};

describe('an auth request of mender-client', () => {
  for (const [at, { keyType, body, signature }] of captured.entries()) {
    const name = `with an ${keyType} key (${at + 1} of ${captured.length})`;
    const { id_data, pubkey } = JSON.parse(body) as { id_data: string; pubkey: string };
    const bytes = Buffer.from(body);
    const signed = Buffer.from(signature, 'base64');

    test(`${name} is signed well and names its device`, () => {
      const key = parsePublicKey(pubkey);
      expect(key.type).toBe(keyType);
      expect(verifySignature(key, bytes, signed)).toBe(true);
      expect(Object.keys(parseIdentity(id_data))).toEqual(['mac', 'serial']);
    });

    test(`${name} is refused with a byte of the body or of the signature changed`, () => {
      const key = parsePublicKey(pubkey);
      expect(verifySignature(key, Buffer.from(body.replace('RSRCH', 'RSRCI')), signed)).toBe(false);
      expect(verifySignature(key, Buffer.from(JSON.stringify(JSON.parse(body))), signed)).toBe(false);
      expect(verifySignature(key, bytes, signed.with(signed.length - 1, signed.at(-1)! ^ 1))).toBe(false);
      expect(verifySignature(key, bytes, new Uint8Array(0))).toBe(false);
    });
  }

  test('signed by another key is refused', () => {
    const [first, second] = captured.map(({ body }) => parsePublicKey((JSON.parse(body) as { pubkey: string }).pubkey));
    const { body, signature } = captured[0]!;
    expect(verifySignature(first!, Buffer.from(body), Buffer.from(signature, 'base64'))).toBe(true);
    expect(verifySignature(second!, Buffer.from(body), Buffer.from(signature, 'base64'))).toBe(false);
  });
});

describe('an identity', () => {
  test('is the same device in whatever order its members come', () => {
    const hash = (text: string) => identityHash(parseIdentity(text)).toString('hex');
    expect(hash('{"mac":"02:00","sn":"1"}')).toBe(hash('{ "sn": "1", "mac": "02:00" }'));
    expect(hash('{"mac":"02:00"}')).not.toBe(hash('{"mac":"02:01"}'));
    expect(hash('{"mac":["1","2"]}')).not.toBe(hash('{"mac":"1,2"}'));
  });

  test('is an object of strings and lists of strings, within its limit', () => {
    expect(parseIdentity('{"mac":["02:00","02:01"],"sn":"1"}')).toEqual({ mac: ['02:00', '02:01'], sn: '1' });
    for (const bad of ['', 'null', '[]', '"a"', '{}', '{"a":1}', '{"a":{}}', '{"a":[1]}', '{"a":"\\u0000"}'])
      expect(refusedWith(() => parseIdentity(bad))).toStartWith('bad-request: id_data ');
    expect(refusedWith(() => parseIdentity(`{"a":"${'x'.repeat(IDENTITY_BYTES_MAX)}"}`))).toContain('longer than');
  });

  test('with half a character is refused: the database could not store it', () => {
    expect(refusedWith(() => parseIdentity('{"a":"\\ud800"}'))).toStartWith('bad-request: ');
    expect(refusedWith(() => parseIdentity('{"\\udc00":"a"}'))).toStartWith('bad-request: ');
    expect(parseIdentity('{"a":"\\ud83c\\udfe0"}')).toEqual({ a: '🏠' });
  });

  test('gives the device its first name', () => {
    expect(nameFromIdentity({ mac: '02:00', sn: 'A1' })).toBe('A1');
    expect(nameFromIdentity({ room: ['attic', 'cellar'] })).toBe('attic');
    expect(nameFromIdentity({ room: '' })).toBe('unnamed');
  });
});

describe('a public key', () => {
  test('has the fingerprint of its DER, however the PEM is wrapped', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const digest = createHash('sha256')
      .update(publicKey.export({ format: 'der', type: 'spki' }))
      .digest('hex');
    expect(parsePublicKey(pem).fingerprint.replaceAll(':', '')).toBe(digest);
    expect(parsePublicKey(pem.replaceAll('\n', '\r\n'))).toEqual(parsePublicKey(pem));
  });

  test('is refused when it is none, too weak, of another kind or too long', () => {
    const pemOf = (key: { export(options: { format: 'pem'; type: 'spki' }): string | Buffer }) =>
      key.export({ format: 'pem', type: 'spki' }).toString();
    const weak = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
    const exchange = pemOf(generateKeyPairSync('x25519').publicKey);
    for (const bad of ['', 'no key', weak, exchange, weak + ' '.repeat(10_000)])
      expect(refusedWith(() => parsePublicKey(bad))).toStartWith('bad-request: ');
  });
});
