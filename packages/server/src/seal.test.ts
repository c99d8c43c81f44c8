import { describe, expect, test } from 'bun:test';
import { createSealingKey } from './seal.ts';
import { createTestSeal } from './test-keys.ts';

const PURPOSE = 'webhook-secret/7';

describe('a sealed text', () => {
  const key = createSealingKey();
  const seal = createTestSeal([key]);

  test('opens for its purpose, whatever the text', () => {
    for (const text of ['', 'whsec_abc', 'Grüße\0🔑', 'x'.repeat(10_000)])
      expect(seal.open(PURPOSE, seal.seal(PURPOSE, text))).toBe(text);
  });

  test('hides the text and is another each time', () => {
    const sealed = seal.seal(PURPOSE, 'whsec_abc');
    expect(sealed).not.toContain('whsec_abc');
    expect(Buffer.from(sealed.split('.')[1]!, 'base64url').toString('latin1')).not.toContain('whsec_abc');
    expect(seal.seal(PURPOSE, 'whsec_abc')).not.toBe(sealed);
  });

  test('does not open for another purpose', () => {
    const sealed = seal.seal(PURPOSE, 'secret');
    for (const other of ['webhook-secret/8', 'webhook-secret', '']) expect(() => seal.open(other, sealed)).toThrow();
  });

  test('does not open with one bit changed, cut short, or empty', () => {
    const sealed = seal.seal(PURPOSE, 'secret');
    const [id, payload] = sealed.split('.');
    const bytes = Buffer.from(payload!, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect(() => seal.open(PURPOSE, `${id}.${changed.toString('base64url')}`)).toThrow();
      expect(() => seal.open(PURPOSE, `${id}.${bytes.subarray(0, at).toString('base64url')}`)).toThrow();
    }
    for (const text of ['', '.', id!, `${id}.`, payload!]) expect(() => seal.open(PURPOSE, text)).toThrow();
  });

  test('opens while its key is known, and says which one sealed it', () => {
    const sealed = seal.seal(PURPOSE, 'secret');
    const rotated = createTestSeal([createSealingKey(), key]);
    expect(rotated.open(PURPOSE, sealed)).toBe('secret');
    expect(sealed).toStartWith(`${key.id}.`);
    expect(rotated.seal(PURPOSE, 'secret')).toStartWith(`${rotated.currentKeyId()}.`);
    expect(() => createTestSeal().open(PURPOSE, sealed)).toThrow('its key is gone');
  });
});
